// The key that this site shows for its log, and its fingerprint as people compare it.
import { fingerprint, parseVerifierKeys } from '@rivulet/verifier';
import type { Visit } from '../../shell/visit.ts';

export interface SiteKey {
  /** As `/log/vkeys` has it: a line for the log's key, lines for witnesses. */
  lines: string;
  /** 64 hexadecimal characters in fours; two people compare the first four groups. */
  fingerprint: string[];
}

/** Null when it cannot be read now. */
export async function readSiteKey(from: Visit): Promise<SiteKey | null> {
  try {
    const response = await from.api('/log/vkeys');
    if (!response.ok) return null;
    const lines = await response.text();
    const key = parseVerifierKeys(lines).find(({ algorithm }) => algorithm === 1);
    return key === undefined ? null : { lines, fingerprint: fingerprint(key).match(/.{4}/g) ?? [] };
  } catch {
    return null;
  }
}
