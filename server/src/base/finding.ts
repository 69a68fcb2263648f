/** What an audit looked at and found. */
export interface Finding {
  /** What must hold, in words. */
  readonly check: string;
  readonly ok: boolean;
  /** Where it does not, or what was counted. */
  readonly detail: string;
}

/** A finding from rows that break the rule: none is well. `count` is the number looked at where that is worth saying. */
export function findingOf(check: string, broken: readonly object[], looked?: number | string): Finding {
  const [first] = broken;
  const detail =
    first === undefined ? (looked === undefined ? '' : `${looked} looked at`) : describe(broken.length, first);
  return { check, ok: first === undefined, detail };
}

function describe(count: number, first: object): string {
  const named = Object.entries(first).map(([name, value]) => `${name} ${value}`);
  return `${count >= 100 ? '100 or more' : count} broken, the first at ${named.join(', ')}`;
}
