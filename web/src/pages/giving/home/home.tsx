// Who comes: someone who heard of it. Question: what is this, and is it true? Next: a project, their own gift, a proof.
import type { RecipientTotals, Totals } from '@rivulet/client/contract';
import { useTranslation } from 'react-i18next';
import type { Language } from '../../../shell/language.ts';
import { LivePart } from '../../../shell/live-part.tsx';
import { count } from '../../../shell/money.ts';
import { useLanguage } from '../../../shell/use-language.ts';
import { ask, visit } from '../../../shell/visit.ts';
import type { Route } from './+types/home';
import '../giving.css';
import { CodeForm } from '../code-form.tsx';
import { AsOf, BigFigure } from '../figure.tsx';
import { ReceiverList } from '../receiver-list.tsx';
import { Headwaters } from '../river.tsx';
import { receivers, sums } from '../totals.ts';

/** Rows of the list on the first page; the rest is one step away. */
const shown = 8;

export async function loader({ context }: Route.LoaderArgs) {
  const from = context.get(visit);
  const [totals, recipients] = await Promise.all([
    ask<Totals>(from, '/v1/totals'),
    ask<RecipientTotals>(from, '/v1/giving/totals'),
  ]);
  return { totals, recipients };
}

export default function Home({ loaderData }: Route.ComponentProps) {
  const { t } = useTranslation('giving');
  const language = useLanguage();
  const { totals, recipients } = loaderData;
  return (
    <div className="home">
      <title>{t('home.title')}</title>
      <meta name="description" content={t('home.description')} />
      <header className="wrap hero">
        <h1>{t('home.headline')}</h1>
        <p className="lede">{t('home.lede')}</p>
      </header>
      <div className="wrap">
        <Headwaters flowing={totals !== null && sums(totals.assets).some(({ gifts }) => gifts > 0n)} />
        <SoFar totals={totals} language={language} />
        <Where recipients={recipients} language={language} />
      </div>
      <Ways language={language} />
      <LivePart of="src/pages/giving/home/home.live.ts" />
    </div>
  );
}

function SoFar({ totals, language }: { totals: Totals | null; language: Language }) {
  const { t } = useTranslation('giving');
  const all = totals === null ? [] : sums(totals.assets);
  return (
    <section className="course so-far" aria-labelledby="so-far" data-totals data-words={liveWords(t)}>
      <div className="side">
        <h2 id="so-far">{t('home.sofar')}</h2>
      </div>
      <div className="water" aria-hidden="true" />
      <div className="figures">
        {totals === null && <Unknown />}
        {totals !== null && all.length === 0 && <p className="big-empty">{t('home.empty')}</p>}
        <div data-figures>
          {all.map((sum) => (
            <BigFigure key={sum.asset} sum={sum} language={language} />
          ))}
        </div>
        <p className="as-of">
          {totals !== null && <AsOf size={totals.asOf.logSize} language={language} />}{' '}
          <span data-live-note hidden>
            <span data-live-text>{t('home.live')}</span> <button type="button">{t('home.pause')}</button>
          </span>
        </p>
        <p className="note">{t('figure.notPaid')}</p>
      </div>
    </section>
  );
}

function Unknown() {
  const { t } = useTranslation('giving');
  return (
    <div className="big-figure">
      <p className="amount unknown">{t('figure.unknown')}</p>
      <p className="beside">{t('figure.unknownLong')}</p>
    </div>
  );
}

function Where({ recipients, language }: { recipients: RecipientTotals | null; language: Language }) {
  const { t } = useTranslation('giving');
  const all = recipients === null ? [] : receivers(recipients);
  if (recipients === null || all.length === 0) return null;
  return (
    <section className="course where" aria-labelledby="where">
      <div className="side">
        <h2 id="where">{t('home.where')}</h2>
        <p className="note">{t('home.order')}</p>
        <p className="note">{t('home.river')}</p>
        <p className="note">{t('figure.asOf', { n: count(recipients.asOf.logSize, language) })}</p>
      </div>
      <div className="bed">
        <ReceiverList rows={all.slice(0, shown)} of={all} language={language} heading="h3" />
        {all.length > shown && (
          <p className="all">
            <a href={`/${language}/projects`}>{t('home.all', { n: all.length })}</a>
          </p>
        )}
      </div>
    </section>
  );
}

function Ways({ language }: { language: Language }) {
  const { t } = useTranslation('giving');
  return (
    <section className="ways" aria-labelledby="ways">
      <div className="wrap">
        <h2 id="ways">{t('home.waysTitle')}</h2>
        <div className="ways-in">
          <div>
            <h3>{t('home.codeTitle')}</h3>
            <p>{t('home.codeText')}</p>
            <CodeForm language={language} />
          </div>
          <div>
            <h3>{t('home.proofTitle')}</h3>
            <p>{t('home.proofText')}</p>
            <p>
              <a href={`/${language}/check`}>{t('home.proofLink')}</a>
            </p>
          </div>
          <div>
            <h3>{t('home.howTitle')}</h3>
            <p>{t('home.howText')}</p>
            <p>
              <a href={`/${language}/how`}>{t('home.howLink')}</a>
            </p>
          </div>
        </div>
      </div>
    </section>
  );
}

/** The few words that the live part writes, in the page's language. */
function liveWords(t: ReturnType<typeof useTranslation<'giving'>>['t']): string {
  return JSON.stringify({
    gifts_one: t('figure.gifts', { count: 1, n: '{{n}}' }),
    gifts_other: t('figure.gifts', { count: 2, n: '{{n}}' }),
    returned: t('figure.returnedWith', { amount: '{{amount}}' }),
    asOf: t('figure.asOf', { n: '{{n}}' }),
    live: t('home.live'),
    pause: t('home.pause'),
    resume: t('home.resume'),
    paused: t('home.paused'),
    away: t('home.away'),
  });
}
