// The check page at work: takes a file, a drop or a text, checks it right here, and shows every step.
import { isLanguage } from '../../../shell/language.ts';
import { type Checked, checkProof } from './check-proof.ts';
import { element } from './element.ts';
import { readChoice, watchFiles } from './proof-input.ts';
import { showGift } from './show-gift.ts';
import { showSteps } from './show-steps.ts';
import { fill, type Words } from './step.ts';
import { findTrust } from './trusted-keys.ts';

const page = document.querySelector<HTMLElement>('[data-check]');
if (page !== null) begin(page);

function begin(page: HTMLElement): void {
  const words = JSON.parse(page.dataset.words ?? '{}') as Words;
  const form = page.querySelector('form') as HTMLFormElement;
  const outcome = page.querySelector('[data-outcome]') as HTMLElement;
  const problem = form.querySelector('[data-problem]') as HTMLElement;
  const say = (text: string) => {
    problem.textContent = text;
  };
  const text = watchFiles(form, words, say, () => form.requestSubmit());
  let run = 0;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say('');
    outcome.replaceChildren();
    const mine = ++run;
    const file = text();
    if (file === '') return say(words.file.empty);
    const trust = await findTrust(file, readChoice(form));
    if (mine !== run) return;
    if (trust === 'badKey') return say(words.step.badKey);
    if (trust === 'noKey') return say(noKey(file, words));
    outcome.append(element('p', { class: 'note' }, words.working));
    const checked = await checkProof(file, trust, words, language());
    if (mine === run) await show(outcome, file, checked, words);
  });
  form.hidden = false;
  if (page.dataset.ready === 'true') form.requestSubmit();
}

function noKey(file: string, words: Words): string {
  const origin = /\n\n([^\n]*)/.exec(file)?.[1] ?? '';
  return fill(words.step.noKey, { origin });
}

async function show(outcome: HTMLElement, file: string, { steps, verdict }: Checked, words: Words): Promise<void> {
  const failed = steps.find(({ state }) => state === 'failed');
  const kind = failed ? 'bad' : steps.some(({ state }) => state === 'open') ? 'open' : 'good';
  const title = element('h2', { tabindex: '-1' }, words.verdict[kind]);
  const about = fill(words.verdict[`${kind}Text`], { step: failed ? words.step[failed.id].title : '' });
  const head = element('header', { class: 'verdict', 'data-verdict': kind }, title, element('p', {}, about));
  const list = element('ol', { class: 'steps' });
  const gift = failed === undefined ? verdict.gift : undefined;
  const said = gift === undefined ? null : showGift(verdict, gift, words, language());
  outcome.replaceChildren(head, element('div', { class: 'found' }, list, ...(said === null ? [] : [said])));
  title.focus({ preventScroll: true });
  outcome.scrollIntoView({ block: 'start', behavior: 'instant' });
  await showSteps(list, steps, words);
  outcome.append(closer(file, words));
}

/** For those who want to look closer: the same check by command, and the texts themselves. */
function closer(file: string, words: Words): HTMLElement {
  const split = file.indexOf('\n\n');
  return element(
    'details',
    { class: 'closer' },
    element('summary', {}, words.expert.title),
    element('p', {}, words.expert.command),
    element('pre', {}, 'rivulet-verify proof gift.tlog-proof'),
    element('p', {}, words.expert.entry),
    element('pre', {}, entryOf(file)),
    element('p', {}, words.expert.checkpoint),
    element('pre', {}, file.slice(split + 2)),
  );
}

function entryOf(file: string): string {
  try {
    const extra = /^extra (\S+)$/m.exec(file)?.[1] ?? '';
    const bytes = Uint8Array.from(atob(extra), (character) => character.charCodeAt(0));
    return String(JSON.parse(new TextDecoder().decode(bytes)).entry);
  } catch {
    return '';
  }
}

function language(): 'en' | 'zh' {
  const primary = document.documentElement.lang.slice(0, 2);
  return isLanguage(primary) ? primary : 'en';
}
