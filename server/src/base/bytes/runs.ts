/** Many small things of a log in one row: where a list of indices is cut into rows. */

/** As many as a hash tile of the log covers. */
export const mostInRun = 256;
const mostApart = 32_767;

/**
 * Cuts ascending indices into runs of at most 256, each within 32,767 of its first, equal ones together. A run that begins below `aloneBelow`
 * holds one index only: what is written out of order must not cover what comes later in between.
 * @returns half-open ranges of places in `indices`
 */
export function* runsOf(indices: readonly number[], aloneBelow = 0): Generator<readonly [from: number, to: number]> {
  let from = 0;
  for (let at = 1; at <= indices.length; at++) {
    const [first, before, next] = [indices[from] as number, indices[at - 1] as number, indices[at]];
    if (next === before) continue;
    const full = at - from >= mostInRun || first < aloneBelow;
    if (next !== undefined && !full && next - first <= mostApart) continue;
    yield [from, at];
    from = at;
  }
}
