import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { freshDatabase } from '../../../../test/support/postgres.ts';
import { runRivulet, spawnServer, urlOf } from '../../../../test/support/server.ts';

test('a server of your own with two roles, as docs/operating/database.md says', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'rivulet-migrate-'));
  const { app, superuser } = await freshDatabase();
  const client = new pg.Client({ ...superuser, database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  const database = `${superuser.database}_own`;
  const login = `migrate_${superuser.database}`;
  after(async () => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`drop role if exists ${login}`);
    await client.end();
    await rm(dataFolder, { recursive: true, force: true });
  });
  await client.query(`create role ${login} login password 'secret' in role rivulet_owner`);
  await client.query(`create database ${database} owner rivulet_owner`);
  await client.query(`alter role ${login} in database ${database} set role rivulet_owner`);
  const asServer = { DATABASE_URL: urlOf({ ...app, database }) };
  const asOwner = { DATABASE_URL: urlOf({ ...app, database, user: login, password: 'secret' }) };
  await assert.rejects(spawnServer({ dataFolder, environment: asServer }), /run rivulet migrate as the owner/);
  assert.match(await runRivulet(['migrate'], { dataFolder, environment: asOwner }), /ran 0001-log/);
  assert.match(await runRivulet(['migrate'], { dataFolder, environment: asOwner }), /nothing to run/);
  const server = await spawnServer({ dataFolder, environment: asServer });
  assert.ok(!server.said.some((line) => line.includes('only triggers')), server.said.join('\n'));
  assert.equal(await server.stop(), 0);
});
