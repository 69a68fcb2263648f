// What a proof says, from its proved entries alone: laid out like the slip of the gift page.
import type { GiftStatement, GiftVerdict, Name } from '@rivulet/verifier';
import type { Language } from '../../../shell/language.ts';
import { count, money } from '../../../shell/money.ts';
import { element } from './element.ts';
import { fill, type Words } from './step.ts';

export function showGift(verdict: GiftVerdict, gift: GiftStatement, words: Words, language: Language): HTMLElement {
  const amount = (minor: number) => money(BigInt(minor), gift.asset, language, gift.scale);
  const { says } = words;
  const facts = element('dl', { class: 'facts' }, fact(says.by, [name(gift.merchant.name, says.unnamed, language)]));
  const parts = gift.parts.map(({ recipient, given }) =>
    element(
      'dd',
      { class: 'part' },
      element('span', {}, name(recipient.name, '', language), charity(recipient.charity, language)),
      element('span', { class: 'amount' }, amount(given)),
    ),
  );
  facts.append(element('div', {}, element('dt', {}, says.to), ...parts));
  if (gift.returned > 0) {
    facts.append(fact(says.returned, [amount(gift.returned)]), fact(says.kept, [amount(gift.given - gift.returned)]));
  }
  facts.append(fact(says.place, [count(gift.index, language)]));
  const order = verdict.order;
  if (order !== undefined) {
    const values = { order: order.order, line: order.line, item: order.item, paid: amount(Number(order.paid)) };
    facts.append(fact(says.order, [fill(says.orderText, values)]));
  }
  return element(
    'article',
    { class: 'slip' },
    element('p', { class: 'slip-state' }, gift.returned < gift.given ? says.state : says.stateReturned),
    element('h2', {}, fill(says.gift, { amount: amount(gift.given) })),
    facts,
    ...notes(gift, words).map((text) => element('p', { class: 'note' }, text)),
  );
}

function notes(gift: GiftStatement, { says }: Words): string[] {
  const notes = [says.notReceipt];
  if (gift.purpose === 'test') notes.unshift(says.test);
  if (gift.terms.imported) notes.unshift(says.imported);
  return notes;
}

function fact(title: string, values: (string | HTMLElement)[]): HTMLElement {
  return element('div', {}, element('dt', {}, title), element('dd', { class: 'amount' }, ...values));
}

function charity(of: Name, language: Language): HTMLElement {
  const shown = name(of, '', language);
  shown.className = 'note';
  return shown;
}

function name(of: Name | undefined, otherwise: string, language: Language): HTMLElement {
  const own = of?.[language];
  if (of === undefined || own !== undefined) return element('span', {}, own ?? otherwise);
  return element('span', { lang: language === 'en' ? 'zh-CN' : 'en' }, of.en ?? of.zh ?? '');
}
