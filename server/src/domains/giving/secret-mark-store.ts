/** Holds the database to the secrets that it was written under. */
import type { Pool } from 'pg';
import { KeyedHash } from '#base/bytes/keyed-hash';

/** Remembers the secret's mark when the database knows none of that name. @returns false when it knows another: this is not the secret */
export async function marksSecret(pool: Pool, name: string, secret: string): Promise<boolean> {
  const mark = Buffer.from(new KeyedHash(secret).digest('rivulet secret mark'), 'latin1');
  await pool.query('insert into giving.secret_mark (name, mark) values ($1, $2) on conflict do nothing', [name, mark]);
  const found = await pool.query<{ same: boolean }>(
    'select mark = $2 as same from giving.secret_mark where name = $1',
    [name, mark],
  );
  return found.rows[0]?.same ?? false;
}

/** Whether the database was written under a secret of that name. */
export async function knowsSecret(pool: Pool, name: string): Promise<boolean> {
  const found = await pool.query('select from giving.secret_mark where name = $1', [name]);
  return found.rowCount === 1;
}
