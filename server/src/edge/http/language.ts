/** English unless the request prefers Chinese. */
export type Language = 'en' | 'zh';

/** Reads Accept-Language (RFC 9110, section 12.5.4); what cannot be read counts as English. */
export function preferredLanguage(header: string | undefined): Language {
  if (header === undefined) return 'en';
  let best: Language = 'en';
  let bestWeight = 0;
  for (const part of header.slice(0, 400).split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const language = range.split('-')[0];
    if (language !== 'en' && language !== 'zh') continue;
    const given = parameters.find((text) => text.startsWith('q='));
    const weight = given === undefined ? 1 : Number(given.slice(2));
    if (weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}
