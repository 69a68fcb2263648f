/** What the registry should answer, and which terms should govern an order: lists and loops, nothing remembered twice. */
import type { ItemRow, PledgeInput } from '@rivulet/client/contract';
import { type Rule, Turns } from './amounts.ts';

export interface Version {
  readonly pledge: PledgeModel;
  readonly number: number;
  readonly startMs: number;
  /** Exclusive; Infinity for none. */
  readonly endMs: number;
  readonly ended: boolean;
  readonly imported: boolean;
  readonly rule: Rule;
  readonly cap: bigint | null;
  readonly base: readonly string[];
  readonly recipients: readonly string[];
  readonly weights: readonly number[];
  /** Which recipient's turn it is; over all gifts of this version. */
  readonly turns: Turns;
}

export interface PledgeModel {
  readonly id: string;
  readonly merchant: string;
  readonly currency: string;
  readonly versions: Version[];
  /** What the newest version was asked for with; null once it was ended by hand. */
  asked: string | null;
  /** Given over all versions, gross. */
  gross: bigint;
}

export type NoTerms = 'no_pledge' | 'not_started' | 'ended' | 'pledge_unknown' | 'pledge_not_in_force';

const dayMs = 86_400_000;

/** One source's pledges and items. */
export class PledgeBook {
  readonly base: readonly string[];
  readonly pledges = new Map<string, PledgeModel>();
  /** By merchant and item: from when it carries what. */
  readonly #points = new Map<string, Map<number, PledgeModel | null>>();

  constructor(base: readonly string[]) {
    this.base = base;
  }

