/** What every part of the bench is given, and what it hands back. */
import { orderRequests, type Phase, readPhase } from '../load/answers.ts';
import { drive } from '../load/closed-loop.ts';
import { type Market, marketOf } from '../load/market.ts';
import type { Body } from '../load/orders.ts';
import { type SetUp, setUpMarket } from '../load/set-up-market.ts';
import { seeded } from '../load/skew.ts';
import type { BenchOptions } from '../options.ts';
import type { Stand } from '../stand/stand.ts';

export interface PartContext {
  readonly options: BenchOptions;
  readonly stand: Stand;
  /** Progress, to stderr. */
  readonly say: (text: string) => void;
}

export interface Part<Figures> {
  /** @throws AuditFailed, and then there is no figure; Error when an answer is not what it must be */
  run(context: PartContext): Promise<{ figures: Figures; audited: readonly string[] }>;
  /** For people, at the terminal. */
  lines(figures: Figures): readonly string[];
}

/** The market that the options name, in the stand's server. */
export async function openMarket({ options, stand, say }: PartContext): Promise<{ market: Market; setUp: SetUp }> {
  const market = marketOf(options.market);
  const { projects, merchants, items } = market;
  say(
    `${projects.toLocaleString('en')} projects, ${merchants.toLocaleString('en')} merchants, ${items.toLocaleString('en')} pledged items`,
  );
  return { market, setUp: await setUpMarket(stand.client, market, seeded(options.seed), say) };
}

/** One closed loop with all of the bodies, or as many as the seconds allow; answers are added to the stand's sums. */
export async function sendBodies(
  { stand }: Pick<PartContext, 'stand'>,
  bodies: readonly Body[],
  concurrency: number,
  seconds: number,
): Promise<Phase> {
  const requests = orderRequests(stand.target, bodies);
  const driven = await drive(stand.target, requests, concurrency, performance.now() + seconds * 1_000);
  return readPhase(driven, stand.sums);
}

/** Bodies of a warm-up: a tenth of a run, and at least a few requests. */
export const warmUpEvents = ({ rows, events }: BenchOptions) => Math.max(rows * 4, Math.round(events * 0.1));

export const whole = (number: number) => Math.round(number).toLocaleString('en');
export const ms = (number: number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));
export const times = (ours: number, theirs: number) => (ours / theirs).toFixed(1);
