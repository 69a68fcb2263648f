/** A relative link in a document leads to a file of the repository. */
import { posix } from 'node:path';
import type { Tree } from '../tree.ts';
import type { Violation } from '../violation.ts';

export function checkLinks(tree: Tree): Violation[] {
  const known = new Set(tree.files);
  for (const path of tree.files) for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) known.add(at);
  return tree.files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      linksOf(tree.read(path))
        .filter((link) => !known.has(posix.join(posix.dirname(path), link).replace(/\/$/, '')))
        .map((link) => ({ rule: 'links', path, message: `leads to ${link}, which is not there` })),
    );
}

/** Targets of inline links without their anchors; addresses and anchors of the same page aside. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .map((match) => match[1] as string)
    .filter((link) => !/^[a-z]+:/.test(link));
}
