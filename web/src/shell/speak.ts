// All words of the site, and one i18next instance for each language. A page's words live beside the page.
import i18next, { type i18n } from 'i18next';
import { explained as explainedEn } from '../pages/explained/words.en.ts';
import { explained as explainedZh } from '../pages/explained/words.zh.ts';
import { giving as givingEn } from '../pages/giving/words.en.ts';
import { giving as givingZh } from '../pages/giving/words.zh.ts';
import { log as logEn } from '../pages/log/words.en.ts';
import { log as logZh } from '../pages/log/words.zh.ts';
import type { Language } from './language.ts';
import { shell as shellEn } from './words.en.ts';
import { shell as shellZh } from './words.zh.ts';

const english = { shell: shellEn, giving: givingEn, log: logEn, explained: explainedEn };
const chinese = { shell: shellZh, giving: givingZh, log: logZh, explained: explainedZh };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof english;
  }
}

/**
 * The same words in another language: every key must be there. Chinese has no singular form, so what ends in `_one` is
 * for English only.
 */
export type Translated<Words> = {
  [Key in keyof Words as Key extends `${string}_one` ? never : Key]: Words[Key] extends string
    ? string
    : Translated<Words[Key]>;
};

function voice(language: Language): i18n {
  const instance = i18next.createInstance();
  instance.init({
    lng: language,
    resources: { en: english, zh: chinese },
    ns: Object.keys(english),
    defaultNS: 'shell',
    fallbackLng: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    initAsync: false,
  });
  return instance;
}

const voices: Record<Language, i18n> = { en: voice('en'), zh: voice('zh') };

export function speak(language: Language): i18n {
  return voices[language];
}
