/**
 * Where a unit went. First in, first out is a convention: the unit that came in at position p leaves at out-position p, except that a reversal
 * takes the last units of its move out of turn; whoever's place it took goes, in turn, where the reversed unit would have gone.
 */

/** A reversal out of one account: the units `unit … unit + minor - 1` left at the out-positions `fromPos … fromPos + minor - 1`. */
export interface Reversal {
  fromPos: number;
  minor: number;
  unit: number;
}

/** Positions [from, to) that were reached by stepping over as many reversals. */
interface Run {
  from: number;
  to: number;
  hops: number;
}

/** The reversals out of one account, as a jump table. They may be given in any order; their units are disjoint, and so are their positions. */
export class Reversals {
  readonly #byPosition: readonly Reversal[];
  readonly #byUnit: readonly Reversal[];

  constructor(reversals: Iterable<Reversal>) {
    const all = [...reversals];
    this.#byPosition = all.toSorted((a, b) => a.fromPos - b.fromPos);
    this.#byUnit = all.toSorted((a, b) => a.unit - b.unit);
  }

  /** Was the unit that came in at this position taken back? Then `follow` says nothing about it. */
  takesBack(unit: number): boolean {
    const found = this.#byUnit[lastAtOrBelow(this.#byUnit, (reversal) => reversal.unit, unit)];
    return found !== undefined && unit < found.unit + found.minor;
  }

  /**
   * The out-position at which an unreversed unit leaves or will leave, and the number of reversals that it stepped over.
   * @throws RangeError when the unit was taken back
   */
  follow(unit: number): { position: number; hops: number } {
    if (this.takesBack(unit)) throw new RangeError(`unit ${unit} was taken back`);
    let position = unit;
    for (let hops = 0; ; hops++) {
      const found = this.#byPosition[lastAtOrBelow(this.#byPosition, (reversal) => reversal.fromPos, position)];
      if (!found || position >= found.fromPos + found.minor) return { position, hops };
      position += stepsOver(found, position) * (found.unit - found.fromPos);
    }
  }

  /**
   * The most reversals that any unreversed unit steps over. Whole runs of units are followed at once.
   * @param maxSteps stops there and returns the longest chain found until then
   */
  longestChain(maxSteps = 10_000_000): number {
    let longest = 0;
    const runs = this.#chainStarts();
    let run = runs.pop();
    for (let steps = 0; run && steps < maxSteps; steps++) {
      longest = Math.max(longest, run.hops);
      for (
        let i = Math.max(
          0,
          lastAtOrBelow(this.#byPosition, (r) => r.fromPos, run.from),
        );
        ;
        i++
      ) {
        const reversal = this.#byPosition[i];
        if (!reversal || reversal.fromPos >= run.to) break;
        runs.push(...runsOver(reversal, run));
      }
      run = runs.pop();
    }
    return longest;
  }

  /** Runs of unreversed units whose own out-position a reversal took. */
  #chainStarts(): Run[] {
    const starts: Run[] = [];
    for (const { fromPos, minor } of this.#byPosition) {
      const end = fromPos + minor;
      let at = fromPos;
      for (
        let i = Math.max(
          0,
          lastAtOrBelow(this.#byUnit, (r) => r.unit, at),
        );
        at < end;
        i++
      ) {
        const taken = this.#byUnit[i];
        if (!taken || taken.unit >= end) {
          starts.push({ from: at, to: end, hops: 0 });
          break;
        }
        if (taken.unit > at) starts.push({ from: at, to: taken.unit, hops: 0 });
        at = Math.max(at, taken.unit + taken.minor);
      }
    }
    return starts;
  }
}

/** How often a unit at `position`, within the reversal's positions, steps before it leaves them. The reversal shifts by `unit - fromPos`, not 0. */
function stepsOver({ fromPos, minor, unit }: Reversal, position: number): number {
  const shift = unit - fromPos;
  return shift > 0 ? Math.ceil((fromPos + minor - position) / shift) : Math.floor((position - fromPos) / -shift) + 1;
}

/** What becomes of the part of a run that lies in the reversal's positions; units that take as many steps stay together. */
function runsOver(reversal: Reversal, run: Run): Run[] {
  const shift = reversal.unit - reversal.fromPos;
  const end = Math.min(run.to, reversal.fromPos + reversal.minor);
  const over: Run[] = [];
  for (let from = Math.max(run.from, reversal.fromPos); from < end; ) {
    const steps = stepsOver(reversal, from);
    const next = shift > 0 ? reversal.fromPos + reversal.minor - (steps - 1) * shift : reversal.fromPos - steps * shift;
    const to = Math.min(end, next);
    over.push({ from: from + steps * shift, to: to + steps * shift, hops: run.hops + 1 });
    from = to;
  }
  return over;
}

/** Index of the last element whose key is at or below `at`, or -1. */
function lastAtOrBelow<T>(sorted: readonly T[], key: (element: T) => number, at: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (key(sorted[middle] as T) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
