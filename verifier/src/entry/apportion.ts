/**
 * Sainte-Laguë (Webster): each unit in turn goes to the recipient with the largest weight / (2 × units so far + 1), ties to the earlier. So
 * parts never shrink when the total grows, and what a gift adds to each recipient is the difference of two calls.
 */

/**
 * Exact, in time independent of the total: the closed form gives every unit whose turn surely comes before the total is reached, at most one a
 * weight is left to hand out by turns.
 * @param weights at least one above zero, none below
 * @returns one part a weight, in order, summing to `total`
 */
export function apportion(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (total < 0n || sum <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('nothing to apportion by');
  // With the divisor 2 sum / (2 total - n), rounding every quotient down at one half hands out at most `total`, all of them units whose
  // turn comes before any unit not handed out.
  const scale = 2n * total - BigInt(weights.length);
  const parts = weights.map((weight) => ceilDivide(weight * scale - sum, 2n * sum));
  let left = parts.reduce((rest, part) => rest - part, total);
  for (; left > 0n; left--) {
    const next = nextInTurn(parts, weights);
    parts[next] = (parts[next] as bigint) + 1n;
  }
  return parts;
}

/** Never below zero. */
function ceilDivide(a: bigint, b: bigint): bigint {
  return a <= 0n ? 0n : (a + b - 1n) / b;
}

function nextInTurn(parts: readonly bigint[], weights: readonly bigint[]): number {
  let best = 0;
  for (let i = 1; i < parts.length; i++) {
    const here = (weights[i] as bigint) * (2n * (parts[best] as bigint) + 1n);
    const there = (weights[best] as bigint) * (2n * (parts[i] as bigint) + 1n);
    if (here > there) best = i;
  }
  return best;
}
