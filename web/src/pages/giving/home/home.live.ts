// The live part of the home page: follows the totals by server-sent events while someone looks, writes them where the
// server wrote the first ones, and lets a drop run down the drawing for what came in.
import type { Totals } from '@rivulet/client/contract';
import { runRiver } from './run-river.ts';
import { type LiveWords, writeTotals } from './write-totals.ts';

const section = document.querySelector<HTMLElement>('[data-totals]');
if (section !== null) follow(section);

function follow(section: HTMLElement): void {
  const words = JSON.parse(section.dataset.words ?? '{}') as LiveWords;
  const note = section.querySelector<HTMLElement>('[data-live-note]');
  const text = note?.querySelector('[data-live-text]');
  const button = note?.querySelector('button');
  const pour = runRiver(document.querySelectorAll('[data-river] svg'));
  let source: EventSource | null = null;
  let paused = false;
  let seen: bigint | null = null;

  function say(what: string): void {
    if (text) text.textContent = what;
  }
  function open(): void {
    if (source !== null || paused || document.hidden) return;
    source = new EventSource('/v1/totals/stream');
    source.addEventListener('totals', (event) => {
      const totals = JSON.parse(event.data) as Totals;
      say(words.live);
      writeTotals(section, totals, words);
      const gifts = Object.values(totals.assets).reduce((sum, asset) => sum + BigInt(asset.gifts), 0n);
      if (seen !== null && gifts > seen) pour(Number(gifts - seen));
      seen = gifts;
    });
    // The browser tries again by itself; the page only says whose figures these are.
    source.addEventListener('error', () => say(words.away));
  }
  function close(): void {
    source?.close();
    source = null;
  }

  button?.addEventListener('click', () => {
    paused = !paused;
    if (paused) close();
    else open();
    pour(0, paused);
    button.textContent = paused ? words.resume : words.pause;
    say(paused ? words.paused : words.live);
  });
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);
  if (note) note.hidden = false;
  open();
}
