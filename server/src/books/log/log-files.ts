/**
 * What a book's log keeps outside the database: the tile store, served as it stands, and the guard file. On disk: #edge/tiles. Here only what
 * integration, proofs, fsck and rescue ask of it.
 */

export interface NewFile {
  /** A tlog-tiles path, `tile/0/x001/234` or `tile/entries/000.p/7`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface LogFiles {
  /** For messages: where this store is. */
  readonly place: string;
  /** The bytes of a tile or bundle, or null where there is none. @throws Fault `tile_store_unreadable` */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * Writes tiles and bundles; durable when it returns, in any order before. A file that is there already must have the same bytes.
   * @throws LogStopped `differs` naming the path; Fault `tile_store_full`, `tile_store_unwritable`
   */
  create(files: readonly NewFile[]): Promise<void>;
  /** Every path below `tile/` that exists, in no order, drafts not counted. */
  paths(): AsyncIterable<string>;
  /** The checkpoint that the world sees, or null. */
  published(): Promise<string | null>;
  /** Replaces the published checkpoint in one step; durable when it returns. */
  publish(note: string): Promise<void>;
  /** The last checkpoint signed, as the guard file has it, or null. */
  guard(): Promise<string | null>;
  writeGuard(note: string): Promise<void>;
  /** Names of these two for messages. */
  readonly checkpointPath: string;
  readonly guardPath: string;
}

/** Why a book stopped. It signs nothing any more until a person has looked. */
export type StopReason =
  /** Something outside the database is ahead of it: an older database was restored. `rivulet book rescue`. */
  | 'outside_ahead'
  /** A published or signed tree is not a beginning of ours. */
  | 'forked'
  /** A tile, bundle or checkpoint that is written has other bytes than we would write. */
  | 'differs'
  /** A tile or bundle that must be there is not. */
  | 'missing'
  /** A row or file does not hold what it must. */
  | 'damaged'
  /** This book was closed for good. */
  | 'closed'
  /** We are wrong. */
  | 'bug';

/** The book must stop. Not a Fault: trying again would not help and might harm. */
export class LogStopped extends Error {
  override name = 'LogStopped';
  readonly reason: StopReason;
  /** The file, row or command that it is about. */
  readonly names: string;

  constructor(reason: StopReason, names: string, message: string) {
    super(message);
    this.reason = reason;
    this.names = names;
  }
}
