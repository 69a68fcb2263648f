// The drawing of the home page: springs on the hillside, brooks, one river. Worked out from a seed, so that every visit
// sees the same country. Nothing in it stands for a shop or a shopper.

export interface Reach {
  /** SVG path from its upper end down to where it joins the next. */
  path: string;
  /** A point half way down. */
  x: number;
  y: number;
  /** Stroke width. */
  width: number;
  /** Place in the list of the reach that it flows into; -1 for the last, which leaves the drawing. */
  into: number;
  spring: boolean;
}

export interface Country {
  width: number;
  height: number;
  /** Where the river leaves, at the bottom. */
  outletX: number;
  /** Width of the river there. */
  riverWidth: number;
  springs: number;
  seed: number;
}

interface Water {
  x: number;
  y: number;
  springs: number;
  above: Water[];
}

/** Reaches from the outlet upwards: what a reach flows into comes before it. */
export function watershed(country: Country): Reach[] {
  const random = chance(country.seed);
  const mouth = { x: country.outletX, y: country.height };
  const reaches: Reach[] = [];
  follow(gather(country, 0, country.springs, random), mouth, { x: 0, y: 1 }, -1, country, reaches);
  return reaches;
}

/** The confluence of springs `from` up to `to`, counted from the left, with everything above it. */
function gather(country: Country, from: number, to: number, random: () => number): Water {
  const springs = to - from;
  const wobble = () => random() - 0.5;
  const middle = ((from + to) / 2 / country.springs) * country.width;
  if (springs === 1) {
    // Two in three come from beyond the upper edge.
    const y = random() < 0.66 ? -2 : 6 + random() * country.height * 0.14;
    return { x: middle + wobble() * 16, y, springs, above: [] };
  }
  // Equal steps down for each doubling; big waters are drawn towards the outlet.
  const size = Math.log(springs) / Math.log(country.springs);
  const pull = 0.7 * size ** 1.9;
  const x = country.outletX * pull + (middle + wobble() * 26) * (1 - pull);
  const y = country.height * (0.14 + 0.52 * size ** 1.1 + wobble() * 0.05);
  const cut = from + Math.max(1, Math.min(springs - 1, Math.round(springs * (0.34 + random() * 0.32))));
  return { x, y, springs, above: [gather(country, from, cut, random), gather(country, cut, to, random)] };
}

interface Point {
  x: number;
  y: number;
}

/** Draws the reach from `water` down to `to`, where the flow heads `heading`, then all above it. */
function follow(water: Water, to: Point, heading: Point, into: number, country: Country, reaches: Reach[]): void {
  const y = Math.min(water.y, to.y - 10);
  const [dx, dy] = [to.x - water.x, to.y - y];
  const length = Math.hypot(dx, dy);
  // Half way between straight down and straight on: banks meet in a slant, as water does.
  const own = unit({ x: (dx / length) * 0.85, y: dy / length + 0.34 });
  const reach = length * 0.42;
  const start = { x: water.x, y };
  const leave = { x: water.x + own.x * reach, y: y + own.y * reach };
  const arrive = { x: to.x - heading.x * reach, y: to.y - heading.y * reach };
  const middle = { x: half(start.x, leave.x, arrive.x, to.x), y: half(start.y, leave.y, arrive.y, to.y) };
  const share = water.springs / country.springs;
  const width = round(0.9 + (country.riverWidth - 0.9) * share ** 0.85);
  const path = `M${place(start)}C${place(leave)} ${place(arrive)} ${place(to)}`;
  reaches.push({ path, x: round(middle.x), y: round(middle.y), width, into, spring: water.above.length === 0 });
  const here = reaches.length - 1;
  for (const above of water.above) follow(above, { x: water.x, y }, own, here, country, reaches);
}

/** A cubic curve at its half. */
function half(a: number, b: number, c: number, d: number): number {
  return (a + 3 * b + 3 * c + d) / 8;
}

function place(point: Point): string {
  return `${round(point.x)} ${round(point.y)}`;
}

function unit(vector: Point): Point {
  const length = Math.hypot(vector.x, vector.y);
  return { x: vector.x / length, y: vector.y / length };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Mulberry32: small, even, the same everywhere. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