  /** @param acceptedMs whole seconds. @returns outcome and version, or the code of the refusal */
  putPledge(row: PledgeInput, acceptedMs: number): string {
    const { items = [], ...asked } = row;
    const before = this.pledges.get(row.pledge);
    const askedText = JSON.stringify(asked, Object.keys({ ...asked, recipient: 0, weight: 0 }).sort());
    const newest = before?.versions.at(-1);
    const same = before !== undefined && before.asked === askedText;
    const start = same ? (newest?.startMs ?? 0) : this.#startOf(row, acceptedMs);
    const endMs = row.endsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(row.endsAt);
    if (!same && endMs <= start) return 'ends_before_start';
    if (!same && newest !== undefined && !newest.imported && start < acceptedMs) return 'imported_late';
    const pointMs = row.imported ? start : Math.max(start, acceptedMs);
    if (items.some((item) => this.#rewrites(row.merchant, item, before ?? nobody, pointMs, acceptedMs, false)))
      return 'item_carries_pledge';
    const pledge = before ?? this.#newPledge(row);
    pledge.asked = askedText;
    if (!same) pledge.versions.push(this.#version(pledge, row, start, endMs));
    const fromMs = row.imported ? start : Math.max(start, acceptedMs);
    const changed = items.filter((item) => this.#setPoint(row.merchant, item, fromMs, pledge, false)).length > 0;
    const outcome = before === undefined ? 'created' : !same || changed ? 'changed' : 'unchanged';
    return `${outcome} ${pledge.versions.length}`;
  }

  endPledge(id: string, acceptedMs: number): string {
    const pledge = this.pledges.get(id);
    const newest = pledge?.versions.at(-1);
    if (pledge === undefined || newest === undefined) return 'pledge_unknown';
    if (newest.ended || newest.endMs <= acceptedMs) return `unchanged ${newest.number}`;
    const over = { startMs: acceptedMs, endMs: Number.POSITIVE_INFINITY, ended: true, imported: false };
    pledge.versions.push({ ...newest, ...over, number: newest.number + 1, turns: new Turns(newest.weights) });
    pledge.asked = null;
    return `changed ${newest.number + 1}`;
  }

  putItem({ merchant, item, pledge: id, startsAt }: ItemRow, acceptedMs: number): string {
    const pledge = id === null ? null : this.pledges.get(id);
    if (pledge === undefined) return 'pledge_unknown';
    const newest = pledge?.versions.at(-1);
    const known = this.#points.has(`${merchant} ${item}`);
    let [fromMs, exact] = [acceptedMs, false];
    if (startsAt === undefined) fromMs = newest?.imported ? newest.startMs : acceptedMs;
    else if (newest?.imported || Date.parse(startsAt) > acceptedMs) [fromMs, exact] = [Date.parse(startsAt), true];
    if (this.#rewrites(merchant, item, pledge, fromMs, acceptedMs, exact)) return 'item_carries_pledge';
    if (!this.#setPoint(merchant, item, fromMs, pledge, exact)) return 'unchanged';
    return known ? 'changed' : 'created';
  }

  /** @param named as an order's `pledge` */
  termsFor(merchant: string, item: string, placedMs: number, named?: string): Version | NoTerms {
    const points = this.#points.get(`${merchant} ${item}`) ?? new Map<number, PledgeModel | null>();
    if (named !== undefined) return this.#named(points, merchant, placedMs, named);
    if (points.size === 0) return 'no_pledge';
    const carried = carriedAt(points, placedMs);
    if (carried === undefined) return 'not_started';
    if (carried === null) return 'ended';
    const started = carried.versions.filter(({ startMs }) => startMs <= placedMs).at(-1);
    if (started === undefined) return 'not_started';
    return started.ended || started.endMs <= placedMs ? 'ended' : started;
  }

  /** Which version the buyer may have seen: in force at some moment of the day before. */
  #named(
    points: ReadonlyMap<number, PledgeModel | null>,
    merchant: string,
    placedMs: number,
    named: string,
  ): Version | NoTerms {
    const [id = '', number] = named.split('@');
    const pledge = this.pledges.get(id);
    if (pledge?.merchant !== merchant || Number(number ?? 1) > pledge.versions.length) return 'pledge_unknown';
    if (![...points.values()].includes(pledge)) return 'pledge_unknown';
    const sinceMs = placedMs - dayMs;
    const between = [...points].filter(([ms]) => ms > sinceMs && ms <= placedMs).map(([, carried]) => carried);
    if (![carriedAt(points, sinceMs), ...between].includes(pledge)) return 'pledge_not_in_force';
    let found: { version: Version; untilMs: number } | null = null;
    for (const version of pledge.versions) {
      if (number !== undefined && version.number !== Number(number)) continue;
      const later = pledge.versions.filter((other) => other.number > version.number).map(({ startMs }) => startMs);
      const untilMs = Math.min(version.endMs, ...later);
      if (version.ended || version.startMs > placedMs || untilMs <= sinceMs || untilMs <= version.startMs) continue;
      if (found === null || untilMs >= found.untilMs) found = { version, untilMs };
    }
    return found?.version ?? 'pledge_not_in_force';
  }

  #startOf({ startsAt, imported }: PledgeInput, acceptedMs: number): number {
    const asked = startsAt === undefined ? acceptedMs : Math.floor(Date.parse(startsAt) / 1000) * 1000;
    return imported ? asked : Math.max(asked, acceptedMs);
  }

  #newPledge({ pledge: id, merchant, currency }: PledgeInput): PledgeModel {
    const pledge = { id, merchant, currency, versions: [], asked: null, gross: 0n };
    this.pledges.set(id, pledge);
    return pledge;
  }

  #version(pledge: PledgeModel, row: PledgeInput, startMs: number, endMs: number): Version {
    const weights = row.recipients.map(({ weight = 1 }) => weight);
    const { basisPoints, fixedMinor = 0, per = 'line' } = row;
    return {
      pledge,
      number: pledge.versions.length + 1,
      startMs,
      endMs,
      ended: false,
      imported: row.imported ?? false,
      rule: basisPoints === undefined ? { fixedMinor, per } : { basisPoints },
      cap: row.capMinor === undefined ? null : BigInt(row.capMinor),
      base: this.base,
      recipients: row.recipients.map(({ recipient }) => recipient),
      weights,
      turns: new Turns(weights),
    };
  }

  /** Whether history that is imported would take the item from a pledge that was public then. */
  #rewrites(
    merchant: string,
    item: string,
    pledge: PledgeModel | null,
    fromMs: number,
    acceptedMs: number,
    exact: boolean,
  ): boolean {
    const points = this.#points.get(`${merchant} ${item}`) ?? new Map<number, PledgeModel | null>();
    const now = carriedAt(points, fromMs);
    if (fromMs >= acceptedMs || points.get(fromMs) === pledge || (!exact && (now ?? null) === pledge)) return false;
    const later = [...points].filter(([ms]) => ms > fromMs).map(([, carried]) => carried);
    return [now, ...later].some((other) => other && other !== pledge && other.versions.some((v) => !v.imported));
  }

  #setPoint(merchant: string, item: string, fromMs: number, pledge: PledgeModel | null, exact: boolean): boolean {
    const name = `${merchant} ${item}`;
    const points = this.#points.get(name) ?? new Map<number, PledgeModel | null>();
    if (points.has(fromMs) && points.get(fromMs) === pledge) return false;
    if (!exact && (carriedAt(points, fromMs) ?? null) === pledge) return false;
    this.#points.set(name, points.set(fromMs, pledge));
    return true;
  }
}

/** A pledge that no item carries yet. */
const nobody = {} as PledgeModel;

/** Undefined before the first point. */
function carriedAt(points: ReadonlyMap<number, PledgeModel | null>, ms: number): PledgeModel | null | undefined {
  let newest = Number.NEGATIVE_INFINITY;
  for (const fromMs of points.keys()) if (fromMs <= ms && fromMs > newest) newest = fromMs;
  return points.get(newest);
}
