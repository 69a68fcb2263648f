/** Progress on standard error: a bar that is redrawn on a terminal, a line now and then elsewhere. */
import type { Progress } from '../../audit/replay-log.ts';
import { count, type Terminal } from '../terminal.ts';

const width = 30;
const redrawMs = 100;
const lineMs = 5_000;

export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #start: number;
  #last: number;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
    this.#start = now();
    this.#last = this.#start;
  }

  show({ done, size }: Progress): void {
    const now = this.#now();
    if (now - this.#last < (this.#terminal.redraws ? redrawMs : lineMs)) return;
    this.#last = now;
    const speed = Math.round(done / Math.max(0.001, (now - this.#start) / 1000));
    const share = done / Math.max(1, size);
    const text = `${Math.floor(share * 100)} %  ${count(done)} / ${count(size)}  ${count(speed)}/s`;
    const full = Math.round(share * width);
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
    this.#terminal.err(this.#terminal.redraws ? `\r\u001b[K${bar} ${text}` : `${text}\n`);
  }

  clear(): void {
    if (this.#terminal.redraws) this.#terminal.err('\r\u001b[K');
  }
}
