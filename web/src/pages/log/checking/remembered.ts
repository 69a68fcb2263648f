// What this browser remembers of a log: the newest checkpoint it saw, and the key it saw first. A site that shows another
// past or another key than before is found out by it. Without storage (private window) nothing is remembered.

export interface Remembered {
  /** Signed note of the newest checkpoint seen. */
  checkpoint: string;
  /** Lines of the site's vkey, and when they were first seen (ISO date). */
  keys: string;
  since: string;
}

const prefix = 'rivulet.log.';

export function recall(origin: string): Remembered | null {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + origin) ?? 'null');
    const whole = [kept?.checkpoint, kept?.keys, kept?.since].every((member) => typeof member === 'string');
    return whole ? kept : null;
  } catch {
    return null;
  }
}

export function remember(origin: string, what: Remembered): void {
  try {
    localStorage.setItem(prefix + origin, JSON.stringify(what));
  } catch {
    // No storage: nothing to compare with next time.
  }
}
