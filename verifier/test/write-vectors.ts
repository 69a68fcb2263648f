/** Writes docs/formats/vectors anew: `node verifier/test/write-vectors.ts`. Formats are frozen: a difference in what was there is a break. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeVectors } from './vectors.ts';

const folder = join(import.meta.dirname, '../../docs/formats/vectors');

for (const [path, content] of await makeVectors()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content instanceof Uint8Array ? content : `${JSON.stringify(content, null, 2)}\n`);
}
