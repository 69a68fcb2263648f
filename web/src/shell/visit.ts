// What the server hands to every loader: the public HTTP API, and what it knows of this visit.
import { createContext } from 'react-router';
import type { Language } from './language.ts';

export interface Visit {
  /** Asks our own public HTTP API, in process. Pages know nothing of the books but what a stranger can ask too. */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** Notes an error that the page could not foresee. */
  report(error: unknown): void;
  /** The language of an earlier page, if the browser told. */
  remembered: Language | undefined;
  /** The figures come from the demo marketplace: every page says so. */
  demo: boolean;
  /** Scheme and host that the visitor sees, without a slash at the end. */
  site: string;
  /** Address of each live part by its source file, as `src/pages/giving/home/home.live.ts`. */
  live: Readonly<Record<string, string>>;
}

export const visit = createContext<Visit>();

/** Asks the API and reads JSON; null when it cannot answer now, so that a page can say "unknown". */
export async function ask<T>(from: Visit, path: string): Promise<T | null> {
  try {
    const response = await from.api(path, { signal: AbortSignal.timeout(2000) });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}
