/** `npm run pack`: verifier and client as tarballs that npm can publish, in build/packages. */
import { join, relative, resolve } from 'node:path';
import { packAll } from './pack.ts';

const root = resolve(import.meta.dirname, '../..');

for (const tarball of await packAll(join(root, 'build/packages'))) console.log(relative(root, tarball));
