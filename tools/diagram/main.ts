/** `npm run diagram`: draws docs/architecture.svg again. picture.test.ts fails when somebody forgot to. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTree } from '../tidy/tree.ts';
import { pictureOf, picturePath } from './picture.ts';

const root = resolve(import.meta.dirname, '../..');
writeFileSync(join(root, picturePath), await pictureOf(readTree(root)));
console.log(`drew ${picturePath}`);
