import { useTranslation } from 'react-i18next';
import type { SiteKey } from './site-key.ts';

/** Whose signature is asked for: this site's key, its fingerprint in plain sight, or one brought along. */
export function KeyChoice({ keyOfSite }: { keyOfSite: SiteKey | null }) {
  const { t } = useTranslation('log');
  const away = keyOfSite === null;
  return (
    <fieldset className="choice">
      <legend>{t('key.label')}</legend>
      <div className="option">
        <input
          type="radio"
          name="key"
          id="key-site"
          value="site"
          defaultChecked={!away}
          disabled={away}
          data-key-site
        />
        <div>
          <label htmlFor="key-site">{t('key.site')}</label>
          {keyOfSite === null ? (
            <p className="hint">{t('key.siteAway')}</p>
          ) : (
            <>
              <p className="fingerprint">
                <span className="visually-hidden">{t('key.fingerprint')}: </span>
                <code data-site-lines={keyOfSite.lines}>
                  <b>{keyOfSite.fingerprint.slice(0, 4).join(' ')}</b> {keyOfSite.fingerprint.slice(4).join(' ')}
                </code>
              </p>
              <p className="hint">{t('key.siteHint')}</p>
            </>
          )}
        </div>
      </div>
      <div className="option">
        <input type="radio" name="key" id="key-own" value="own" defaultChecked={away} />
        <div>
          <label htmlFor="key-own">{t('key.own')}</label>
          <p className="own">
            <label className="visually-hidden" htmlFor="own">
              {t('key.ownLabel')}
            </label>
            <input id="own" type="text" spellCheck={false} autoComplete="off" aria-describedby="own-hint" data-own />
          </p>
          <p className="hint" id="own-hint">
            {t('key.ownHint')}
          </p>
        </div>
      </div>
    </fieldset>
  );
}
