/**
 * The auditor's replay: entries in, in order, from the first; every rule of docs/formats/entries.md that the log itself can show; out come the
 * accounts and public totals. It knows no signatures and no hashes of trees: see audit.ts.
 */
import { toBase64Url } from '../bytes.ts';
import type { StateHead, StateLine } from '../close/state-line.ts';
import { type StateSum, sumState } from '../close/state-sum.ts';
import type { Entry, LedgerClose, LogKey, LogOpen } from '../entry/entry.ts';
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

/** Called with the index of a month's first tick, while the replay stands before it. */
export type OnMonthEnd = (at: number, replay: Replay) => void;

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
  /** The entry with which it began: 0, or that of the close whose state it was given. */
  readonly start: number;
  /** By `at`: the entry that closed the books there, of those passed. Its state was found to be the replay's own. */
  readonly closes = new Map<number, number>();
  readonly #counts = new Map<Entry['kind'], number>();
  readonly #ends = new Map<number, StateSum>();
  readonly #onMonthEnd: OnMonthEnd;
  #size: number;

  /** @param onMonthEnd called when a month has ended, before its state changes any further */
  constructor({ start = 0, onMonthEnd = () => {} }: { start?: number; onMonthEnd?: OnMonthEnd } = {}) {
    this.giving = new Giving(this.positions);
    this.start = start;
    this.#size = start;
    this.#onMonthEnd = onMonthEnd;
  }

  /** A replay that goes on from a state; the state's other lines are to be restored first. */
  static resume({ at, open, tick, counts }: StateHead, onMonthEnd?: OnMonthEnd): Replay {
    const replay = new Replay({ start: at, ...(onMonthEnd ? { onMonthEnd } : {}) });
    replay.opened = open;
    replay.lastTick = tick;
    for (const [kind, count] of Object.entries(counts)) replay.#counts.set(kind as Entry['kind'], count);
    replay.giving.gifts = counts['giving.gift'] ?? 0;
    replay.giving.returns = counts['giving.return'] ?? 0;
    return replay;
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

  /** Everything that a replay needs to go on from here, and every balance: docs/formats/close.md. */
  *state(): Generator<StateLine> {
    const counts = Object.fromEntries(this.#counts);
    yield { kind: 'state', at: this.#size, counts, format: 1, open: this.opened as LogOpen, tick: this.lastTick };
    for (const { key, ...said } of this.keys) yield { kind: 'state.key', key: formatVerifierKey(key), ...said };
    for (const [key, since] of this.retired) yield { kind: 'state.retired', key, since };
    yield* this.positions.state();
    yield* this.giving.state();
  }

  restore(line: Exclude<StateLine, StateHead>): void {
    switch (line.kind) {
      case 'state.key': {
        const { role, since, until } = line;
        this.keys.push({ key: parseVerifierKey(line.key), role, since, ...(until === undefined ? {} : { until }) });
        break;
      }
      case 'state.retired':
        this.retired.set(line.key, line.since);
        break;
      case 'ledger.asset':
      case 'state.account':
      case 'state.waiting':
      case 'state.declared':
        this.positions.restore(line);
        break;
      default:
        this.giving.restore(line);
        break;
    }
  }

  /** Entries from before `start` whose moves this one takes back: they are to be recalled before it is applied. */
  missing(entry: Uint8Array): number[] {
    if (this.start === 0 || !takesBack(entry)) return [];
    const said = parseEntry(entry);
    const back = 'back' in said ? (said.back ?? []) : [];
    const declare = 'declare' in said ? said.declare : [];
    const named = [...back.map(([, , , , , index]) => index), ...declare.map(([index]) => index)];
    if ('gift' in said) named.push(said.gift);
    return [...new Set(named)].filter((index) => index < this.start && !this.positions.knows(index));
  }

  /** @param entry with the moves, proved to be in the log at `index` @throws Failure when it is not an entry */
  recall(index: number, entry: Uint8Array): void {
    const said = parseEntry(entry);
    this.positions.recall(index, 'move' in said ? said.move : []);
  }

  /**
   * @param index the next one, from `start`
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
        const parsed = parseEntry(entry);
        this.#applyParsed(index, parsed, leaf);
        this.#count(parsed.kind);
      }
      this.#size++;
    } catch (error) {
      throw error instanceof Failure ? error.at(`entry ${index}`) : error;
    }
  }

  #applyParsed(index: number, entry: Entry, leaf: Leaf): void {
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
        this.#tick(index, entry.time);
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
      case 'ledger.close':
        this.#close(index, entry);
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

  #tick(index: number, time: string): void {
    if (time < this.lastTick) {
      throw new Failure('tick.back', `the tick goes back from ${this.lastTick}`, `时间倒退：上一次为 ${this.lastTick}`);
    }
    if (this.lastTick !== '' && monthOf(time) !== monthOf(this.lastTick)) {
      this.#ends.set(index, sumState(this.state()));
      this.#onMonthEnd(index, this);
    }
    this.lastTick = time;
  }

  #close(index: number, { at, lines, root }: LedgerClose): void {
    const end = this.#ends.get(at);
    if (!end) throw new Failure('close.at', `no month ended at entry ${at}`, `条目 ${at} 处没有月份结束`);
    if (end.lines !== lines || toBase64Url(end.root) !== root) {
      const en = `the state at entry ${at} has ${end.lines} lines with root ${toBase64Url(end.root)}, not what the close says`;
      throw new Failure(
        'close.state',
        en,
        `条目 ${at} 处的状态有 ${end.lines} 行，根为 ${toBase64Url(end.root)}，与结账所言不符`,
      );
    }
    this.closes.set(at, index);
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

/** Canonical members are sorted, so an entry that takes something back begins with one of these. */
function takesBack(entry: Uint8Array): boolean {
  const [, , first, second] = entry;
  return (first === 0x62 && second === 0x61) || (first === 0x64 && second === 0x65);
}

/** `2026-11`. @param time of a tick, UTC */
function monthOf(time: string): string {
  return time.slice(0, 7);
}
