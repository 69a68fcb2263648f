import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('a short run ends with one line of figures, audited', { timeout: 180_000 }, async () => {
  const command = [join(import.meta.dirname, 'main.ts'), '--events', '4000', '--rows', '500', '--seconds', '1'];
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: { PATH, HOME } });
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.equal(last.name, 'intake');
  assert.equal(last.auditPassed, true);
  for (const figure of ['giftsPerSecond', 'baselinePerSecond', 'ratio', 'p99Ms', 'bytesPerGift', 'oneEventPerSecond']) {
    assert.ok(last[figure] > 0, figure);
  }
  assert.match(stdout, /rivulet-verify audit: passed/);
});
