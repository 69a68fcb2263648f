/** When to try again, and how long to wait before it. */

export interface RetryRule {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Wait before the second try; it doubles from then on. */
  readonly firstDelayMs: number;
  /** No single wait is longer, whatever the server asks for. */
  readonly longestDelayMs: number;
}

export const patient: RetryRule = { attempts: 8, firstDelayMs: 250, longestDelayMs: 30_000 };

/** Statuses that mean "not now": nothing was decided, the same request may succeed. */
export function isWorthRetrying(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/**
 * The wait before the next try: what the server asked for, and beside it exponential backoff with full jitter, so that many clients do not come back
 * together. @param attempt tries made so far, from 1. @param random 0 to 1.
 */
export function delayMs(rule: RetryRule, attempt: number, retryAfterMs: number, random: number): number {
  const backoff = rule.firstDelayMs * 2 ** (attempt - 1) * random;
  return Math.min(rule.longestDelayMs, Math.max(retryAfterMs, backoff));
}

/** `Retry-After` in milliseconds: seconds or a date; 0 when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
