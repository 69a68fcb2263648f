/**
 * The auditor's replay: entries in, in order, from the first; every rule of docs/formats/entries.md that the log itself can show; out come the
 * accounts and public totals. It knows no signatures and no hashes of trees: see audit.ts.
 */
import type { Entry, LogKey, LogOpen } from '../entry/entry.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import { scanGift } from '../entry/scan-gift.ts';
import { Failure } from '../failure.ts';
import { leafHash } from '../tlog/merkle.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../tlog/note.ts';
import { Giving, type Leaf, type Total } from './giving.ts';
import { type Account, Positions } from './positions.ts';

/** A key that the log announced, and when. */
export interface AnnouncedKey {
  readonly key: VerifierKey;
  readonly role: LogKey['role'];
  /** Index of the entry that made it active. */
  readonly since: number;
  /** Index of the entry that retired it. */
  until?: number;
}

export class Replay {
  readonly positions = new Positions();
  readonly giving: Giving;
  /** Entry 0, once applied. */
  opened: LogOpen | undefined;
  /** Time of the last tick, empty before the first. */
  lastTick = '';
  readonly keys: AnnouncedKey[] = [];
  /** By verifier key as text: the entry that retired it, of those that did not become active again. */
  readonly retired = new Map<string, number>();
  readonly #counts = new Map<Entry['kind'], number>();
  #size = 0;

  constructor() {
    this.giving = new Giving(this.positions);
  }

  /** Entries applied. */
  get size(): number {
    return this.#size;
  }

  /** Entries by kind. */
  get counts(): ReadonlyMap<Entry['kind'], number> {
    return this.#counts;
  }

  /** Every account with its totals in and out. */
  accounts(): readonly Account[] {
    return this.positions.accounts;
  }

  /** What the public totals are at this size, by asset. A book that is not live counts in none. */
  totals(): Map<string, Total> {
    return this.giving.totals();
  }

  /** By recipient, then asset. */
  recipientTotals(): Map<string, Map<string, Total>> {
    return this.giving.recipientTotals();
  }

  /**
   * @param index the next one, from 0
   * @param entry the leaf's bytes
   * @param leaf where its leaf hash is, if the caller has it
   * @throws Failure at `entry <index>`; the replay is over then
   */
  apply(index: number, entry: Uint8Array, leaf: Leaf = { hashes: leafHash(entry), at: 0 }): void {
    try {
      if (index !== this.#size) throw new RangeError(`entry ${index} applied where ${this.#size} was next`);
      const gift = scanGift(entry);
      if (gift) {
        this.#count('giving.gift');
        this.positions.settled();
        this.#afterOpening();
        this.giving.gift(index, gift.move, gift.terms, leaf, this.lastTick);
      } else {
        this.#applyParsed(index, parseEntry(entry), leaf);
      }
      this.#size++;
    } catch (error) {
      throw error instanceof Failure ? error.at(`entry ${index}`) : error;
    }
  }

  #applyParsed(index: number, entry: Entry, leaf: Leaf): void {
    this.#count(entry.kind);
    if (entry.kind !== 'ledger.settle') this.positions.settled();
    if (entry.kind === 'log.open') this.#open(index, entry);
    this.#afterOpening();
    if (index === 1 && entry.kind !== 'log.tick')
      throw new Failure('tick.first', 'entry 1 is no tick', '条目 1 不是时间');
    const { positions, giving } = this;
    switch (entry.kind) {
      case 'log.open':
        break;
      case 'log.tick':
        this.#tick(entry.time);
        break;
      case 'log.key':
        this.#key(index, entry);
        break;
      case 'ledger.asset':
        positions.addAsset(entry.asset, entry.scale);
        break;
      case 'ledger.account':
        positions.addAccount(entry.account, entry.asset, entry.name, entry.source === true);
        break;
      case 'ledger.settle':
        for (const back of entry.back) positions.back(back);
        break;
      case 'giving.source':
        giving.source(entry);
        break;
      case 'giving.recipient':
        giving.recipient(entry);
        break;
      case 'giving.merchant':
        giving.merchant(entry);
        break;
      case 'giving.terms':
        giving.addTerms(index, entry, this.lastTick);
        break;
      case 'giving.gift':
        giving.gift(index, entry.move, entry.terms, leaf, this.lastTick);
        break;
      case 'giving.return':
        giving.return(entry, leaf);
        break;
      case 'giving.tally':
        giving.tally(entry);
        break;
      default:
        entry satisfies never;
    }
  }

  #open(index: number, entry: LogOpen): void {
    if (index !== 0) throw new Failure('open.again', 'the log was opened before', '日志已开启过');
    this.opened = entry;
  }

  #afterOpening(): void {
    if (!this.opened) throw new Failure('open.missing', 'entry 0 does not open the log', '条目 0 未开启日志');
  }

  #tick(time: string): void {
    if (time < this.lastTick) {
      throw new Failure('tick.back', `the tick goes back from ${this.lastTick}`, `时间倒退：上一次为 ${this.lastTick}`);
    }
    this.lastTick = time;
  }

  #key(index: number, { key: vkey, role, state }: LogKey): void {
    const key = parseVerifierKey(vkey);
    const name = role === 'log' ? this.opened?.origin : `${this.opened?.origin}/witness`;
    if (key.name !== name || key.algorithm !== (role === 'log' ? 1 : 4)) {
      throw new Failure('key.role', `the key is not a ${role} key of this log`, '公钥不属于本日志或用途不符');
    }
    const known = this.keys.findLast((said) => formatVerifierKey(said.key) === vkey);
    const active = known !== undefined && known.until === undefined;
    // The first key may never have been announced; it can still be retired.
    if (state === 'active' ? active : known && !active) {
      throw new Failure('key.state', `the key was ${state} already`, '公钥状态未变');
    }
    if (state === 'active') {
      this.keys.push({ key, role, since: index });
      this.retired.delete(vkey);
    } else {
      if (known) known.until = index;
      this.retired.set(vkey, index);
    }
  }

  #count(kind: Entry['kind']): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}
