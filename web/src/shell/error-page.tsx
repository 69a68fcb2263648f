import { useTranslation } from 'react-i18next';

/** What a visitor reads when there is no page, or none now. */
export function ErrorPage({ status }: { status: number }) {
  const { t, i18n } = useTranslation();
  const known = status === 404 ? 'missing' : status === 503 ? 'away' : 'other';
  return (
    <div className="measure page error-page">
      <title>{`${t(`error.${known}.title`)} – ${t('name')}`}</title>
      <DryBed />
      <h1>{t(`error.${known}.title`)}</h1>
      <p className="lede">{t(`error.${known}.text`)}</p>
      <p>
        <a href={`/${i18n.language}`}>{t('error.home')}</a>
      </p>
      <p className="note">{t('error.status', { status })}</p>
    </div>
  );
}

/** A stream that stops short. */
function DryBed() {
  return (
    <svg className="dry-bed" viewBox="0 0 320 64" aria-hidden="true">
      <path d="M0 20C60 20 70 44 130 44S190 34 214 36" />
      <path className="bed" d="M222 36.6C250 39 262 44 320 44" />
    </svg>
  );
}
