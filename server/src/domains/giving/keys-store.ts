/** SQL for API keys. */
import type { Pool } from 'pg';

export interface KeyRow {
  readonly keyId: string;
  readonly scope: 'operator' | 'source';
  readonly source: string | null;
  readonly label: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsed: Date | null;
}

const columns = `key_id as "keyId", scope, source, label, created_at as "createdAt", expires_at as "expiresAt",
  revoked_at as "revokedAt", last_used as "lastUsed"`;

export async function insertKey(
  pool: Pool,
  key: Pick<KeyRow, 'keyId' | 'scope' | 'source' | 'label' | 'createdAt' | 'expiresAt'> & { hash: Buffer },
): Promise<void> {
  await pool.query(
    `insert into giving.api_key (key_id, hash, scope, source, label, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [key.keyId, key.hash, key.scope, key.source, key.label, key.createdAt, key.expiresAt],
  );
}

export async function findKey(pool: Pool, keyId: string): Promise<(KeyRow & { hash: Buffer }) | null> {
  const found = await pool.query({
    name: 'giving.find-key',
    text: `select ${columns}, hash from giving.api_key where key_id = $1`,
    values: [keyId],
  });
  return found.rows[0] ?? null;
}

export async function listKeys(pool: Pool): Promise<KeyRow[]> {
  return (await pool.query(`select ${columns} from giving.api_key order by created_at, key_id`)).rows;
}

/** @returns false when there is no such key; revoking twice keeps the first time */
export async function revokeKey(pool: Pool, keyId: string, at: Date): Promise<boolean> {
  const found = await pool.query(`update giving.api_key set revoked_at = coalesce(revoked_at, $2) where key_id = $1`, [
    keyId,
    at,
  ]);
  return found.rowCount === 1;
}

export async function sourceExists(pool: Pool, source: string): Promise<boolean> {
  return (await pool.query('select from giving.source where source = $1', [source])).rowCount === 1;
}

export async function touchKeys(pool: Pool, used: ReadonlyMap<string, Date>): Promise<void> {
  await pool.query(
    `update giving.api_key k set last_used = greatest(k.last_used, u.at)
     from unnest($1::text[], $2::timestamptz[]) as u (key_id, at) where k.key_id = u.key_id`,
    [[...used.keys()], [...used.values()]],
  );
}
