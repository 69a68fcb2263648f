/** One phase of load, and what its answers say once the clock has stopped. */
import type { OrdersAnswer } from '@rivulet/client/contract';
import { drive, percentile, type Target } from './drive.ts';
import { promisedSize } from './log-delay.ts';
import type { Body } from './orders.ts';

export interface Phase {
  readonly created: number;
  readonly duplicates: number;
  readonly returns: number;
  /** Ignored: gifts that round to nothing, returns of them. */
  readonly ignored: number;
  readonly givenMinor: bigint;
  readonly seconds: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly putOff: number;
  /** Sizes promised and when. */
  readonly promised: readonly { readonly at: number; readonly size: number }[];
}

/** @throws Error when an answer is not what was sent: a refused event, another number of results */
export async function runPhase(
  target: Target,
  bodies: readonly Body[],
  concurrency: number,
  seconds: number,
): Promise<Phase> {
  const raw = bodies.map(({ bytes }) => bytes);
  const driven = await drive(target, raw, concurrency, performance.now() + seconds * 1_000);
  const counts = { created: 0, duplicates: 0, returns: 0, ignored: 0, givenMinor: 0n };
  const times: number[] = [];
  const promised: { at: number; size: number }[] = [];
  for (const answer of driven.answers) {
    if (answer === null) continue;
    times.push(answer.ms);
    const size = promisedSize(answer.body);
    if (size > 0) promised.push({ at: answer.at, size });
    countResults(JSON.parse(answer.body.toString()) as OrdersAnswer, counts);
  }
  times.sort((a, b) => a - b);
  return {
    ...counts,
    seconds: driven.seconds,
    requests: times.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    putOff: driven.putOff,
    promised: promised.sort((a, b) => a.at - b.at),
  };
}

type Counts = { created: number; duplicates: number; returns: number; ignored: number; givenMinor: bigint };

function countResults(answer: OrdersAnswer, counts: Counts): void {
  for (const result of answer.results) {
    if (result.outcome === 'refused') throw new Error(`an event was refused: ${JSON.stringify(result.error)}`);
    if (result.outcome === 'ignored') counts.ignored += 1;
    else if (!('givenMinor' in result)) counts.returns += 1;
    else if (result.outcome === 'duplicate') counts.duplicates += 1;
    else {
      counts.created += 1;
      counts.givenMinor += BigInt(result.givenMinor);
    }
  }
}
