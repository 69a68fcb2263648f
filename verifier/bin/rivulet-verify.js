#!/usr/bin/env node
// Plain JavaScript, so that any Node from 20 on can start it. Packed, the command is built JavaScript; in the workspace it is TypeScript,
// which needs a Node that strips types: this one, or the one that the npm package `node` pins.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/node/main.js', import.meta.url);
const source = new URL('../src/node/main.ts', import.meta.url);

if (existsSync(built)) await import(built.href);
else if (process.features.typescript) await import(source.href);
else process.exitCode = runWithPinnedNode();

function runWithPinnedNode() {
  let node;
  try {
    node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    console.error(`rivulet-verify needs Node 22.18 or newer; this is ${process.version}`);
    return 2;
  }
  const { status } = spawnSync(node, [fileURLToPath(source), ...process.argv.slice(2)], { stdio: 'inherit' });
  return status ?? 3;
}
