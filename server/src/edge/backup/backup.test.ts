import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { checkpointBody, tilePath } from '@rivulet/verifier';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { backup, restore, verifyBackup } from './index.ts';
import { tablesWithRows } from './store.ts';

const base = await mkdtemp(join(tmpdir(), 'rivulet-backup-'));
after(() => rm(base, { recursive: true, force: true }));
const source = await freshDatabase();
const dataFolder = join(base, 'data');
const size = 300;
const origin = 'example.org/log';

function noteAt(at: number): string {
  return `${checkpointBody(origin, at, new Uint8Array(32))}\n— ${origin} AAAAAAAAAAAA\n`;
}

function bundle(width: number): Buffer {
  return Buffer.concat(Array.from({ length: width }, (_, i) => Buffer.from([0, 2, 97 + (i % 26), 65 + (i % 7)])));
}

async function put(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(dataFolder, path)), { recursive: true });
  await writeFile(join(dataFolder, path), bytes, { mode: 0o600 });
}

async function fill({ pool }: TestDatabase): Promise<void> {
  await pool.query(
    `insert into log.head (book_id, book, origin, purpose, next_index) values (1, 'main', $1, 'live', 305)`,
    [origin],
  );
  await pool.query(`insert into log.signed (book_id, size, root, note) values (1, $1, $2, $3)`, [
    size,
    Buffer.alloc(32),
    noteAt(size),
  ]);
  await pool.query(`insert into log.batch (book_id, first_index, next_index, entries) values (1, 300, 305, $1)`, [
    bundle(5),
  ]);
  await pool.query(
    `insert into ledger.move (book_id, first, next, at, part, from_account, to_account, amount, from_pos, to_pos)
     select 1, i, i + 1, '{0}', '{0}', '{1}', '{2}', array[1 + i % 7], array[i], array[i] from generate_series(1, 5000) i`,
  );
  // What COPY text must escape, and an identity column.
  await pool.query(
    `insert into giving.item (source, merchant, item, starts_at, pledge) values ('s', E'tab\\t\\\\N 商家', E'line\\nline', now(), null), ('s', '', '\\.', now(), 'p')`,
  );
}

/** The live store has gone on: the partial tiles of size 300 are full by now, and there are more. */
async function fillStore(): Promise<void> {
  for (const n of [0, 1, 2]) {
    await put(`log/main/${tilePath(0, n)}`, Buffer.alloc(256 * 32, n + 1));
    await put(`log/main/${tilePath('entries', n)}`, bundle(256));
  }
  await put(`log/main/${tilePath(1, 0, 1)}`, Buffer.alloc(32, 9));
  await put('log/main/checkpoint', noteAt(768));
  await put('guard/main.checkpoint', noteAt(768));
  await put('secrets/dedupe.key', `${'a'.repeat(64)}\n`);
}

async function contents(client: pg.ClientBase): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await tablesWithRows(client)) {
    const { rows } = await client.query(
      `select md5(string_agg(t::text, E'\\n' order by t::text)) as all from ${name} t`,
    );
    found[name] = rows[0].all;
  }
  return found;
}

async function owner(database: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client(database.superuser);
  client.on('error', () => {});
  await client.connect();
  after(() => client.end());
  return client;
}

await fill(source);
await fillStore();
const folder = join(base, 'backup');
const reader = new pg.Client(source.app);
reader.on('error', () => {});
await reader.connect();
after(() => reader.end());
const tell = () => {};
const now = new Date('2026-11-18T08:00:00Z');
const options = { client: reader, dataFolder, folder, secretsFolder: null, now, tell };

test('a backup is made by the role of the server and holds the log at exactly the signed size', async () => {
  const manifest = await backup(options);
  assert.deepEqual(manifest.books, [{ book: 'main', origin, head: 305, signed: 300 }]);
  assert.equal(manifest.tables.find(({ name }) => name === 'ledger.move')?.rows, 5000);
  assert.equal((await stat(join(folder, 'log/main', tilePath(0, 1, 44)))).size, 44 * 32);
  assert.equal((await stat(join(folder, 'log/main', tilePath('entries', 1, 44)))).size, 44 * 4);
  await assert.rejects(stat(join(folder, 'log/main', tilePath(0, 1))), { code: 'ENOENT' });
  await assert.rejects(stat(join(folder, 'log/main', tilePath(0, 2))), { code: 'ENOENT' });
  assert.equal(await readFile(join(folder, 'log/main/checkpoint'), 'utf8'), noteAt(300));
  await assert.rejects(stat(join(folder, 'secrets')), { code: 'ENOENT' });
  await assert.rejects(backup(options), /is not empty/);
});

