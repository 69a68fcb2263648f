/** SQL is in store files, and a module's SQL touches its own schema only. */
import { stringsOf } from '../strings.ts';
import { isCode, isTestCode, type Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const statement =
  /\b(select\s[^;]*\bfrom\b|insert\s+into\b|update\s+[a-z_.]+\s+set\b|delete\s+from\b|copy\s[^;]*\b(from\s+stdin|to\s+stdout)\b|truncate\s+[a-z_]+\.)/i;
const store = /(^|-)(store|audit)\.ts$/;
const module = /^server\/src\/(?:books|domains)\/([^/]+)\//;

export function checkSql(tree: Tree): Violation[] {
  const schemas = readSchemas(tree);
  return tree.files
    .filter((path) => path.startsWith('server/src/') && isCode(path) && !isTestCode(path))
    .flatMap((path) => checkFile(path, tree.read(path), schemas));
}

function checkFile(path: string, source: string, schemas: ReadonlySet<string>): Violation[] {
  // The embedded cluster and the migrations are what edge/postgres is; its SQL is about roles and grants.
  if (path.startsWith('server/src/edge/postgres/')) return [];
  if (!statement.test(source)) return [];
  const sql = stringsOf(path, source).filter((text) => statement.test(text));
  if (sql.length === 0) return [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  const misplaced = store.test(name) ? [] : [{ rule: 'sql-in-stores', path, message: 'SQL outside a store.ts' }];
  const own = module.exec(path)?.[1];
  const foreign = new Set(sql.flatMap((text) => schemasIn(text, schemas)).filter((schema) => schema !== own));
  return [
    ...misplaced,
    ...[...foreign].map((schema) => ({ rule: 'own-schema', path, what: schema, message: `touches schema ${schema}` })),
  ];
}

function readSchemas(tree: Tree): Set<string> {
  const created = tree.files
    .filter((path) => path.startsWith('server/migrations/'))
    .flatMap((path) => [...tree.read(path).matchAll(/create schema (?:if not exists )?([a-z_]+)/gi)]);
  return new Set(created.map((match) => match[1] as string));
}

function schemasIn(text: string, schemas: ReadonlySet<string>): string[] {
  return [...text.matchAll(/\b([a-z_]+)\.[a-z_]+/g)]
    .map((match) => match[1] as string)
    .filter((name) => schemas.has(name));
}
