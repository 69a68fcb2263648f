// Who comes: anyone holding a proof. Question: is it true, and must I trust this site for it? Next: the steps, one by one.
import { useTranslation } from 'react-i18next';
import { data } from 'react-router';
import { fetchProof } from '../../shell/fetch-proof.ts';
import { LivePart } from '../../shell/live-part.tsx';
import { useLanguage } from '../../shell/use-language.ts';
import { visit } from '../../shell/visit.ts';
import type { Route } from './+types/check';
import '../../shell/slip.css';
import './check.css';
import { KeyChoice } from './key-choice.tsx';
import { ProofChoice } from './proof-choice.tsx';
import { readSiteKey } from './site-key.ts';

export async function loader({ context }: Route.LoaderArgs) {
  const from = context.get(visit);
  return { key: await readSiteKey(from), site: from.site };
}

/** A gift code was looked up and its proof is to be checked: the page gets it ready to check. */
export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData();
  const gift = String(form.get('gift') ?? '');
  const proof = await fetchProof(context.get(visit), gift, String(form.get('code') ?? ''));
  if (!proof.ok) throw data(null, { status: proof.status });
  return data({ proof: await proof.text() }, { headers: { 'cache-control': 'no-store' } });
}

export function headers({ actionHeaders }: Route.HeadersArgs) {
  return actionHeaders;
}

export default function Check({ loaderData, actionData }: Route.ComponentProps) {
  const { t, i18n } = useTranslation('log');
  const language = useLanguage();
  const words = JSON.stringify(i18n.getResourceBundle(language, 'log'));
  return (
    <div className="wrap page check" data-check data-words={words} data-ready={actionData !== undefined}>
      <title>{`${t('title')} – ${t('name', { ns: 'shell' })}`}</title>
      <meta name="description" content={t('description')} />
      <h1>{t('title')}</h1>
      <p className="lede">{t('lede')}</p>
      <noscript>
        <p>{t('noScript')}</p>
        <pre>rivulet-verify proof gift.tlog-proof</pre>
      </noscript>
      <form data-form hidden>
        <ProofChoice text={actionData?.proof} />
        <KeyChoice keyOfSite={loaderData.key} />
        <p className="problem" data-problem role="alert" />
        <button type="submit">{t('submit')}</button>
      </form>
      <div className="outcome" data-outcome aria-live="polite" />
      <LivePart of="src/pages/log/checking/check.live.ts" />
    </div>
  );
}
