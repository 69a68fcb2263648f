import { useTranslation } from 'react-i18next';

/** Choose a file, drop it, or paste its text; a proof just looked up is filled in. */
export function ProofChoice({ text }: { text: string | undefined }) {
  const { t } = useTranslation('log');
  return (
    <fieldset className="choice">
      <legend>{t('file.label')}</legend>
      <div className="drop" data-drop>
        <svg viewBox="0 0 48 48" aria-hidden="true">
          <path d="M12 4H29L38 13V44H12Z" />
          <path d="M29 4V13H38" />
          <path className="tick" d="M18 28L23.5 33.5L33 22" />
        </svg>
        <div>
          <p>
            <label className="button plain" htmlFor="file">
              {t('file.choose')}
            </label>
            <input className="visually-hidden" id="file" type="file" accept=".tlog-proof,text/plain" data-file />{' '}
            <span className="or">{t('file.drop')}</span>
          </p>
          <p className="hint" data-chosen>
            {text === undefined ? t('file.hint') : t('file.fromGift')}
          </p>
        </div>
      </div>
      <details className="paste">
        <summary>{t('file.paste')}</summary>
        <label className="visually-hidden" htmlFor="text">
          {t('file.pasteLabel')}
        </label>
        <textarea id="text" rows={6} spellCheck={false} autoComplete="off" data-text defaultValue={text} />
      </details>
    </fieldset>
  );
}
