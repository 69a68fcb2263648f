/** Whom the demo gives to. Everything here is made up, and every charity's name says so. */
import type { RecipientRow } from '@rivulet/client';

const charities = {
  spring: { en: 'Clear Spring Foundation (demo)', zh: '清泉公益基金会（演示）' },
  hills: { en: "Far Hills Children's Centre (demo)", zh: '远山儿童发展中心（演示）' },
  lantern: { en: "Paper Lantern Elders' Service (demo)", zh: '纸灯笼助老服务社（演示）' },
  oasis: { en: 'Oasis Ecology Society (demo)', zh: '绿洲生态协会（演示）' },
  ferry: { en: 'Ferry Rural Health Foundation (demo)', zh: '渡口乡村健康基金会（演示）' },
} as const;

const projects: readonly (readonly [id: string, charity: keyof typeof charities, en: string, zh: string])[] = [
  ['school-lunch', 'spring', 'Hot lunches at hill schools', '山区学校的热午餐'],
  ['care-pack', 'spring', 'Care packs for pupils', '给学生的关爱包'],
  ['clean-water', 'spring', 'Clean drinking water at school', '校园净水'],
  ['companions', 'hills', 'Saturday companions for children far from their parents', '周末陪伴留守儿童'],
  ['parenting-centre', 'hills', 'Village parenting centres', '乡村养育中心'],
  ['bursary', 'hills', "Girls' high school bursaries", '高中女生助学金'],
  ['reading-corner', 'hills', 'Reading corners in village schools', '村小图书角'],
  ['elder-canteen', 'lantern', "Lunch at the elders' canteen", '老人食堂的午饭'],
  ['home-visit', 'lantern', 'Home visits to elders who live alone', '独居老人上门探访'],
  ['saplings', 'oasis', 'Saxaul saplings against the sand', '梭梭树苗固沙'],
  ['county-cover', 'ferry', 'Health cover for all children of a county', '全县儿童健康补充保险'],
  ['village-doctor', 'ferry', 'Kit and training for village doctors', '村医装备与培训'],
  ['mother-baby', 'ferry', 'Mother and baby health kits', '母婴健康包'],
];

export const demoRecipients: readonly RecipientRow[] = [
  ...projects.map(([recipient, charity, en, zh]): RecipientRow => {
    return { recipient, type: 'project', name: { en, zh }, charity: charities[charity], assets: ['CNY'] };
  }),
  { recipient: 'oasis', type: 'organisation', name: charities.oasis, charity: charities.oasis, assets: ['CNY'] },
];
