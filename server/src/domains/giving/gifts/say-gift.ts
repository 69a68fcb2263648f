/** What a gift is, in a sentence for people; not authenticated, the entries are. */
import type { GiftFacts, PartFacts } from './store.ts';

type Texts = { en: string; zh: string };
type Name = { en?: string; zh?: string };

export function sayGift(purpose: 'live' | 'test', facts: GiftFacts, parts: readonly PartFacts[]): Texts {
  const money = (minor: bigint) => `${facts.asset} ${decimal(minor, facts.scale)}`;
  const merchant = facts.merchantName ?? {
    en: `merchant ${facts.merchantPublicId}`,
    zh: `商家 ${facts.merchantPublicId}`,
  };
  const recipients = (language: keyof Texts) =>
    parts
      .map((part) => `${named(part.name, language)} (${named(part.charity, language)}) ${money(part.amount)}`)
      .join(language === 'en' ? '; ' : '；');
  const en = [
    `${money(facts.given)} given by ${named(merchant, 'en')} to ${recipients('en')}.`,
    'Promised, not yet paid. Not a tax receipt.',
  ];
  const zh = [
    `${named(merchant, 'zh')} 捐赠 ${money(facts.given)}，受赠方：${recipients('zh')}。`,
    '已承诺，尚未支付。本存证不是税务票据。',
  ];
  if (facts.returned > 0n) {
    en.push(`${money(facts.returned)} was returned with the goods.`);
    zh.push(`其中 ${money(facts.returned)} 因退货退回。`);
  }
  if (facts.imported) {
    en.push('Imported from earlier records.');
    zh.push('由历史记录导入。');
  }
  if (purpose === 'test') {
    en.push('This is a test, not a gift.');
    zh.push('这是测试数据，不是真实捐赠。');
  }
  return { en: en.join(' '), zh: zh.join('') };
}

function named(name: Name, language: keyof Texts): string {
  return name[language] ?? name.en ?? name.zh ?? '';
}

/** Minor units as a decimal of the major unit: 2 with scale 2 is 0.02. */
function decimal(minor: bigint, scale: number): string {
  if (scale === 0) return String(minor);
  const digits = String(minor).padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
