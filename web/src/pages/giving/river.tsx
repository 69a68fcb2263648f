// The drawn river: the country above (springs to river), and its course past the receivers, giving each its branch.
import { type Country, type Reach, watershed } from './watershed.ts';

const wide: Country = { width: 1120, height: 310, outletX: 356, riverWidth: 20, springs: 56, seed: 9 };
/** Wider than a phone: what is off the right edge flows in from there. */
const narrow: Country = { width: 720, height: 190, outletX: 8, riverWidth: 16, springs: 48, seed: 9 };

const drawn = { wide: watershed(wide), narrow: watershed(narrow) };

/**
 * Springs to river, once for wide screens and once for phones; the style sheet shows one of them.
 * @param flowing whether there is a gift at all: then a few rest in the drawing until the live part moves them
 */
export function Headwaters({ flowing }: { flowing: boolean }) {
  return (
    <div className="headwaters" data-river>
      <Drawing country={wide} reaches={drawn.wide} className="wide" flowing={flowing} />
      <Drawing country={narrow} reaches={drawn.narrow} className="narrow" flowing={flowing} />
    </div>
  );
}

interface DrawingProps {
  country: Country;
  reaches: readonly Reach[];
  className: string;
  flowing: boolean;
}

function Drawing({ country, reaches, className, flowing }: DrawingProps) {
  const resting = !flowing ? [] : reaches.filter((reach, n) => reach.width < 5 && n % 9 === 4);
  return (
    <svg
      className={className}
      aria-hidden="true"
      viewBox={`0 0 ${country.width} ${country.height}`}
      preserveAspectRatio="xMinYMax slice"
    >
      {reaches.map((reach) => (
        <path key={reach.path} d={reach.path} strokeWidth={reach.width} data-into={reach.into} />
      ))}
      {resting.map((reach) => (
        <circle key={reach.path} className="gift" cx={reach.x} cy={reach.y} r="2.6" />
      ))}
    </svg>
  );
}

/** Height of a branch and of the river's full width, in units of which the column is 64 wide. */
const turn = 38;
const full = 20;

/**
 * The stretch of the river beside a row. `before` and `after` are the shares (0 to 1) of the water that is in the river
 * above and below; what is missing leaves to the row on the right, if anything `leaves`. The left bank is straight.
 */
export function Stretch({ before, after, leaves }: { before: number; after: number; leaves: boolean }) {
  const top = Math.max(before * full, 1);
  const out = leaves ? Math.max((before - after) * full, 1) : 0;
  const rest = after > 0 ? Math.max(after * full, 1) : 0;
  const inner = Math.max(top - out, 0);
  const low = turn + out / 2;
  const high = turn - out / 2;
  const branch = `M${n(inner)} 0H${n(top)}C${n(top)} ${n(high)} ${n(top + 6)} ${n(high)} 52 ${n(high)}Q60 ${n(high)} 64 ${turn}Q60 ${n(low)} 52 ${n(low)}C${n(top)} ${n(low)} ${n(inner)} ${n(low)} ${n(inner)} 0Z`;
  return (
    <div className="stretch">
      {rest > 0 && (
        <svg className="on" aria-hidden="true" viewBox="0 0 64 10" preserveAspectRatio="none">
          <path d={`M0 0H${n(rest)}V10H0Z`} />
        </svg>
      )}
      {leaves && (
        <svg className="out" aria-hidden="true" viewBox="0 0 64 64">
          <path d={branch} />
        </svg>
      )}
    </div>
  );
}

function n(value: number): number {
  return Math.round(value * 100) / 100;
}
