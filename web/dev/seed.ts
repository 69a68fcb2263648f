import { RivuletClient } from '@rivulet/client';
import { makeKey } from '../../client/src/replay/server.ts';
const env = { ...process.env, RIVULET_DATA: '/tmp/rdata' };
const { key } = await makeKey(env);
const client = new RivuletClient({ url: 'http://127.0.0.1:8077', key });
const names: [string, string, string, string][] = [
  ['School lunches in the hills', '山里孩子的午餐', 'Green Ridge Children’s Fund', '青岭儿童基金会'],
  ['Care packs for new pupils', '新生关爱包', 'Bright Road Foundation', '明路公益基金会'],
  ['Lunches for the very old', '高龄老人午餐', 'Evening Lamp Society', '晚灯养老服务中心'],
  ['Village doctors', '乡村医生', 'Clear Spring Foundation', '清泉基金会'],
  ['Saxaul trees against the sand', '梭梭固沙', 'Desert Edge Greening', '沙缘绿化促进会'],
  ['Insurance for families in need', '困难家庭健康保险', 'Clear Spring Foundation', '清泉基金会'],
  ['A library for every village school', '乡村学校图书角', 'Bright Road Foundation', '明路公益基金会'],
  ['Stray animals: clinics', '流浪动物诊疗', 'Warm Paw Association', '暖爪动物保护协会'],
  ['Parenting centres for the very young', '婴幼儿养育中心', 'Green Ridge Children’s Fund', '青岭儿童基金会'],
  ['Wetland watch', '湿地守望', 'Desert Edge Greening', '沙缘绿化促进会'],
];
await client.putSource('shop-1', { name: { en: 'Corner Market', zh: '街角集市' }, zone: 'Asia/Shanghai', currencies: ['CNY', 'USD'] });
await client.putSource('shop-t', { name: { en: 'Test Market', zh: '测试集市' }, zone: 'Asia/Shanghai', currencies: ['CNY'], test: true });
await client.putRecipients(names.map(([en, zh, c, cz], n) => ({ recipient: `r${n}`, type: 'project', name: { en, zh }, charity: { en: c, zh: cz }, assets: ['CNY', 'USD'] })));
const agreement = { reference: 'A', signedOn: '2026-01-01' };
for (const s of ['shop-1', 'shop-t']) await client.putMerchants(s, [
  { merchant: 'm-1', name: { en: 'Kite & Kettle Teas', zh: '风筝壶茶行' }, public: true, agreement },
  { merchant: 'm-2', name: { en: 'Quiet', zh: '静' }, agreement },
]);
for (const s of ['shop-1', 'shop-t']) await client.putPledges(s, names.map((_, n) => ({ pledge: `p${n}`, merchant: n % 2 ? 'm-2' : 'm-1', currency: 'CNY', fixedMinor: 20, per: 'line' as const, recipients: [{ recipient: `r${n}`, weight: 7 }, { recipient: `r${(n + 1) % 10}`, weight: 3 }], items: [`i${n}`] })));
const now = () => new Date().toISOString();
let k = Number(process.env['K'] ?? Date.now());
const ev = (source: string, n: number) => ({ type: 'order.completed' as const, source, order: `A${k++}`, line: '1', merchant: n % 2 ? 'm-2' : 'm-1', item: `i${n}`, buyer: 'u', quantity: 1, paid: 1990, currency: 'CNY', placedAt: now(), completedAt: now() });
const pick = () => Math.min(9, Math.floor(-Math.log(Math.random()) * 2.2));
const first = await client.sendOrders(Array.from({ length: Number(process.env['N'] ?? 3000) }, () => ev('shop-1', pick())));
const t = await client.sendOrders([ev('shop-t', 0)]);
const show = (r: any) => console.log(r.gift, r.code);
show(first.results[0]); show(first.results[1]); show(t.results[0]);
const r = first.results[0] as any;
if (process.env['STREAM']) for (;;) { await client.sendOrders(Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () => ev('shop-1', pick()))); await new Promise((x) => setTimeout(x, 700)); }
