/** The demo's shops. Made up, like all of it. */

export interface DemoShop {
  readonly en: string;
  readonly zh: string;
  /** What its cheapest and dearest goods cost, in fen. */
  readonly prices: readonly [number, number];
}

/** By kind of goods: prices in fen, then shops as `English | 中文`. */
const kinds: readonly (readonly [from: number, to: number, shops: string])[] = [
  [
    1900,
    26800,
    `Kite & Kettle Teas | 风筝壶茶行
     Cloud Step Tea Garden | 云阶茶园
     Third Steep | 三泡茶铺
     Old Jetty Coffee | 老码头咖啡
     Plum Rain Brews | 梅雨饮坊`,
  ],
  [
    900,
    12900,
    `Slow Noodle Works | 慢手面坊
     Red Bridge Pantry | 红桥食品
     Sunlit Granary | 晒谷场
     Bamboo Steamer Bakes | 竹屉点心
     Nine Orchards | 九果园
     Walnut Lane Snacks | 核桃巷零食
     Salt & Barley | 盐与麦`,
  ],
  [
    1500,
    39900,
    `Quiet Cups | 静杯陶瓷
     Blue Kiln | 青窑
     Rice Bowl Studio | 饭碗工作室
     North Window Lamps | 北窗灯具
     Two Chairs | 两把椅子
     Morning Linen | 晨麻家纺
     Broom & Basket | 扫帚与篮`,
  ],
  [
    500,
    6900,
    `Paper Boat Stationery | 纸船文具
     Pencil Street | 铅笔街
     Ink Sparrow | 墨雀文房
     Little Abacus | 小算盘
     Round Table Games | 圆桌游戏`,
  ],
  [
    2900,
    29900,
    `Long Sleeve Tailors | 长袖裁缝铺
     Warm Soles | 暖底鞋坊
     Hill Wool | 山羊绒舍
     Seven Buttons | 七颗纽扣
     Plain Cotton | 素棉
     Rain Hat | 雨帽
     Sock Weather | 袜子天气`,
  ],
  [
    1200,
    19900,
    `Soap Nut | 皂角
     Camellia Press | 山茶油坊
     Ginger Comb | 姜梳
     Dew Jar | 露罐
     Clean Slate | 素洁日用`,
  ],
  [
    1800,
    35900,
    `Tumble Toys | 翻斗玩具
     Cotton Bear | 棉花熊
     First Steps | 小脚丫
     Star Mobile | 星星床铃
     Picture Well | 画井童书`,
  ],
  [
    800,
    15900,
    `Garden Gate Seeds | 园门种子
     Tin Watering Can | 铁皮水壶
     Moss & Stone | 苔石
     Bird Table | 鸟食台`,
  ],
  [
    2500,
    49900,
    `Trail Lunch | 山野行装
     Bell & Pedal | 铃铛单车
     Low Tide | 退潮户外
     Jade Racket | 玉拍体育
     Two Oars | 双桨`,
  ],
];

export const demoShops: readonly DemoShop[] = kinds.flatMap(([from, to, shops]) =>
  shops.split('\n').map((line) => {
    const [en = '', zh = ''] = line.split('|').map((name) => name.trim());
    return { en, zh, prices: [from, to] as const };
  }),
);
