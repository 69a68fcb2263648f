/** docs/architecture.svg: modules as boxes in the layers of the house, imports as lines that lead down, packages for others at the side. */
import type { Module } from '../tidy/architecture.ts';
import { type Edge, reduce } from './edges.ts';

interface Box {
  readonly name: string;
  readonly label: string;
  /** Smaller words below the label. */
  readonly notes: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'module' | 'public' | 'private';
}

const page = { width: 1000, left: 24, top: 60, house: 690, side: 748 };
const band = { height: 92, gap: 14, label: 66 };
const rows = [
  { title: 'start', holds: /^(server|edge\/console)$/ },
  { title: 'edge', holds: /^edge\/(?!console$)/ },
  { title: 'domains', holds: /^domains\// },
  { title: 'books', holds: /^books\// },
  { title: 'base', holds: /^base$/ },
] as const;
/** A package beside the house, and the row it stands at. */
const packages = [
  { name: 'web', row: 1, kind: 'private' },
  { name: 'client', row: 2, kind: 'public' },
  { name: 'verifier', row: 3, kind: 'public' },
] as const;

/** The whole picture as SVG text; the same modules and edges always give the same text. */
export function draw(modules: readonly Module[], edges: readonly Edge[]): string {
  const names = modules.map(({ name }) => name);
  const boxes = new Map(
    [...rows.flatMap((row, i) => layer(names, row, i)), ...beside(names)].map((box) => [box.name, box]),
  );
  const folded = reduce(fold(edges).filter(({ from, to }) => boxes.has(from) && boxes.has(to)));
  const height = page.top + rows.length * (band.height + band.gap) + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${page.width} ${height}" role="img" aria-labelledby="title">`,
    '<title id="title">The modules of Rivulet and what they import</title>',
    style,
    `<rect class="page" width="${page.width}" height="${height}"/>`,
    `<text class="note" x="${page.left}" y="36">A line leads from a module to one it imports; lines that follow from others are left out.</text>`,
    ...rows.map(bandOf),
    ...folded.map((edge) => line(boxes.get(edge.from) as Box, boxes.get(edge.to) as Box)),
    ...[...boxes.values()].map(boxOf),
    '</svg>',
    '',
  ].join('\n');
}

/** A package is one box: `verifier/node` counts as `verifier`. */
function fold(edges: readonly Edge[]): Edge[] {
  const whole = (name: string) => packages.find((held) => name.startsWith(`${held.name}/`))?.name ?? name;
  const folded = edges
    .map(({ from, to }) => ({ from: whole(from), to: whole(to) }))
    .filter(({ from, to }) => from !== to);
  return [...new Map(folded.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()];
}

function layer(names: readonly string[], { holds }: (typeof rows)[number], i: number): Box[] {
  const held = names.filter((name) => holds.test(name));
  const space = page.house - band.label - 16;
  const width = Math.min(168, Math.floor((space - 14 * (held.length - 1)) / held.length));
  const start = page.left + band.label + Math.floor((space - held.length * width - 14 * (held.length - 1)) / 2);
  return held.map((name, at) => ({
    name,
    label: name === 'server' ? 'main.ts' : name.replace(/^.*\//, ''),
    notes: [],
    x: start + at * (width + 14),
    y: top(i) + 22,
    width,
    height: band.height - 44,
    kind: 'module',
  }));
}

function beside(names: readonly string[]): Box[] {
  return packages
    .filter(({ name }) => names.includes(name))
    .map(({ name, row, kind }) => ({
      name,
      label: name,
      notes: [
        kind,
        names
          .filter((held) => held.startsWith(`${name}/`))
          .map((held) => held.replace(/^.*\//, ''))
          .join(' · '),
      ],
      x: page.side,
      y: top(row),
      width: page.width - page.side - page.left,
      height: band.height,
      kind,
    }));
}

function top(row: number): number {
  return page.top + row * (band.height + band.gap);
}

function bandOf({ title }: (typeof rows)[number], row: number): string {
  return (
    `<rect class="band" x="${page.left}" y="${top(row)}" width="${page.house}" height="${band.height}" rx="10"/>` +
    `<text class="layer" x="${page.left + 16}" y="${top(row) + band.height / 2 + 5}">${title}</text>`
  );
}

function boxOf({ label, notes, x, y, width, height, kind }: Box): string {
  const said = notes.filter((note) => note !== '');
  const middle = y + height / 2 + 5 - said.length * 9;
  return (
    `<rect class="box ${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>` +
    `<text class="name" x="${x + width / 2}" y="${middle}">${label}</text>` +
    said
      .map((note, i) => `<text class="small" x="${x + width / 2}" y="${middle + 20 * (i + 1)}">${note}</text>`)
      .join('')
  );
}

function line(from: Box, to: Box): string {
  const path =
    from.y === to.y && to.kind === 'module'
      ? across(from, to)
      : from.kind === 'module' && to.kind !== 'module'
        ? aside(from, to)
        : down(from, to);
  return `<path class="line" d="${path}" marker-end="url(#tip)"/>`;
}

function down(from: Box, to: Box): string {
  const [x1, y1, x2, y2] = [toward(from, to), from.y + from.height, toward(to, from), to.y - 5];
  const bend = (y2 - y1) / 2;
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
}

/** Where on a box's edge a line meets it: the nearer to the other box the further out, so that lines do not fall together. */
function toward(box: Box, other: Box): number {
  const away = other.x + other.width / 2 - (box.x + box.width / 2);
  const most = box.width / 2 - 14;
  return Math.round(box.x + box.width / 2 + Math.max(-most, Math.min(most, away / 4)));
}

/** Between neighbours straight, past others below them. */
function across(from: Box, to: Box): string {
  const right = to.x > from.x;
  const [edge, side] = [right ? from.x + from.width : from.x, right ? to.x - 5 : to.x + to.width + 5];
  const y = from.y + from.height / 2;
  if (Math.abs(side - edge) < 20) return `M${edge} ${y}L${side} ${y}`;
  const [x1, x2, low] = [from.x + from.width / 2, to.x + to.width / 2, from.y + from.height];
  return `M${x1} ${low}C${x1} ${low + 20} ${x2} ${low + 20} ${x2} ${low + 5}`;
}

/** To a package: level from the side, or from below past the others of its layer. */
function aside(from: Box, to: Box): string {
  const [x2, y2] = [to.x - 5, to.y + to.height / 2];
  const middle = from.y + from.height / 2;
  if (Math.abs(middle - y2) < from.height) return `M${from.x + from.width} ${middle}L${x2} ${y2}`;
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  return `M${x1} ${y1}C${x1} ${y1 + 50} ${x1 + (x2 - x1) * 0.3} ${y2 - 22} ${x2} ${y2 - 18}`;
}

const style = `<style>
.page{fill:#fbfaf6}.band{fill:#f1eee4}.box{stroke-width:1.5}
.module{fill:#fff;stroke:#8a8570}.public{fill:#e3f1ec;stroke:#1f7a5c}.private{fill:#fff;stroke:#8a8570}
.line{fill:none;stroke:#5a6b64;stroke-width:1.4}
text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;fill:#23221c}
.name{font-size:15px;font-weight:600;text-anchor:middle}.small{font-size:12px;text-anchor:middle;fill:#55523f}
.layer{font-size:13px;fill:#77725c}.note{font-size:13px;fill:#55523f}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5a6b64"/></marker></defs>`;
