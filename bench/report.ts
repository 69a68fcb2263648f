/** Figures for people, and the one line for machines. */
import type { Audits } from './audits.ts';
import type { Baseline } from './baseline.ts';
import type { Environment } from './environment.ts';
import type { BenchOptions, Load } from './measure.ts';

export interface Measured extends Load {
  readonly options: BenchOptions;
  readonly environment: Environment;
  readonly baseline: Baseline;
  readonly audits: Audits;
}

const whole = (number: number) => Math.round(number).toLocaleString('en');
const times = (gifts: number, peer: number) => (gifts / peer).toFixed(1);
const ms = (number: number) => (number < 10 ? number.toFixed(1) : number.toFixed(0));

export function report(measured: Measured): string {
  const { bulk, single, baseline, bytes, cpu, environment, options, audits } = measured;
  const gifts = bulk.created / bulk.seconds;
  return `
machine     ${environment.machine}; disk sync ${environment.diskSyncMs.toFixed(2)} ms
software    commit ${environment.commit}, Node ${environment.node}, PostgreSQL ${environment.postgres}
PostgreSQL  ${environment.durability}
load        ${options.rows} events a request, ${options.concurrency} requests at a time, seed ${options.seed}, from the same machine

bulk        ${whole(gifts)} gifts/s: ${whole(bulk.created)} gifts, ${whole(bulk.duplicates)} duplicates, ${whole(bulk.returns)} returns, ${whole(bulk.ignored)} ignored in ${bulk.seconds.toFixed(1)} s
            a request p50 ${ms(bulk.p50Ms)} ms, p99 ${ms(bulk.p99Ms)} ms (${whole(bulk.requests)} requests, ${bulk.putOff} put off)
processor   ${cpu === null ? 'not known here' : `${cpu.server} µs a gift in the server, ${cpu.postgres} µs in PostgreSQL`}
one event   ${whole(single.created / single.seconds)} gifts/s; a request p50 ${ms(single.p50Ms)} ms, p99 ${ms(single.p99Ms)} ms (${whole(single.requests)} requests)
log         published at most ${measured.secondsBehind.toFixed(2)} s after the answer; caught up ${measured.catchUpSeconds.toFixed(2)} s after the end
bytes/gift  ${bytes.total}: gift ${bytes.giftHeap} heap + ${bytes.giftIndexes} indexes, private rows ${bytes.privateRows}, other rows ${bytes.otherRows}, log files ${bytes.logFiles}
            besides, for a time: batches ${bytes.batches}, write-ahead log ${bytes.wal}
peer        one transaction per gift, no HTTP: ${whole(baseline.oneConnection)} gifts/s on one connection (${times(gifts, baseline.oneConnection)} times),
            ${whole(baseline.best.perSecond)} gifts/s at best, on ${baseline.best.connections} connections (${times(gifts, baseline.best.perSecond)} times)
audit       ${audits.lines.join('\n            ')}
`;
}

/** The last line. @param measured null when the audit failed: then no figure is told */
export function summary(measured: Measured | null): string {
  if (measured === null) return JSON.stringify({ name: 'intake', auditPassed: false });
  const { bulk, single, baseline, bytes, environment, options } = measured;
  const giftsPerSecond = Math.round(bulk.created / bulk.seconds);
  return JSON.stringify({
    name: 'intake',
    giftsPerSecond,
    baselinePerSecond: Math.round(baseline.oneConnection),
    ratio: Number(times(giftsPerSecond, baseline.oneConnection)),
    baselineBestPerSecond: Math.round(baseline.best.perSecond),
    ratioToBest: Number(times(giftsPerSecond, baseline.best.perSecond)),
    p50Ms: Number(bulk.p50Ms.toFixed(1)),
    p99Ms: Number(bulk.p99Ms.toFixed(1)),
    oneEventPerSecond: Math.round(single.created / single.seconds),
    oneEventP50Ms: Number(single.p50Ms.toFixed(1)),
    oneEventP99Ms: Number(single.p99Ms.toFixed(1)),
    secondsBehind: Number(measured.secondsBehind.toFixed(2)),
    bytesPerGift: bytes.total,
    bytes,
    cpuMicrosecondsPerGift: measured.cpu,
    gifts: bulk.created,
    measuredSeconds: Number(bulk.seconds.toFixed(1)),
    ...options,
    environment,
    auditPassed: true,
  });
}
