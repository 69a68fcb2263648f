/** `npm run tidy`: exit code 0 when the house is tidy, 1 and one line for each violation when it is not. */
import { resolve } from 'node:path';
import { tidy } from './tidy.ts';
import { isCode, readTree } from './tree.ts';

const tree = readTree(resolve(import.meta.dirname, '../..'));
const violations = await tidy(tree);
for (const { rule, path, message } of violations) console.error(`${path}: ${message} [${rule}]`);
if (violations.length > 0) process.exitCode = 1;
else console.log(`tidy: ${tree.files.filter(isCode).length} code files, nothing out of place`);
