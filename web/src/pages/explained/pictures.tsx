// Two pictures: the queue of fen, and the tree of fingerprints. Each says in words what it shows.
import { useTranslation } from 'react-i18next';

/** Twelve fen in line; the gift takes places 4 and 5. */
export function Queue() {
  const { t } = useTranslation('explained');
  const places = Array.from({ length: 10 }, (_, place) => place);
  return (
    <figure className="picture">
      <svg viewBox="0 0 420 112" role="img" aria-label={t('place.picture')}>
        <path className="flow" d="M4 52H416" />
        {places.map((place) => {
          const mine = place === 4 || place === 5;
          const x = 24 + place * 41;
          return (
            <g key={place} className={mine ? 'unit mine' : 'unit'}>
              <circle cx={x} cy="52" r="13" />
              <text x={x} y="56.5">
                {place}
              </text>
            </g>
          );
        })}
        <path className="bracket" d="M175 78V84H242V78" />
        <text className="label mine" x="208.5" y="102">
          {t('place.gift')}
        </text>
        <text className="label start" x="4" y="22">
          ← {t('place.first')}
        </text>
      </svg>
    </figure>
  );
}

const width = 420;
const rows = [210, 158, 106, 54];

/** Eight lines and their tree; the way up from line 2, and what stands beside it. */
export function Tree() {
  const { t } = useTranslation('explained');
  const marks = [];
  const joints = [];
  for (let level = 0; level < rows.length; level++) {
    const count = 8 >> level;
    for (let n = 0; n < count; n++) {
      const onWay = 2 >> level === n;
      const beside = level < 3 && ((2 >> level) ^ 1) === n;
      if (level < 3) joints.push({ level, n, onWay });
      marks.push({ level, n, kind: onWay ? 'way' : beside ? 'beside' : '' });
    }
  }
  return (
    <figure className="picture">
      <svg viewBox={`0 0 ${width} 262`} role="img" aria-label={t('log.picture')}>
        {joints.map(({ level, n, onWay }) => (
          <path key={`${level}/${n}`} className={onWay ? 'joint way' : 'joint'} d={joint(level, n)} />
        ))}
        {marks.map(({ level, n, kind }) => (
          <rect
            key={`${level}/${n}`}
            className={`print ${kind}`}
            x={x(level, n) - 11}
            y={(rows[level] ?? 0) - 8}
            width="22"
            height="16"
            rx="2"
          />
        ))}
        <text className="label mine" x={x(0, 2)} y="244">
          {t('log.line')}
        </text>
        <text className="label" x={x(3, 0)} y="30">
          {t('log.top')}
        </text>
        <text className="label river start" x={x(2, 1) + 18} y={(rows[2] ?? 0) + 5}>
          {t('log.beside')}
        </text>
      </svg>
    </figure>
  );
}

function x(level: number, n: number): number {
  const step = (width / 8) * 2 ** level;
  return step / 2 + n * step;
}

function joint(level: number, n: number): string {
  const [from = 0, to = 0] = [rows[level], rows[level + 1]];
  const up = x(level + 1, n >> 1);
  return `M${x(level, n)} ${from - 8}C${x(level, n)} ${from - 28} ${up} ${to + 28} ${up} ${to + 8}`;
}
