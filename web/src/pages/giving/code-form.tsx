import { useTranslation } from 'react-i18next';
import type { Language } from '../../shell/language.ts';

/** Asks for a gift code. Posted, so that the code is in no address, history or log. */
export function CodeForm({ language, problem, typed }: { language: Language; problem?: string; typed?: string }) {
  const { t } = useTranslation('giving');
  const wrong = problem !== undefined;
  return (
    <form className="code-form" method="post" action={`/${language}/gift`}>
      <label htmlFor="code">{t('gift.label')}</label>
      <p className="hint" id="code-hint">
        {t('gift.hint')}
      </p>
      {wrong && (
        <p className="problem" id="code-problem">
          <span className="visually-hidden">{t('gift.problem')}: </span>
          {problem}
        </p>
      )}
      <div className="field">
        <input
          id="code"
          name="code"
          type="text"
          required
          defaultValue={typed}
          maxLength={80}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby={wrong ? 'code-problem code-hint' : 'code-hint'}
          aria-invalid={wrong || undefined}
        />
        <button type="submit">{t('gift.submit')}</button>
      </div>
    </form>
  );
}
