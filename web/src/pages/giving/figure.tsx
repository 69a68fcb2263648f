// A sum as people read it: the amount, its state in words, and beside it what else belongs to it.
import { useTranslation } from 'react-i18next';
import type { Language } from '../../shell/language.ts';
import { count, money, moneyParts } from '../../shell/money.ts';
import type { Sum } from './totals.ts';

/** The big figure of one asset. `data-live` is where the live part writes new values. */
export function BigFigure({ sum, language }: { sum: Sum; language: Language }) {
  const { t } = useTranslation('giving');
  const { currency, number } = moneyParts(sum.given, sum.asset, language);
  return (
    <div className="big-figure" data-asset={sum.asset}>
      <p className={number.length > 12 ? 'amount long' : 'amount'}>
        <span className="sum">
          <span className="currency">{currency}</span>
          <span data-live="given">{number}</span>
        </span>{' '}
        <span className="state">{t('figure.promised')}</span>
      </p>
      <p className="beside">
        <span data-live="gifts">{t('figure.gifts', { count: Number(sum.gifts), n: count(sum.gifts, language) })}</span>
        <span data-live="returned">
          {sum.returned > 0n
            ? t('figure.returnedWith', { amount: money(sum.returned, sum.asset, language) })
            : t('figure.noReturns')}
        </span>
      </p>
    </div>
  );
}

/** The footnote that every figure carries: the log position it is true at. */
export function AsOf({ size, language }: { size: number; language: Language }) {
  const { t } = useTranslation('giving');
  return (
    <a href="/log/checkpoint" data-live="asOf">
      {t('figure.asOf', { n: count(size, language) })}
    </a>
  );
}
