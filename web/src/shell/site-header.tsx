import { useTranslation } from 'react-i18next';
import { inLanguage, type Language, tag } from './language.ts';

const pages = ['projects', 'gift', 'check', 'how'] as const;

export function SiteHeader({ language, path, demo }: { language: Language; path: string; demo: boolean }) {
  const { t } = useTranslation();
  const other = language === 'en' ? 'zh' : 'en';
  const here = inLanguage(path, language);
  return (
    <>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      {demo && <p className="demo-note">{t('demo')}</p>}
      <header className="site-header">
        <a className="brand" href={`/${language}`} aria-label={t('home')}>
          <Mark />
          <span>{t('name')}</span>
        </a>
        <nav aria-label={t('menu')}>
          {pages.map((page) => {
            const href = `/${language}/${page}`;
            return (
              <a key={page} href={href} aria-current={here === href ? 'page' : undefined}>
                {t(page)}
              </a>
            );
          })}
        </nav>
        <a className="language" href={inLanguage(path, other)} hrefLang={tag[other]} lang={tag[other]}>
          {t('otherLanguage')}
        </a>
      </header>
    </>
  );
}

/** Three trickles become one. */
function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 2C4 9 11 9 11.4 16" />
      <path d="M20 2C20 8 12.6 9 12.6 16" />
      <path className="main" d="M12 4V22" />
    </svg>
  );
}
