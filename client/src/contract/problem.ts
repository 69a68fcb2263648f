/** What is wrong with a value: a code for programs, a path, a sentence in both languages. Zod's issues become problems here. */
import type { z } from 'zod';

export interface Message {
  readonly en: string;
  readonly zh: string;
}

/** `field` is the path of the member, for example `recipients[2].weight`; absent when the whole value is meant. */
export interface Problem {
  readonly code: ProblemCode;
  readonly field?: string;
  readonly message: Message;
}

export type ProblemCode =
  | 'wrong_type'
  | 'missing_member'
  | 'unknown_member'
  | 'unknown_value'
  | 'too_small'
  | 'too_large'
  | 'bad_format'
  | 'invalid';

/** True for a problem; an order event never has a member `code`. */
export function isProblem(value: object): value is Problem {
  return 'code' in value;
}

/** What a schema says of a text that has the wrong form; set as the schema's `error`, read back by `problemOf`. */
const described = new Map<string, Message>();

/** Registers a sentence in both languages and returns its English form, which zod carries as the issue's message. */
export function says(en: string, zh: string): string {
  described.set(en, { en, zh });
  return en;
}

const types: Record<string, Message> = {
  string: { en: 'must be text', zh: '必须是文本' },
  number: { en: 'must be an integer', zh: '必须是整数' },
  int: { en: 'must be an integer', zh: '必须是整数' },
  boolean: { en: 'must be true or false', zh: '必须是 true 或 false' },
  array: { en: 'must be a list', zh: '必须是列表' },
  object: { en: 'must be an object', zh: '必须是对象' },
};

export const problems = {
  wrongType: (expected: string, field?: string) =>
    problem('wrong_type', types[expected] ?? { en: `must be ${expected}`, zh: `类型必须是 ${expected}` }, field),
  missing: (field: string) => problem('missing_member', { en: 'is missing', zh: '缺少此字段' }, field),
  unknownMember: (field: string) => problem('unknown_member', { en: 'is not known here', zh: '不认识此字段' }, field),
  unknownValue: (allowed: readonly string[], field?: string) =>
    problem(
      'unknown_value',
      { en: `must be one of: ${allowed.join(', ')}`, zh: `必须是以下之一：${allowed.join('、')}` },
      field,
    ),
  tooSmall: (minimum: number, what: Measured, field?: string) =>
    problem(
      'too_small',
      { en: `must be at least ${minimum}${unit[what].en}`, zh: `不能少于 ${minimum}${unit[what].zh}` },
      field,
    ),
  tooLarge: (maximum: number, what: Measured, field?: string) =>
    problem(
      'too_large',
      { en: `must be at most ${maximum}${unit[what].en}`, zh: `不能超过 ${maximum}${unit[what].zh}` },
      field,
    ),
  badFormat: (message: Message, field?: string) => problem('bad_format', message, field),
} as const;

type Measured = 'number' | 'string' | 'array';
const unit: Record<Measured, Message> = {
  number: { en: '', zh: '' },
  string: { en: ' characters', zh: ' 个字符' },
  array: { en: ' rows', zh: ' 项' },
};

function problem(code: ProblemCode, message: Message, field?: string): Problem {
  return field === undefined ? { code, message } : { code, field, message };
}

/**
 * The first thing that is wrong, members in the order of the schema and unknown members last.
 * @param value what was parsed: zod does not say whether a member was missing or of the wrong type.
 */
export function problemOf(error: z.ZodError, value: unknown): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return problem('invalid', { en: 'is not valid', zh: '无效' });
  const field = issue.path.length > 0 ? fieldPath(issue.path) : undefined;
  const absent = issue.path.length > 0 && at(value, issue.path) === undefined;
  switch (issue.code) {
    case 'invalid_type':
      return absent && field !== undefined ? problems.missing(field) : problems.wrongType(issue.expected, field);
    case 'unrecognized_keys':
      return problems.unknownMember(fieldPath([...issue.path, issue.keys[0] ?? '']));
    case 'invalid_value':
      if (absent && field !== undefined) return problems.missing(field);
      return problems.unknownValue(issue.values.map(String), field);
    case 'too_small':
      return problems.tooSmall(Number(issue.minimum), measured(issue.origin), field);
    case 'too_big':
      return problems.tooLarge(Number(issue.maximum), measured(issue.origin), field);
    case 'invalid_format':
      return problems.badFormat(sentence(issue.message), field);
    case 'invalid_union':
      if (absent && field !== undefined) return problems.missing(field);
      if ('options' in issue && Array.isArray(issue.options))
        return problems.unknownValue(issue.options.map(String), field);
      return problem('invalid', sentence(issue.message), field);
    default:
      return problem(
        typeof at(value, issue.path) === 'string' ? 'bad_format' : 'invalid',
        sentence(issue.message),
        field,
      );
  }
}

function sentence(message: string): Message {
  return described.get(message) ?? { en: message, zh: '无效' };
}

function measured(origin: string): Measured {
  return origin === 'string' || origin === 'array' ? origin : 'number';
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[key];
  }
  return here;
}

/** `['recipients', 2, 'weight']` as `recipients[2].weight`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : text === '' ? String(key) : `.${String(key)}`;
  return text;
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** Reads an unknown value by a schema of the contract: the typed value with defaults filled in, or the first problem. */
export function read<S extends z.ZodType>(schema: S, value: unknown): Read<z.output<S>> {
  const result = schema.safeParse(value);
  return result.success ? { ok: true, value: result.data } : { ok: false, problem: problemOf(result.error, value) };
}
