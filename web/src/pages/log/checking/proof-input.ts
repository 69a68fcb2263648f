// Where the proof comes from: the file field, a drop anywhere on the page, or the text field; and which key was chosen.
import { fill, type Words } from './step.ts';
import type { Choice } from './trusted-keys.ts';

const maxBytes = 4_000_000;

/** Returns what gives the proof's text now. A file that was chosen or dropped goes into the text field and `ready` is called. */
export function watchFiles(
  form: HTMLFormElement,
  words: Words,
  say: (problem: string) => void,
  ready: () => void,
): () => string {
  const text = form.querySelector('[data-text]') as HTMLTextAreaElement;
  const input = form.querySelector('[data-file]') as HTMLInputElement;
  const chosen = form.querySelector('[data-chosen]') as HTMLElement;
  const zone = form.querySelector('[data-drop]') as HTMLElement;

  async function take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    if (file.size > maxBytes) return say(words.file.tooLarge);
    text.value = await file.text();
    chosen.textContent = fill(words.file.chosen, { name: file.name });
    ready();
  }
  input.addEventListener('change', () => {
    void take(input.files?.[0]);
    // The same file may be chosen again after it was changed.
    input.value = '';
  });
  text.addEventListener('input', () => {
    chosen.textContent = words.file.hint;
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.dataset.over = '';
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete zone.dataset.over;
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    void take(event.dataTransfer?.files[0]);
  });
  form.querySelector('[data-own]')?.addEventListener('input', () => {
    const own = form.querySelector<HTMLInputElement>('input[name="key"][value="own"]');
    if (own !== null) own.checked = true;
  });
  // A text area turns line ends into \n; a pasted text may lack the last one.
  return () => (text.value === '' || text.value.endsWith('\n') ? text.value : `${text.value}\n`);
}

export function readChoice(form: HTMLFormElement): Choice {
  const own = form.querySelector<HTMLInputElement>('[data-own]')?.value ?? '';
  const siteLines = form.querySelector<HTMLElement>('[data-site-lines]')?.dataset.siteLines ?? '';
  const from = new FormData(form).get('key') === 'site' ? 'site' : 'own';
  return { from, siteLines, own };
}
