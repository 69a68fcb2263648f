// Who comes: a shopper with a gift code. Question: was it really given? Next: the proof, checked in their own browser.
import type { Gift } from '@rivulet/client/contract';
import { useTranslation } from 'react-i18next';
import { data } from 'react-router';
import { useLanguage } from '../../../shell/use-language.ts';
import { type Visit, visit } from '../../../shell/visit.ts';
import type { Route } from './+types/gift';
import '../../../shell/slip.css';
import '../giving.css';
import { CodeForm } from '../code-form.tsx';
import { GiftSlip } from './gift-slip.tsx';

type Problem = 'noCode' | 'badCode' | 'notFound' | 'tooMany' | 'away';
type Answer = { gift: Gift; code: string } | { problem: Problem; code: string };

const noStore = { 'cache-control': 'no-store' };

export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData();
  const code = String(form.get('code') ?? '').trim();
  const answer = await lookUp(context.get(visit), code);
  return data(answer, { status: 'gift' in answer ? 200 : statusOf[answer.problem], headers: noStore });
}

export function headers({ actionHeaders }: Route.HeadersArgs) {
  return actionHeaders;
}

const statusOf: Record<Problem, number> = { noCode: 422, badCode: 422, notFound: 404, tooMany: 429, away: 503 };

async function lookUp(from: Visit, code: string): Promise<Answer> {
  if (code === '') return { problem: 'noCode', code };
  const body = JSON.stringify({ code });
  const headers = { 'content-type': 'application/json' };
  const response = await from.api('/v1/giving/gifts/lookup', { method: 'POST', headers, body });
  if (response.ok) return { gift: (await response.json()) as Gift, code };
  if (response.status === 404) return { problem: 'notFound', code };
  if (response.status === 429) return { problem: 'tooMany', code };
  return { problem: response.status < 500 ? 'badCode' : 'away', code };
}

export default function GiftPage({ actionData }: Route.ComponentProps) {
  const { t } = useTranslation('giving');
  const language = useLanguage();
  if (actionData !== undefined && 'gift' in actionData) {
    return <GiftSlip gift={actionData.gift} code={actionData.code} language={language} />;
  }
  const problem = actionData === undefined ? undefined : t(`gift.${actionData.problem}`);
  const title = problem === undefined ? t('gift.title') : `${t('gift.problem')}: ${t('gift.title')}`;
  return (
    <div className="measure page gift-page">
      <title>{`${title} – ${t('name', { ns: 'shell' })}`}</title>
      <h1>{t('gift.title')}</h1>
      <p className="lede">{t('gift.lede')}</p>
      <CodeForm language={language} problem={problem} typed={actionData?.code} />
      <p className="note">{t('gift.private')}</p>
    </div>
  );
}
