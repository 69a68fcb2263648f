// One gift, laid out like the slip a shop would hand over.
import type { Gift } from '@rivulet/client/contract';
import { useTranslation } from 'react-i18next';
import type { Language } from '../../../shell/language.ts';
import { count, money } from '../../../shell/money.ts';
import { inWords } from '../totals.ts';

interface SlipProps {
  gift: Gift;
  code: string;
  language: Language;
}

export function GiftSlip({ gift, code, language }: SlipProps) {
  const { t } = useTranslation('giving');
  const amount = money(BigInt(gift.givenMinor), gift.currency, language);
  const title = t('gift.resultTitle', { amount });
  return (
    <div className="measure page gift-page">
      <title>{`${title} – ${t('name', { ns: 'shell' })}`}</title>
      <article className="slip">
        <header>
          <p className="slip-state">
            <Drop />
            {t(gift.keptMinor === '0' ? 'gift.stateReturned' : 'gift.state')}
          </p>
          <h1>{title}</h1>
        </header>
        <Facts gift={gift} language={language} />
        {gift.purpose === 'test' && <p className="note">{t('gift.test')}</p>}
        {gift.imported && <p className="note">{t('gift.imported')}</p>}
        <p className="note">{t('gift.noReceipt')}</p>
      </article>
      <Proof gift={gift} code={code} language={language} />
      <p>
        <a href={`/${language}/gift`}>{t('gift.again')}</a>
      </p>
    </div>
  );
}

function Facts({ gift, language }: { gift: Gift; language: Language }) {
  const { t } = useTranslation('giving');
  const merchant = gift.merchant.name === undefined ? undefined : inWords(gift.merchant.name, language);
  const show = (minor: string) => money(BigInt(minor), gift.currency, language);
  return (
    <dl className="facts">
      <div>
        <dt>
          {t('gift.by')} <span className="note">{t('gift.byHint')}</span>
        </dt>
        <dd>
          <span lang={merchant?.lang}>{merchant?.text ?? t('gift.unnamed')}</span>
          <span className="note id">{t('gift.publicId', { id: gift.merchant.merchant })}</span>
        </dd>
      </div>
      <div>
        <dt>{t('gift.to')}</dt>
        {gift.recipients.map((part) => (
          <Part key={part.recipient} part={part} amount={show(part.amountMinor)} language={language} />
        ))}
      </div>
      {gift.returnedMinor !== '0' && (
        <div>
          <dt>
            {t('gift.returned')} <span className="note">{t('gift.returnedHint')}</span>
          </dt>
          <dd className="amount">{show(gift.returnedMinor)}</dd>
          <dt>{t('gift.kept')}</dt>
          <dd className="amount">{show(gift.keptMinor)}</dd>
        </div>
      )}
      <div>
        <dt>{t('gift.index')}</dt>
        <dd className="amount">
          {count(gift.index, language)} <span className="note">{t('gift.indexHint', { book: gift.book })}</span>
        </dd>
      </div>
    </dl>
  );
}

function Part({ part, amount, language }: { part: Gift['recipients'][number]; amount: string; language: Language }) {
  const { t } = useTranslation('giving');
  const name = inWords(part.name, language);
  const charity = inWords(part.charity, language);
  return (
    <dd className="part">
      <span>
        <span lang={name.lang}>{name.text}</span>
        <span className="note">{t('projects.by', { charity: charity.text })}</span>
      </span>
      <span className="amount">{amount}</span>
    </dd>
  );
}

/** The code goes along in the form body: to the checker, or to the download. */
function Proof({ gift, code, language }: SlipProps) {
  const { t } = useTranslation('giving');
  const hidden = (
    <>
      <input type="hidden" name="code" value={code} />
      <input type="hidden" name="gift" value={gift.gift} />
    </>
  );
  return (
    <section className="gift-proof" aria-labelledby="proof">
      <h2 id="proof">{t('gift.proofTitle')}</h2>
      {!gift.published && <p>{t('gift.pending')}</p>}
      {gift.published && (
        <>
          <p>{t('gift.proofText')}</p>
          <div className="actions">
            <form method="post" action={`/${language}/check`}>
              {hidden}
              <button type="submit">{t('gift.checkHere')}</button>
            </form>
            <form method="post" action={`/${language}/gift/proof`}>
              {hidden}
              <button className="plain" type="submit">
                {t('gift.download')}
              </button>
            </form>
          </div>
        </>
      )}
    </section>
  );
}

function Drop() {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="5" />
    </svg>
  );
}
