/** What giving holds of one book: its writer and ledger, its intake, and the view of its log that answers need. */
import type { Rotation } from '@rivulet/verifier';
import type { Pool } from 'pg';
import type { Ledger } from '#books/ledger';
import type { BookRow, Writer } from '#books/log';
import type { Intake } from './intake/intake.ts';
import type { Registry } from './registry/registry.ts';

/** Entries proved in the newest published checkpoint. */
export interface ProvedEntries {
  readonly size: number;
  readonly checkpoint: string;
  /** How the key that signed it followed those before: the log's rotations, oldest first. */
  readonly rotations: readonly Rotation[];
  readonly entries: readonly { readonly index: number; readonly entry: string; readonly path: readonly Uint8Array[] }[];
}

export interface LogView {
  /** The newest published checkpoint, or null before the first. */
  published(): { readonly size: number; readonly note: string } | null;
  /** Proves entries in one checkpoint. @throws Fault when an index is not published yet */
  prove(indices: readonly number[]): Promise<ProvedEntries>;
  /** The log's verifier keys as text, a line each: the active one, its witness's, retired ones. */
  vkeys(): string;
  /** Signs a note's body with the log's key. */
  sign(body: string): string;
}

export interface GivingBook {
  readonly book: BookRow;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly intake: Intake;
  readonly log: LogView;
}

/** What use cases of giving work with. */
export interface GivingContext {
  readonly pool: Pool;
  readonly books: readonly GivingBook[];
}

export function bookNamed(context: GivingContext, name: string): GivingBook | undefined {
  return context.books.find(({ book }) => book.book === name);
}

export function bookOf(context: GivingContext, bookId: number): GivingBook | undefined {
  return context.books.find(({ book }) => book.bookId === bookId);
}

/** `main-1234` as its book and index, or null when no book of ours has that name. */
export function parseGiftId(context: GivingContext, id: string): { held: GivingBook; index: number } | null {
  const found = /^([a-z][a-z0-9-]*)-(0|[1-9]\d{0,15})$/.exec(id);
  const held = found?.[1] === undefined ? undefined : bookNamed(context, found[1]);
  return held === undefined ? null : { held, index: Number(found?.[2]) };
}
