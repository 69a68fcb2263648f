import { useTranslation } from 'react-i18next';
import type { Language } from '../../shell/language.ts';
import { count, money } from '../../shell/money.ts';
import { Stretch } from './river.tsx';
import { inWords, type Receiver, shares } from './totals.ts';

interface ListProps {
  rows: Receiver[];
  /** All receivers, of whom `rows` are the first. */
  of: Receiver[];
  language: Language;
  /** Level of the rows' headings on the page. */
  heading: 'h2' | 'h3';
}

/** The river's course: one row a receiver, the branch beside it as wide as its share of the gifts. */
export function ReceiverList({ rows, of, language, heading }: ListProps) {
  const water = shares(of);
  return (
    <ul className="receivers">
      {rows.map((row, n) => (
        <ReceiverRow
          key={row.id}
          row={row}
          water={water[n] ?? { before: 0, after: 0 }}
          language={language}
          heading={heading}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  row: Receiver;
  water: { before: number; after: number };
  language: Language;
  heading: 'h2' | 'h3';
}

function ReceiverRow({ row, water, language, heading: Heading }: RowProps) {
  const { t } = useTranslation('giving');
  const name = inWords(row.name, language);
  const charity = inWords(row.charity, language);
  return (
    <li>
      <Stretch before={water.before} after={water.after} leaves={row.gifts > 0n} />
      <div className="receiver">
        <Heading lang={name.lang}>{name.text}</Heading>
        <p className="charity" lang={charity.lang}>
          {charity.text}
        </p>
      </div>
      <div className="received">
        {row.sums.map((sum) => (
          <p key={sum.asset} className="amount">
            {money(sum.given, sum.asset, language)}
          </p>
        ))}
        <p className="beside">{t('figure.gifts', { count: Number(row.gifts), n: count(row.gifts, language) })}</p>
      </div>
    </li>
  );
}
