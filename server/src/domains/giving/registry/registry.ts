/** One book's registry: reads what its works need, once for all of a batch, and hands them the batch's draft. */
import { randomBytes } from 'node:crypto';
import { merchantAccount, promisedAccount } from '@rivulet/verifier';
import type { ClientBase } from 'pg';
import type { Ledger } from '#books/ledger';
import type { Batch, BookRow, Family, Work } from '#books/log';
import type { Catalogue } from './catalogue.ts';
import { Draft, type Known, pair } from './draft.ts';
import { loadCatalogue } from './load-store.ts';
import * as store from './store.ts';

/** Ids that a work is about. */
export interface Needs {
  readonly recipients?: readonly string[];
  readonly merchants?: readonly string[];
  readonly pledges?: readonly string[];
  /** A merchant and a recipient whose pledge account may be needed. */
  readonly promises?: readonly (readonly [merchant: string, recipient: string])[];
}

export class Registry implements Family {
  readonly name = 'giving.registry';
  readonly book: BookRow;
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly random: (size: number) => Uint8Array;
  #known: Known = nothingKnown;

  /** @param catalogue shared by the registries of all books */
  constructor(book: BookRow, ledger: Ledger, catalogue: Catalogue, random: (size: number) => Uint8Array = randomBytes) {
    this.book = book;
    this.ledger = ledger;
    this.catalogue = catalogue;
    this.random = random;
  }

  /** The picture is exchanged as a whole, so whoever asks meanwhile sees the old one. */
  async load(read: ClientBase): Promise<void> {
    this.#known = nothingKnown;
    this.catalogue.adopt(this.book.bookId, await loadCatalogue(read, this.ledger));
  }

  async prepare(works: readonly Work[], read: ClientBase): Promise<() => void> {
    const own = works.filter((work): work is RegistryWork<unknown> => work instanceof RegistryWork);
    const sources = [...new Set(own.map(({ source }) => source).filter((source) => source !== null))];
    const recipients = [...new Set(own.flatMap(({ needs }) => needs.recipients ?? []))];
    const merchants = pairs(own, 'merchants');
    const [pledging, latest] = [
      await store.readPledging(read, ...merchants),
      await store.readLatest(read, ...pairs(own, 'pledges')),
    ];
    const known = {
      sources: by(await store.readSources(read, sources), ({ source }) => source),
      recipients: by(await store.readRecipients(read, recipients), ({ recipient }) => recipient),
      said: new Map(
        (await store.readSaid(read, this.book.bookId, recipients)).map(({ recipient, said }) => [recipient, said]),
      ),
      merchants: by(await store.readMerchants(read, ...merchants), (row) => pair(row.source, row.merchant)),
      pledging: new Set(pledging.map(({ source, merchant }) => pair(source, merchant))),
      latest: by(latest, (row) => pair(row.source, row.pledge)),
    };
    await this.ledger.loadNames(read, accountNames(own, known));
    return () => {
      this.#known = known;
    };
  }

  /** The batch's draft, made at first use. */
  draft(batch: Batch): Draft {
    return batch.part(this, () => new Draft(this, this.#known, batch));
  }
}

/** Work on the registry: `build` runs against the batch's draft and sees what earlier works of the batch did. */
export class RegistryWork<R> implements Work<R> {
  readonly family: Registry;
  readonly size: number;
  readonly source: string | null;
  readonly needs: Needs;
  readonly #build: (draft: Draft) => R;

  /** @param source whose merchants and pledges `needs` names; null when it names none */
  constructor(family: Registry, source: string | null, size: number, needs: Needs, build: (draft: Draft) => R) {
    this.family = family;
    this.source = source;
    this.size = size;
    this.needs = needs;
    this.#build = build;
  }

  build(batch: Batch): R {
    return this.#build(this.family.draft(batch));
  }
}

const nothingKnown: Known = {
  sources: new Map(),
  recipients: new Map(),
  said: new Map(),
  merchants: new Map(),
  pledging: new Set(),
  latest: new Map(),
};

/** The works' ids as two columns: sources and ids. */
function pairs(works: readonly RegistryWork<unknown>[], of: 'merchants' | 'pledges'): [string[], string[]] {
  const sources: string[] = [];
  const ids: string[] = [];
  for (const { source, needs } of works)
    for (const id of new Set(needs[of])) {
      if (source === null) continue;
      sources.push(source);
      ids.push(id);
    }
  return [sources, ids];
}

function by<T>(rows: readonly T[], key: (row: T) => string): Map<string, T> {
  return new Map(rows.map((row) => [key(row), row]));
}

/** Names of accounts that exist perhaps; those of merchants and recipients of this very batch cannot. */
function* accountNames(works: readonly RegistryWork<unknown>[], known: Known): Generator<string> {
  for (const { source, needs } of works)
    for (const [merchant, recipient] of needs.promises ?? []) {
      const from = source === null ? undefined : known.merchants.get(pair(source, merchant));
      const to = known.recipients.get(recipient);
      if (from === undefined || to === undefined) continue;
      yield merchantAccount(from.publicId);
      yield promisedAccount(from.publicId, to.publicId);
    }
}
