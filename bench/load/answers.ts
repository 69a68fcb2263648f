/** What the answers of a loop say, read once the clock has stopped. */
import type { OrdersAnswer } from '@rivulet/client/contract';
import { type Latency, latencyOf } from '../figures/spread.ts';
import { promisedSize } from '../machine/log-delay.ts';
import type { Driven } from './closed-loop.ts';
import { type Answer, postRequest, type Target } from './connection.ts';
import type { Body } from './orders.ts';

/** Sums over answers. */
export class Counts {
  created = 0;
  duplicates = 0;
  returns = 0;
  /** No pledge, gifts that round to nothing, returns of them. */
  ignored = 0;
  givenMinor = 0n;

  /** @throws Error when an event was refused */
  add({ pieces }: Pick<Answer, 'pieces'>): OrdersAnswer {
    const answer = JSON.parse(Buffer.concat(pieces).toString()) as OrdersAnswer;
    for (const result of answer.results) {
      if (result.outcome === 'refused') throw new Error(`an event was refused: ${JSON.stringify(result.error)}`);
      if (result.outcome === 'ignored') this.ignored += 1;
      else if (!('givenMinor' in result)) this.returns += 1;
      else if (result.outcome === 'duplicate') this.duplicates += 1;
      else {
        this.created += 1;
        this.givenMinor += BigInt(result.givenMinor);
      }
    }
    return answer;
  }

  get lines(): number {
    return this.created + this.duplicates + this.returns + this.ignored;
  }
}

export interface Phase extends Latency {
  readonly counts: Counts;
  readonly seconds: number;
  readonly requests: number;
  readonly putOff: number;
  /** Of answers, bodies only. */
  readonly answerBytes: number;
  /** Processor time of the load itself. */
  readonly cpuSeconds: number;
  /** Sizes promised and when, by time. */
  readonly promised: readonly { readonly at: number; readonly size: number }[];
}

const path = '/v1/giving/orders';

export function orderRequests(target: Target, bodies: readonly Body[]): Buffer[] {
  return bodies.map(({ bytes }) => postRequest(target, path, bytes));
}

/** @param sums of the stand, to which the answers are added */
export function readPhase({ answers, seconds, putOff, cpuSeconds }: Driven, sums: Counts): Phase {
  const counts = new Counts();
  const times: number[] = [];
  const promised: { at: number; size: number }[] = [];
  let answerBytes = 0;
  for (const answer of answers) {
    if (answer === null) continue;
    times.push(answer.ms);
    answerBytes += answer.bytes;
    const size = promisedSize(answer.pieces);
    if (size > 0) promised.push({ at: answer.at, size });
    counts.add(answer);
  }
  sums.created += counts.created;
  sums.givenMinor += counts.givenMinor;
  promised.sort((a, b) => a.at - b.at);
  return { counts, seconds, requests: times.length, putOff, answerBytes, cpuSeconds, promised, ...latencyOf(times) };
}
