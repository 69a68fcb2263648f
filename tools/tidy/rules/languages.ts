/** What a person reads is said in English and in Chinese: words files in pairs with the same keys, refusals with both messages. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callsOf } from '../strings.ts';
import { isCode, isTestCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const chinese = /\p{Script=Han}/u;
const rule = 'both-languages';

export async function checkLanguages(tree: Tree): Promise<Violation[]> {
  const pairs = await Promise.all(
    [
      ...new Set(
        tree.files.filter((path) => /\.(en|zh)\.ts$/.test(path)).map((path) => path.replace(/\.(en|zh)\.ts$/, '')),
      ),
    ].map((stem) => checkPair(tree, stem)),
  );
  return [...pairs.flat(), ...checkRefusals(tree)];
}

async function checkPair(tree: Tree, stem: string): Promise<Violation[]> {
  const [en, zh] = [`${stem}.en.ts`, `${stem}.zh.ts`];
  for (const [path, other] of [
    [en, zh],
    [zh, en],
  ] as const)
    if (!tree.files.includes(path)) return [{ rule, path: other, message: `has no ${path}` }];
  const [english, han] = await Promise.all([readWords(tree, en), readWords(tree, zh)]);
  return [
    ...missing(english, han).map((key) => ({ rule, path: zh, message: `lacks ${key}` })),
    ...missing(han, english).map((key) => ({ rule, path: en, message: `lacks ${key}` })),
    ...[...english]
      .filter(([key, text]) => han.has(key) && blanks(text) !== blanks(han.get(key) ?? ''))
      .map(([key]) => ({ rule, path: zh, message: `${key} does not fill in what the English does` })),
    ...empty(en, english),
    ...empty(zh, han),
  ];
}

async function readWords(tree: Tree, path: string): Promise<Map<string, string>> {
  const found = await import(pathToFileURL(join(tree.root, path)).href);
  return new Map(flatten({ ...found }, ''));
}

/** Plural forms differ by language: keys are compared without them. */
function flatten(value: unknown, key: string): [string, string][] {
  if (typeof value !== 'object' || value === null)
    return [[key.replace(/_(zero|one|two|few|many|other)$/, ''), String(value)]];
  return Object.entries(value).flatMap(([name, inner]) => flatten(inner, key === '' ? name : `${key}.${name}`));
}

function missing(from: ReadonlyMap<string, string>, of: ReadonlyMap<string, string>): string[] {
  return [...from.keys()].filter((key) => !of.has(key));
}

function blanks(text: string): string {
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]))].sort().join();
}

function empty(path: string, words: ReadonlyMap<string, string>): Violation[] {
  return [...words]
    .filter(([, text]) => text.trim() === '')
    .map(([key]) => ({ rule, path, message: `${key} is empty` }));
}

/** `refusal(kind, code, english, chinese)` in the server's code. */
function checkRefusals(tree: Tree): Violation[] {
  return tree.files
    .filter((path) => path.startsWith('server/src/') && isCode(path) && !isTestCode(path))
    .filter((path) => tree.read(path).includes('refusal('))
    .flatMap((path) =>
      callsOf(path, tree.read(path), 'refusal')
        .filter(([, , en, zh]) => (en !== undefined && chinese.test(en)) || (zh !== undefined && !chinese.test(zh)))
        .map(([, code]) => ({ rule, path, message: `refusal ${code} is not in English, then Chinese` })),
    );
}
