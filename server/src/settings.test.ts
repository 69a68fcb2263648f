import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { readSettings } from './settings.ts';

test('an empty environment is enough', () => {
  const settings = readSettings({});
  assert.equal(settings.dataFolder, resolve('data'));
  assert.deepEqual(
    [settings.databaseUrl, settings.host, settings.port, settings.origin, settings.telemetry],
    [null, '127.0.0.1', null, null, 'warn'],
  );
});

test('an empty variable is the same as none', () => {
  assert.deepEqual(readSettings({ PORT: '', DATABASE_URL: ' ', HOST: '' }), readSettings({}));
});

test('a wrong variable is named', () => {
  for (const [name, value] of [
    ['PORT', '80a'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['DATABASE_URL', 'mysql://x'],
    ['RIVULET_ORIGIN', 'Not A Name'],
    ['RIVULET_TELEMETRY', 'loud'],
    ['RIVULET_REQUESTS_PER_KEY', '0'],
  ] as const) {
    assert.throws(() => readSettings({ [name]: value }), new RegExp(`^Error: ${name} should be`), `${name}=${value}`);
  }
});

test('port 0 asks for any free port', () => {
  assert.equal(readSettings({ PORT: '0' }).port, 0);
});
