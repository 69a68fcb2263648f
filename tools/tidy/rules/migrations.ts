/** Migrations are 0001-name.sql, 0002-name.sql …, without a gap. */
import type { Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

const folder = 'server/migrations/';

export function checkMigrations(tree: Tree): Violation[] {
  const names = tree.files.filter((path) => path.startsWith(folder) && !path.endsWith('.md'));
  return names.flatMap((path, i) => {
    const number = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/.exec(path.slice(folder.length))?.[1];
    const due = String(i + 1).padStart(4, '0');
    return number === due ? [] : [{ rule: 'migrations', path, message: `expected ${due}-<name>.sql` }];
  });
}
