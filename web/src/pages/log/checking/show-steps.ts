// Shows the steps one after another, so that a person can follow, and what was not reached.
import { element, icon } from './element.ts';
import { fill, order, type State, type Step, type Words } from './step.ts';

const marks: Record<State, string> = {
  ok: 'M4.5 10.5L8.5 14.5L15.5 6.5',
  failed: 'M5.5 5.5L14.5 14.5M14.5 5.5L5.5 14.5',
  open: 'M5 10H15',
  note: 'M10 5.2V5.4M10 9V15',
};

const pauseMs = 160;

/** Resolves when the last one stands there; at once for those who ask for less motion. */
export async function showSteps(list: HTMLElement, steps: readonly Step[], words: Words): Promise<void> {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  for (const step of steps) {
    list.append(row(step, words));
    if (!still) await new Promise((done) => setTimeout(done, pauseMs));
  }
  if (!steps.some(({ state }) => state === 'failed')) return;
  const shown = new Set(steps.map(({ id }) => id));
  for (const id of order) if (!shown.has(id)) list.append(unreached(words.step[id].title, words));
}

function row(step: Step, words: Words): HTMLElement {
  const { id, state, says, why, evidence = [] } = step;
  return element(
    'li',
    { class: 'step', 'data-step': id, 'data-state': state },
    icon(marks[state]),
    element(
      'div',
      {},
      element('h3', {}, words.step[id].title, element('span', { class: 'visually-hidden' }, ` – ${words.step[state]}`)),
      why === undefined ? null : element('p', { class: 'why' }, sentence(why.text)),
      ...says.map((text) => element('p', {}, text)),
      why === undefined ? null : element('p', { class: 'note' }, fill(words.expert.rule, { rule: why.rule })),
      ...evidence.map((note) => element('pre', {}, note)),
    ),
  );
}

function unreached(title: string, words: Words): HTMLElement {
  const state = element('span', { class: 'note' }, words.step.notReached);
  return element(
    'li',
    { class: 'step', 'data-state': 'unreached' },
    icon('M10 10H10.1'),
    element('div', {}, element('h3', {}, title), state),
  );
}

/** The verifier's words start small and end open; here they stand alone. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.。]$/.test(first) ? first : `${first}${/\p{Script=Han}/u.test(first) ? '。' : '.'}`;
}
