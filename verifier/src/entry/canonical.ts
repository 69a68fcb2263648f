/** RFC 8785 (JCS) of values whose numbers are all integers between 0 and 2^53 - 1, as in our entries and openings. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/**
 * The one spelling of a value.
 * @throws TypeError on numbers that are not integers from 0 to 2^53 - 1, on text with lone surrogates, on anything that JSON has no word for
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'number':
      if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0))
        throw new TypeError(`${value} is not an integer from 0 to 2^53 - 1`);
      return String(value);
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('a text has a lone surrogate');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`;
      const members = value as Record<string, unknown>;
      // The default sort is by UTF-16 code units, as RFC 8785 asks.
      const names = Object.keys(members).sort();
      return `{${names.map((name) => `${canonical(name)}:${canonical(members[name])}`).join(',')}}`;
    }
    default:
      throw new TypeError(`JSON has no ${typeof value}`);
  }
}
