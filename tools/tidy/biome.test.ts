/** The rules that Biome keeps for us, with the project's own biome.json. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

/** What Biome says about one file; empty when it has nothing to say. */
function check(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivulet-biome-'));
  try {
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    writeFileSync(join(folder, '.gitignore'), 'node_modules/\n');
    writeFileSync(join(folder, name), text);
    const biome = join(root, 'node_modules/.bin/biome');
    const { status, stdout, stderr } = spawnSync(biome, ['lint', '--error-on-warnings', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const body = (lines: number) => `export function long(): void {\n${'  console.log();\n'.repeat(lines)}}\n`;

test('a function of 70 lines passes, one of 71 does not', () => {
  assert.equal(check('long.ts', body(70)), '');
  assert.match(check('long.ts', body(71)), /noExcessiveLinesPerFunction/);
});

test('a test file may have a long function', () => {
  assert.equal(check('long.test.ts', body(200)), '');
});
