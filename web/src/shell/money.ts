// Amounts for people: exact at any size, from minor units as the books hold them.
import { type Language, tag } from './language.ts';

/** 1990n at scale 2 → "19.90". Exact for any bigint. */
export function decimal(minor: bigint, scale: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  const sign = minor < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

/** Decimal places of a currency's minor unit by Intl; 0 for what is no currency (minutes, grams). */
export function scaleOf(asset: string): number {
  if (!isCurrency(asset)) return 0;
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency: asset }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/**
 * An amount of minor units in the language's way of writing money. What is no currency is followed by its code.
 * @param scale decimal places, where the books say so
 */
export function money(minor: bigint, asset: string, language: Language, scale = scaleOf(asset)): string {
  const { currency, number } = moneyParts(minor, asset, language, scale);
  return isCurrency(asset) ? `${currency}${number}` : `${number} ${currency}`;
}

/** The same in two pieces, for setting the currency smaller. Both languages put it first. */
export function moneyParts(
  minor: bigint,
  asset: string,
  language: Language,
  scale = scaleOf(asset),
): { currency: string; number: string } {
  const digits = { minimumFractionDigits: scale, maximumFractionDigits: scale };
  const number = new Intl.NumberFormat(tag[language], digits).format(
    decimal(minor, scale) as Intl.StringNumericLiteral,
  );
  if (!isCurrency(asset)) return { currency: asset, number };
  const parts = new Intl.NumberFormat(tag[language], { style: 'currency', currency: asset }).formatToParts(0);
  const mark = parts.filter((part) => part.type === 'currency').map((part) => part.value);
  // A code for want of a sign is set apart: "XAU 12", but "¥12".
  const currency = mark.join('');
  return { currency: /[A-Z]$/.test(currency) ? `${currency}\u00a0` : currency, number };
}

function isCurrency(asset: string): boolean {
  return /^[A-Z]{3}$/.test(asset) && asset !== 'MIN';
}

/** A whole number with the language's grouping. */
export function count(number: bigint | number, language: Language): string {
  return new Intl.NumberFormat(tag[language]).format(number);
}
