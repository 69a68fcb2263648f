/** The one line for machines, last of what a run prints. */
import { middleRun } from './parts/ingest.ts';
import type { Results } from './results.ts';

/** @param results of this run; a part whose audit failed is not among them, and then none is told */
export function summary(results: Results, auditPassed: boolean): string {
  if (!auditPassed) return JSON.stringify({ name: 'intake', auditPassed });
  const { ingest, single } = results;
  const first = Object.values(results)[0];
  return JSON.stringify({
    name: 'intake',
    ...(ingest && ofIngest(ingest)),
    ...(single && ofSingle(single)),
    parts: Object.keys(results),
    ...first?.options,
    environment: first?.environment,
    auditPassed,
  });
}

function ofIngest({ figures }: NonNullable<Results['ingest']>) {
  const { giftsPerSecond, peers, p50Ms, p99Ms } = figures;
  const run = middleRun(figures);
  const speed = giftsPerSecond.median;
  const ratio = (peer: number) => Number((speed / peer).toFixed(2));
  const { oneByOne, setBased, positional } = peers;
  return {
    giftsPerSecond: Math.round(speed),
    giftsPerSecondRuns: giftsPerSecond.runs.map(Math.round),
    baselinePerSecond: Math.round(oneByOne.usual.perSecond.median),
    ratio: ratio(oneByOne.usual.perSecond.median),
    baselineBestPerSecond: Math.round(oneByOne.best.perSecond.median),
    ratioToBest: ratio(oneByOne.best.perSecond.median),
    setBasedPerSecond: Math.round(setBased.best.perSecond.median),
    ratioToSetBased: ratio(setBased.best.perSecond.median),
    positionalPerSecond: Math.round(positional.best.perSecond.median),
    ratioToPositional: ratio(positional.best.perSecond.median),
    p50Ms: Number(p50Ms.median.toFixed(1)),
    p99Ms: Number(p99Ms.median.toFixed(1)),
    secondsBehind: Number(run.secondsBehind.toFixed(2)),
    bytesPerGift: run.bytes.total,
    bytes: run.bytes,
    cpuMicrosecondsPerGift: run.cpu,
    gifts: run.gifts,
    measuredSeconds: Number(run.seconds.toFixed(1)),
  };
}

function ofSingle({ figures }: NonNullable<Results['single']>) {
  const { giftsPerSecond, p99Ms, closed } = figures;
  return {
    oneEventPerSecond: Math.round(giftsPerSecond.median),
    oneEventClosedP99Ms: Number((closed.at(-1)?.p99Ms ?? 0).toFixed(1)),
    oneEventP99Ms: Number(p99Ms.median.toFixed(1)),
  };
}
