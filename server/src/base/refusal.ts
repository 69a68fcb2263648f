/** The answer is no, and that is normal: a returned value, never thrown across a module's face. */
export type RefusalKind = 'invalid' | 'unauthorised' | 'missing' | 'conflict' | 'exhausted' | 'gone';

export interface Refusal {
  readonly refused: RefusalKind;
  /** Machine word, stable: part of the contract. */
  readonly code: string;
  /** Path of the offending member, for example `recipients[2].weight`. */
  readonly field?: string;
  /** Both languages, ready to show. */
  readonly message: { readonly en: string; readonly zh: string };
}

export function refusal(kind: RefusalKind, code: string, en: string, zh: string, field?: string): Refusal {
  return { refused: kind, code, message: { en, zh }, ...(field === undefined ? {} : { field }) };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
