// Which keys a proof is checked with, and where on this site its log can be read.
import { parseCheckpoint, parseTlogProof, parseVerifierKeys, type VerifierKey } from '@rivulet/verifier';

export interface Choice {
  from: 'site' | 'own';
  /** The keys of this site's main log, as the page shows them. */
  siteLines: string;
  own: string;
}

export interface Trust {
  from: 'site' | 'own';
  keys: VerifierKey[];
  lines: string;
  /** Address of the proof's log on this site; null when it is another site's. */
  prefix: string | null;
}

/** `noKey`: the proof is of another site's log and the user named no key. `badKey`: what the user gave is no key. */
export async function findTrust(file: string, choice: Choice): Promise<Trust | 'noKey' | 'badKey'> {
  const origin = originOf(file);
  const here = origin === null ? null : await keysHere(origin, choice.siteLines);
  const prefix = here?.prefix ?? null;
  if (choice.from === 'own') {
    const keys = readKeys(choice.own);
    return keys.length === 0 ? 'badKey' : { from: 'own', keys, lines: choice.own, prefix };
  }
  if (here !== null) return { from: 'site', keys: readKeys(here.lines), lines: here.lines, prefix };
  // A file that names no log at all fails at its first step, whatever the key.
  if (origin === null) return { from: 'site', keys: readKeys(choice.siteLines), lines: choice.siteLines, prefix };
  return 'noKey';
}

/** The log that the file says it is of; nothing is verified yet. */
export function originOf(file: string): string | null {
  try {
    return parseCheckpoint(parseTlogProof(file).checkpoint).origin;
  } catch {
    return null;
  }
}

/** The site's own keys for a log of that origin: the main log, or the book that the origin names. */
async function keysHere(origin: string, mainLines: string): Promise<{ lines: string; prefix: string } | null> {
  const isOf = (lines: string) => readKeys(lines)[0]?.name === origin;
  if (isOf(mainLines)) return { lines: mainLines, prefix: '/log' };
  const book = /\/books\/([a-z][a-z0-9-]{0,31})\/log$/.exec(origin)?.[1];
  if (book === undefined) return null;
  const prefix = `/books/${book}/log`;
  const lines = await fetch(`${prefix}/vkeys`)
    .then((response) => (response.ok ? response.text() : ''))
    .catch(() => '');
  return isOf(lines) ? { lines, prefix } : null;
}

export function readKeys(lines: string): VerifierKey[] {
  try {
    return parseVerifierKeys(lines);
  } catch {
    return [];
  }
}
