/** Small checks that a parsed JSON value has a shape. Each throws an EntryError naming the member and the rule. */
import { EntryError } from '../failure.ts';

/** @param at path of the value within its entry */
export type Check = (value: unknown, at: string) => void;

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, at) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
    throw new EntryError('integer', at, `is not an integer from ${min} to ${max}`, `不是 ${min} 到 ${max} 之间的整数`);
  };
}

export function exactly(...allowed: readonly unknown[]): Check {
  const list = allowed.map((value) => JSON.stringify(value)).join(', ');
  return (value, at) => {
    if (!allowed.includes(value)) throw new EntryError('value', at, `is not one of ${list}`, `不在 ${list} 之中`);
  };
}

/** @param what the rule in words, English and Chinese, to follow "is not" and "不是" */
export function text(pattern: RegExp, en: string, zh: string, also: (text: string) => boolean = () => true): Check {
  return (value, at) => {
    if (typeof value === 'string' && pattern.test(value) && also(value)) return;
    throw new EntryError('text', at, `is not ${en}`, `不是${zh}`);
  };
}

export function list(check: Check, min: number, max: number): Check {
  return (value, at) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw new EntryError('list', at, `is not a list of ${min} to ${max}`, `不是 ${min} 到 ${max} 项的列表`);
    }
    for (let i = 0; i < value.length; i++) check(value[i], `${at}[${i}]`);
  };
}

export function tuple(...checks: readonly Check[]): Check {
  return (value, at) => {
    if (!Array.isArray(value) || value.length !== checks.length) {
      throw new EntryError('list', at, `is not a list of ${checks.length}`, `不是 ${checks.length} 项的列表`);
    }
    for (const [i, check] of checks.entries()) check(value[i], `${at}[${i}]`);
  };
}

/** A list whose texts rise: sorted, each once. */
export function rising(check: Check): Check {
  return (value, at) => {
    check(value, at);
    const texts = value as readonly string[];
    if (texts.some((one, i) => i > 0 && one <= (texts[i - 1] as string))) {
      throw new EntryError('sorted', at, 'is not sorted, each once', '未排序或有重复');
    }
  };
}

/** An object used as a map: every name and every value is checked. */
export function map(names: RegExp, check: Check): Check {
  return (value, at) => {
    for (const [name, one] of membersOf(value, at)) {
      if (!names.test(name)) throw unknownMember(join(at, name));
      check(one, join(at, name));
    }
  };
}

/** An object with exactly these members; those in `optional` may be absent. */
export function object(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value, at) => {
    const members = membersOf(value, at);
    for (const [name, one] of members) {
      const check = known.get(name);
      if (!check) throw unknownMember(join(at, name));
      check(one, join(at, name));
    }
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(value as object, name)) throw new EntryError('missing', join(at, name), 'is missing', '缺失');
    }
  };
}

/** The first of the shapes whose deciding member is present. */
export function choice(shapes: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    const found = membersOf(value, at).find(([name]) => Object.hasOwn(shapes, name));
    const names = Object.keys(shapes).join(', ');
    if (!found) throw new EntryError('missing', at, `has none of ${names}`, `缺少 ${names} 之一`);
    (shapes[found[0]] as Check)(value, at);
  };
}

function membersOf(value: unknown, at: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new EntryError('object', at, 'is not an object', '不是对象');
}

function unknownMember(at: string): EntryError {
  return new EntryError(
    'unknown_member',
    at.slice(0, 200),
    'is a member that this kind does not have',
    '不是该类条目的成员',
  );
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
