import { useTranslation } from 'react-i18next';
import type { Language } from './language.ts';

export function SiteFooter({ language, site }: { language: Language; site: string }) {
  const { t } = useTranslation();
  return (
    <footer className="site-footer">
      <div className="site-footer-in">
        <div>
          <p>{t('footer.what')}</p>
          <p className="note">{t('footer.signed')}</p>
        </div>
        <div>
          <h2>{t('footer.again')}</h2>
          <p>
            <code>rivulet-verify audit {site}/log</code>
          </p>
        </div>
        <nav aria-labelledby="raw">
          <h2 id="raw">{t('footer.raw')}</h2>
          <ul>
            <li>
              <a href="/log/checkpoint">{t('footer.checkpoint')}</a>
            </li>
            <li>
              <a href="/log/vkey">{t('footer.key')}</a>
            </li>
            <li>
              <a href="/v1/totals">{t('footer.totals')}</a>
            </li>
            <li>
              <a href="/openapi.json">{t('footer.api')}</a>
            </li>
          </ul>
        </nav>
      </div>
      <p className="site-footer-end" lang={language === 'en' ? 'zh-CN' : 'en'}>
        {language === 'en' ? '涓流' : 'Rivulet'}
      </p>
    </footer>
  );
}
