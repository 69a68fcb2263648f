/** Small plots as SVG, by hand: no script, readable in light and in dark, and as text for those who do not see them. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Least and greatest of the runs. */
  readonly low?: number;
  readonly high?: number;
  /** Ours, among others. */
  readonly accent?: boolean;
}

export interface Part {
  readonly label: string;
  readonly value: number;
}

export interface Series {
  readonly points: readonly (readonly [x: number, y: number])[];
}

const width = 760;
const labelWidth = 230;
const barWidth = width - labelWidth - 110;

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}.quiet{fill:#6a737d;font-size:12px}
.bar{fill:#8c9bab}.accent{fill:#1f6fb5}.line{stroke:#1f6fb5;stroke-width:2;fill:none}.dot{fill:#1f6fb5}.axis{stroke:#c9d1d9;fill:none}.ground{fill:#fff}
.range{stroke:#24292f;stroke-width:1.5}.goal{stroke:#b3541e;stroke-width:1.5;stroke-dasharray:5 4}.goal-text{fill:#b3541e;font-size:12px}
.p0{fill:#1f6fb5}.p1{fill:#3b8f6b}.p2{fill:#c9822b}.p3{fill:#8a5fb0}.p4{fill:#b8505f}.p5{fill:#8c9bab}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}.quiet{fill:#9aa4ae}.bar{fill:#6b7885}.accent,.dot{fill:#5aa9e6}.line{stroke:#5aa9e6}.axis{stroke:#444c56}
.range{stroke:#e6edf3}.goal{stroke:#e8945c}.goal-text{fill:#e8945c}.p0{fill:#5aa9e6}.p1{fill:#62b893}.p2{fill:#e0a85a}.p3{fill:#b08ad6}.p4{fill:#d97a88}.p5{fill:#6b7885}}
</style>`;

/** One bar a line, from 0, with its value behind it and the spread of the runs over it. */
export function barPlot(title: string, unit: string, bars: readonly Bar[], goal?: number): string {
  const most = Math.max(goal ?? 0, ...bars.map(({ value, high = value }) => high));
  const x = (value: number) => labelWidth + (value / most) * barWidth;
  const drawn = bars.flatMap(({ label, value, low = value, high = value, accent }, i) => {
    const y = 44 + i * 30;
    const end = Math.max(x(value), x(high));
    return [
      text(labelWidth - 10, y + 15, label, '', 'end'),
      `<rect class="${accent ? 'accent' : 'bar'}" x="${labelWidth}" y="${y}" width="${round(x(value) - labelWidth)}" height="20" rx="2"/>`,
      high > low ? `<path class="range" d="M${round(x(low))} ${y + 10}H${round(x(high))}"/>` : '',
      text(end + 8, y + 15, say(value), '', 'start'),
    ];
  });
  const bottom = 44 + bars.length * 30 + 14;
  const height = goal === undefined ? bottom - 6 : bottom + 10;
  return frame(title, unit, height, [...goalLine(goal, x, bottom), ...drawn], listOf(bars, unit));
}

/** What one whole is made of, in one bar. */
export function stackPlot(title: string, unit: string, parts: readonly Part[], goal?: number): string {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(whole, goal ?? 0);
  const x = (value: number) => 20 + (value / most) * (width - 120);
  const legendTop = goal === undefined ? 96 : 116;
  let reached = 0;
  const drawn = parts.map(({ value }, i) => {
    const from = x(reached);
    reached += value;
    return `<rect class="p${i % 6}" x="${round(from)}" y="44" width="${round(Math.max(0, x(reached) - from - 1))}" height="26"/>`;
  });
  const legend = parts.flatMap(({ label, value }, i) => {
    const [left, y] = [20 + (i % 3) * 245, legendTop + Math.floor(i / 3) * 22];
    return [
      `<rect class="p${i % 6}" x="${left}" y="${y - 10}" width="11" height="11"/>`,
      text(left + 18, y, `${label} ${say(value)}`, '', 'start'),
    ];
  });
  const height = legendTop + Math.ceil(parts.length / 3) * 22;
  const total = text(x(whole) + 8, 62, say(whole), '', 'start');
  return frame(title, unit, height, [...drawn, total, ...legend, ...goalLine(goal, x, 90)], listOf(parts, unit));
}

/** One line over x, from 0 upwards. @param logarithmic of x, where it spans magnitudes */
export function linePlot(title: string, unit: string, xLabel: string, { points }: Series, logarithmic = false): string {
  const [left, right, top, bottom] = [70, width - 30, 50, 230];
  const at = (x: number) => (logarithmic ? Math.log10(x) : x);
  const xs = points.map(([x]) => at(x));
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  const high = Math.max(...points.map(([, y]) => y)) * 1.1 || 1;
  const px = (x: number) => (most === least ? left : left + ((at(x) - least) / (most - least)) * (right - left));
  const py = (y: number) => bottom - (y / high) * (bottom - top);
  const few = points.length <= 12;
  const drawn = [
    `<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>`,
    text(left - 8, py(0) + 4, '0', 'quiet', 'end'),
    few ? '' : text(left - 8, py(high / 1.1) + 4, say(high / 1.1), 'quiet', 'end'),
    `<path class="line" d="${points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(px(x))} ${round(py(y))}`).join('')}"/>`,
    ...(few
      ? points.flatMap(([x, y]) => [
          `<circle class="dot" cx="${round(px(x))}" cy="${round(py(y))}" r="4"/>`,
          text(px(x) + (px(x) > right - 40 ? 0 : 6), py(y) - 10, say(y), '', px(x) > right - 40 ? 'end' : 'start'),
          text(px(x), bottom + 18, say(x), 'quiet', 'middle'),
        ])
      : [
          text(left, bottom + 18, say(points[0]?.[0] ?? 0), 'quiet', 'start'),
          text(right, bottom + 18, say(points.at(-1)?.[0] ?? 0), 'quiet', 'end'),
        ]),
    text((left + right) / 2, bottom + 36, xLabel, 'quiet', 'middle'),
  ];
  const described = points.filter((_, i) => few || i % Math.ceil(points.length / 12) === 0);
  return frame(title, unit, bottom + 46, drawn, described.map(([x, y]) => `${say(x)}: ${say(y)} ${unit}`).join('; '));
}

/** @param bottom where its label stands */
function goalLine(goal: number | undefined, x: (value: number) => number, bottom: number): string[] {
  if (goal === undefined) return [];
  return [
    `<path class="goal" d="M${round(x(goal))} 38V${bottom - 14}"/>`,
    `<text class="goal-text" x="${round(x(goal))}" y="${bottom}" text-anchor="middle">goal ${say(goal)}</text>`,
  ];
}

function frame(title: string, unit: string, height: number, drawn: readonly string[], description: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d">
<title id="t">${escaped(title)}</title>
<desc id="d">${escaped(description)}</desc>
${style}
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text class="title" x="20" y="22">${escaped(title)}</text>
${text(width - 20, 22, unit, 'quiet', 'end')}
${drawn.filter((line) => line !== '').join('\n')}
</svg>
`;
}

function listOf(parts: readonly Part[], unit: string): string {
  return parts.map(({ label, value }) => `${label}: ${say(value)} ${unit}`).join('; ');
}

function text(x: number, y: number, said: string, kind: string, anchor: 'start' | 'middle' | 'end'): string {
  const named = kind === '' ? '' : ` class="${kind}"`;
  return `<text${named} x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(said)}</text>`;
}

function say(value: number): string {
  if (value >= 100 || Number.isInteger(value) || value < 0.05) return Math.round(value).toLocaleString('en');
  return value.toFixed(value < 10 ? 1 : 0);
}

const round = (value: number) => Math.round(value * 10) / 10;

function escaped(said: string): string {
  return said.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
