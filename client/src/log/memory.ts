/** What a client keeps of a log: the keys it trusts, the newest checkpoint it saw, the promises not yet seen kept. */

export interface KeptLog {
  readonly book: string;
  /** Verifier keys, a line each. */
  readonly keys: string;
  /** The newest checkpoint seen, a signed note; empty before the first. */
  readonly checkpoint: string;
}

export interface KeptPromise {
  readonly book: string;
  /** The signed note, whole: it is evidence. */
  readonly note: string;
}

/** Where it is kept. Writes are durable on return where the store claims to be; a promise is kept once, however often it is saved. */
export interface LogMemory {
  books(): Promise<readonly string[]>;
  log(book: string): Promise<KeptLog | null>;
  saveLog(log: KeptLog): Promise<void>;
  promises(book: string): Promise<readonly KeptPromise[]>;
  savePromise(promise: KeptPromise): Promise<void>;
  forgetPromise(promise: KeptPromise): Promise<void>;
}

/** For browsers, tests and short runs: gone with the process. */
export function inMemory(): LogMemory {
  const logs = new Map<string, KeptLog>();
  const promises = new Map<string, KeptPromise>();
  return {
    books: async () => [...new Set([...logs.keys(), ...[...promises.values()].map((promise) => promise.book)])],
    log: async (book) => logs.get(book) ?? null,
    saveLog: async (log) => void logs.set(log.book, log),
    promises: async (book) => [...promises.values()].filter((promise) => promise.book === book),
    savePromise: async (promise) => void promises.set(promise.note, promise),
    forgetPromise: async (promise) => void promises.delete(promise.note),
  };
}
