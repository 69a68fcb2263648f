import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barPlot, linePlot, stackPlot } from './svg.ts';

/** Every element is closed, in order, and no number was lost. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, closes, name, itself] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closes) assert.equal(open.pop(), name);
    else if (!itself) open.push(name as string);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

const widths = (svg: string, kind: string) =>
  [...svg.matchAll(new RegExp(`<rect class="${kind}"[^>]* width="([\\d.]+)"`, 'g'))].map(([, width]) => Number(width));

test('bars are as long as their values, the runs lie over them, and what is said is text', () => {
  const svg = barPlot('Ours & theirs', 'gifts/s', [
    { label: 'ours', value: 200, low: 150, high: 200, accent: true },
    { label: '<theirs>', value: 50 },
  ]);
  assertWellFormed(svg);
  const [[ours = 0], [theirs = 0]] = [widths(svg, 'accent'), widths(svg, 'bar')];
  assert.equal(Math.round(ours / theirs), 4);
  assert.match(svg, /class="range"/);
  assert.match(svg, /&lt;theirs&gt;/);
  assert.match(svg, /<desc id="d">ours: 200 gifts\/s; &lt;theirs&gt;: 50 gifts\/s<\/desc>/);
  assert.match(svg, /prefers-color-scheme:dark/);
});

test('a stack is as long as its parts together, and the goal is where it belongs', () => {
  const parts = [
    { label: 'heap', value: 100 },
    { label: 'log', value: 200 },
  ];
  const svg = stackPlot('Bytes', 'bytes', parts, 600);
  assertWellFormed(svg);
  const [[heap = 0], [log = 0]] = [widths(svg, 'p0'), widths(svg, 'p1')];
  assert.ok(Math.abs(log - 2 * heap) < 3);
  assert.match(svg, />goal 600</);
  assert.match(svg, />300<\/text>/);
});

test('a line starts at 0 and a logarithmic one puts magnitudes at equal distance', () => {
  const points = [
    [1, 100],
    [10, 90],
    [100, 80],
  ] as const;
  const svg = linePlot('Growth', 'gifts/s', 'million gifts', { points }, true);
  assertWellFormed(svg);
  const xs = [...svg.matchAll(/<circle[^>]* cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  assert.equal(Math.round((xs[1] ?? 0) - (xs[0] ?? 0)), Math.round((xs[2] ?? 0) - (xs[1] ?? 0)));
  assertWellFormed(linePlot('One', 'MiB', 'minutes', { points: [[0, 5]] }));
});
