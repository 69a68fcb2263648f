// The two languages of the site and how a visitor's is chosen.

export type Language = 'en' | 'zh';

/** Value of the html `lang` attribute, and the locale that Intl is asked for. */
export const tag: Record<Language, string> = { en: 'en', zh: 'zh-CN' };

export function isLanguage(text: string | undefined): text is Language {
  return text === 'en' || text === 'zh';
}

/**
 * Chinese or English from an Accept-Language header, by its quality values; English when it names neither.
 * Only the primary subtag counts: zh-TW is served Chinese.
 */
export function negotiate(header: string | null): Language {
  let best: Language = 'en';
  let bestQuality = 0;
  for (const part of (header ?? '').slice(0, 500).split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const primary = range.split('-')[0];
    const stated = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
    const quality = stated === undefined ? 1 : Number(stated.slice(2));
    if (isLanguage(primary) && quality > bestQuality) {
      best = primary;
      bestQuality = quality;
    }
  }
  return best;
}

/** The path of the same page in another language. */
export function inLanguage(path: string, language: Language): string {
  return path.replace(/^\/(en|zh)(?=\/|$)/, `/${language}`);
}
