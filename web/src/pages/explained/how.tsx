// Who comes: anyone who wonders whether it can be true. Next: check a proof.
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../../shell/use-language.ts';
import './explained.css';
import { Queue, Tree } from './pictures.tsx';

export default function How() {
  const { t } = useTranslation('explained');
  const language = useLanguage();
  return (
    <article className="wrap page how">
      <title>{`${t('title')} – ${t('name', { ns: 'shell' })}`}</title>
      <meta name="description" content={t('lede')} />
      <header>
        <h1>{t('title')}</h1>
        <p className="lede">{t('lede')}</p>
      </header>
      <ol className="chapters">
        <li>
          <h2>{t('promise.title')}</h2>
          <p>{t('promise.text')}</p>
        </li>
        <li>
          <h2>{t('order.title')}</h2>
          <p>{t('order.text')}</p>
        </li>
        <li>
          <h2>{t('place.title')}</h2>
          <p>{t('place.text')}</p>
          <Queue />
        </li>
        <li>
          <h2>{t('log.title')}</h2>
          <p>{t('log.text')}</p>
          <Tree />
        </li>
        <li>
          <h2>{t('proof.title')}</h2>
          <p>{t('proof.text')}</p>
          <p>
            <a href={`/${language}/check`}>{t('proof.link')}</a>
          </p>
        </li>
      </ol>
      <section className="limits" aria-labelledby="limits">
        <h2 id="limits">{t('limits.title')}</h2>
        <ul>
          <li>{t('limits.promised')}</li>
          <li>{t('limits.alone')}</li>
          <li>{t('limits.private')}</li>
          <li>{t('limits.receipt')}</li>
        </ul>
      </section>
    </article>
  );
}
