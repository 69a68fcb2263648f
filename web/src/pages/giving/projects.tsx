// Who comes: someone asking "to whom?". Next: one of them (its own page comes later), or a proof.
import type { RecipientTotals } from '@rivulet/client/contract';
import { useTranslation } from 'react-i18next';
import { data } from 'react-router';
import { useLanguage } from '../../shell/use-language.ts';
import { ask, visit } from '../../shell/visit.ts';
import type { Route } from './+types/projects';
import './giving.css';
import { AsOf } from './figure.tsx';
import { ReceiverList } from './receiver-list.tsx';
import { receivers } from './totals.ts';

export async function loader({ context }: Route.LoaderArgs) {
  const recipients = await ask<RecipientTotals>(context.get(visit), '/v1/giving/totals');
  if (recipients === null) throw data(null, { status: 503, headers: { 'retry-after': '30' } });
  return recipients;
}

export default function Projects({ loaderData }: Route.ComponentProps) {
  const { t } = useTranslation('giving');
  const language = useLanguage();
  const all = receivers(loaderData);
  return (
    <div className="projects wrap page">
      <title>{`${t('projects.title')} – ${t('name', { ns: 'shell' })}`}</title>
      <h1>{t('projects.title')}</h1>
      <p className="lede">{t('projects.lede')}</p>
      <div className="projects-notes">
        <p className="as-of">
          <AsOf size={loaderData.asOf.logSize} language={language} />
        </p>
        <p className="note">{t('home.order')}</p>
        <p className="note">{t('home.river')}</p>
        <p className="note">{t('figure.notPaid')}</p>
      </div>
      {all.length === 0 ? (
        <p>{t('projects.empty')}</p>
      ) : (
        <ReceiverList rows={all} of={all} language={language} heading="h2" />
      )}
    </div>
  );
}