test('secrets go to another place, or nowhere', async () => {
  const other = join(base, 'other');
  await assert.rejects(backup({ ...options, folder: other, secretsFolder: join(other, 'secrets') }), /another place/);
  await backup({ ...options, folder: other, secretsFolder: join(base, 'safe') });
  assert.equal((await stat(join(base, 'safe/dedupe.key'))).mode & 0o777, 0o600);
});

test('what is restored is what was backed up, row for row, and the identity goes on', async () => {
  const target = await freshDatabase();
  const client = await owner(target);
  const place = join(base, 'restored');
  const seen = null;
  const chosen = {
    client,
    dataFolder: place,
    folder,
    seen,
    databaseOnly: false,
    secretsFolder: join(base, 'safe'),
    tell,
  };
  await restore(chosen);
  assert.deepEqual(await contents(client), await contents(await owner(source)));
  assert.equal(await readFile(join(place, 'guard/main.checkpoint'), 'utf8'), noteAt(300));
  assert.equal((await stat(join(place, 'secrets/dedupe.key'))).size, 65);
  const next = await target.pool.query(
    `insert into giving.item (source, merchant, item, starts_at) values ('s', 'm', 'i', now()) returning seq::int`,
  );
  assert.equal(next.rows[0].seq, 3);
  await assert.rejects(restore(chosen), /the database is not empty/);
});

test('a restore into used folders is refused, unless only the database was lost', async () => {
  const client = await owner(await freshDatabase());
  const chosen = { client, dataFolder, folder, seen: null, databaseOnly: false, secretsFolder: null, tell };
  await assert.rejects(restore(chosen), /log is not empty/);
  assert.deepEqual(await tablesWithRows(client), []);
  await restore({ ...chosen, databaseOnly: true });
  assert.equal(await readFile(join(dataFolder, 'guard/main.checkpoint'), 'utf8'), noteAt(768));
});

test('a checkpoint that was seen later becomes the guard; a stranger’s is refused', async () => {
  const client = await owner(await freshDatabase());
  const files = [299, 400, 350].map((at) => [join(base, `seen-${at}`), noteAt(at)] as const);
  for (const [path, note] of files) await writeFile(path, note);
  const place = join(base, 'later');
  const chosen = { client, dataFolder: place, folder, databaseOnly: false, secretsFolder: null, tell };
  const stranger = join(base, 'stranger');
  await writeFile(stranger, noteAt(9).replaceAll(origin, 'else.example/log'));
  await assert.rejects(restore({ ...chosen, seen: [stranger] }), /no book of this backup/);
  await restore({ ...chosen, seen: files.map(([path]) => path) });
  assert.equal(await readFile(join(place, 'guard/main.checkpoint'), 'utf8'), noteAt(400));
  assert.equal(await readFile(join(place, 'log/main/checkpoint'), 'utf8'), noteAt(300));
});

test('a changed, missing or unfinished backup is refused by name', async () => {
  const path = join(folder, 'log/main', tilePath(0, 0));
  const good = await readFile(path);
  await appendFile(path, 'x');
  await assert.rejects(verifyBackup(folder), /tile\/0\/000 was changed/);
  await rm(path);
  await assert.rejects(verifyBackup(folder), /tile\/0\/000 is missing/);
  await writeFile(path, good);
  await verifyBackup(folder);
  const manifest = await readFile(join(folder, 'backup.json'), 'utf8');
  await writeFile(join(folder, 'backup.json'), manifest.replace('"rows": 5000', '"rows": 5001'));
  await assert.rejects(verifyBackup(folder), /ledger.move.gz holds 5000 rows, not 5001/);
  await rm(join(folder, 'backup.json'));
  await assert.rejects(verifyBackup(folder), /holds no backup/);
});
