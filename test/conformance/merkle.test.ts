/** The 518 published probes of transparency-dev/merkle: what must be accepted is, and what must be refused is. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  fromBase64,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '@rivulet/verifier';
import { shared, skipWithout } from '../support/shared.ts';

const folder = 'vectors/tlog/merkle/testdata';

interface Probe {
  leafIdx: bigint;
  treeSize: bigint;
  start: bigint;
  end: bigint;
  size: bigint;
  size1: bigint;
  size2: bigint;
  root: Uint8Array;
  root1: Uint8Array;
  root2: Uint8Array;
  leafHash: Uint8Array;
  proof: Uint8Array[];
  wantErr: boolean;
}

const checks: Record<string, (p: Probe) => boolean> = {
  inclusion: (p) => verifyInclusion(p.leafIdx, p.treeSize, p.leafHash, p.proof, p.root),
  consistency: (p) => verifyConsistency(p.size1, p.size2, p.proof, p.root1, p.root2),
  subtreeinclusion: (p) => verifySubtreeInclusion(p.leafIdx, p.start, p.end, p.leafHash, p.proof, p.root),
  subtreeconsistency: (p) => verifySubtreeConsistency(p.start, p.end, p.size, p.proof, p.root1, p.root2),
};

/** Sizes reach 2^64, so the numbers are read from the source text. */
function readProbe(path: string): Probe {
  const hash = (value: unknown) => fromBase64(typeof value === 'string' ? value : '');
  const json = JSON.parse(readFileSync(path, 'utf8'), (_key, value, context?: { source?: string }) =>
    typeof value === 'number' ? BigInt(context?.source ?? value) : value,
  );
  return {
    ...json,
    root: hash(json.root),
    root1: hash(json.root1),
    root2: hash(json.root2),
    leafHash: hash(json.leafHash),
    proof: (json.proof ?? []).map(hash),
  };
}

test('all 518 Merkle probes answer as expected', { skip: skipWithout(folder) }, () => {
  let probes = 0;
  const wrong: string[] = [];
  for (const [kind, check] of Object.entries(checks)) {
    for (const path of globSync(`${shared(folder)}/${kind}/**/*.json`)) {
      const probe = readProbe(path);
      probes++;
      if (check(probe) === probe.wantErr) wrong.push(path);
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(probes, 518);
});
