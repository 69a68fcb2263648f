// Writes new totals into the figures that the server rendered.
import type { AssetTotal, Totals } from '@rivulet/client/contract';
import { isLanguage, type Language } from '../../../shell/language.ts';
import { count, money, moneyParts } from '../../../shell/money.ts';

/** The words that change with a figure, in the page's language; `{{n}}` and `{{amount}}` are filled in. */
export interface LiveWords {
  gifts_one: string;
  gifts_other: string;
  returned: string;
  asOf: string;
  live: string;
  pause: string;
  resume: string;
  paused: string;
  away: string;
}

/** An asset that the page has no figure for makes it fetch the section anew, once a stream. */
export function writeTotals(section: HTMLElement, totals: Totals, words: LiveWords): void {
  const language = pageLanguage();
  for (const [asset, total] of Object.entries(totals.assets)) {
    const figure = section.querySelector<HTMLElement>(`[data-asset="${CSS.escape(asset)}"]`);
    if (figure === null) {
      void renew(section);
      return;
    }
    writeFigure(figure, asset, total, words, language);
  }
  put(section, 'asOf', words.asOf.replace('{{n}}', count(totals.asOf.logSize, language)));
}

function writeFigure(figure: HTMLElement, asset: string, total: AssetTotal, words: LiveWords, language: Language) {
  const { number } = moneyParts(BigInt(total.givenMinor), asset, language);
  put(figure, 'given', number);
  figure.querySelector('.amount')?.classList.toggle('long', number.length > 12);
  const gifts = total.gifts === '1' ? words.gifts_one : words.gifts_other;
  put(figure, 'gifts', gifts.replace('{{n}}', count(BigInt(total.gifts), language)));
  if (total.returnedMinor !== '0') {
    put(figure, 'returned', words.returned.replace('{{amount}}', money(BigInt(total.returnedMinor), asset, language)));
  }
}

function put(within: HTMLElement, name: string, text: string): Element | null {
  const place = within.querySelector(`[data-live="${name}"]`);
  if (place !== null && place.textContent !== text) place.textContent = text;
  return place;
}

let renewing = false;

/** The server knows how to draw what is new: takes its figures over from a fresh copy of this page. */
async function renew(section: HTMLElement): Promise<void> {
  if (renewing) return;
  renewing = true;
  const page = await fetch(location.pathname).then((response) => response.text());
  const fresh = new DOMParser().parseFromString(page, 'text/html').querySelector('[data-figures]');
  if (fresh !== null) section.querySelector('[data-figures]')?.replaceWith(fresh);
  renewing = false;
}

function pageLanguage(): Language {
  const primary = document.documentElement.lang.slice(0, 2);
  return isLanguage(primary) ? primary : 'en';
}
