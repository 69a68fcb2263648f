/** SQL of log.key: what the log has said of its keys. */
import type { ClientBase } from 'pg';
import type { KeyEntry } from './log-keys.ts';

/** Beside the `log.key` entry at `index`, in its transaction. */
export async function addKey(tx: ClientBase, bookId: number, index: number, key: KeyEntry): Promise<void> {
  await tx.query('insert into log.key (book_id, index, vkey, role, state) values ($1, $2, $3, $4, $5)', [
    bookId,
    index,
    key.vkey,
    key.role,
    key.state,
  ]);
}

export async function readKeyStates(client: ClientBase, bookId: number): Promise<(KeyEntry & { index: number })[]> {
  const { rows } = await client.query(
    'select index, vkey, role, state from log.key where book_id = $1 order by index',
    [bookId],
  );
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}
