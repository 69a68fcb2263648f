/** What the command says: lines for people, or one JSON object for scripts. */
import type { Failure, Said } from '../../failure.ts';
import type { Step } from '../../proof/step.ts';
import { type Language, printable, type Terminal } from '../terminal.ts';

export class Printer {
  readonly terminal: Terminal;
  readonly language: Language;
  readonly json: boolean;

  constructor(terminal: Terminal, language: Language, json: boolean) {
    this.terminal = terminal;
    this.language = language;
    this.json = json;
  }

  /** Nothing when the answer is to be JSON. */
  line(said: Said | string): void {
    if (!this.json) this.terminal.out(`${printable(this.text(said))}\n`);
  }

  good(said: Said): void {
    this.#mark('✓', 32, this.text(said));
  }

  bad(said: Said): void {
    this.#mark('✗', 31, this.text(said));
  }

  step({ ok, said, evidence }: Step): void {
    if (ok) this.good(said);
    else this.bad(withPlace(said, String(evidence.where ?? ''), String(evidence.rule ?? '')));
  }

  failure(failure: Failure): void {
    this.bad(withPlace(failure.said, failure.where, failure.rule));
  }

  /** Beside the answer, on standard error, in any mode. */
  aside(said: Said): void {
    this.terminal.err(`${printable(this.text(said))}\n`);
  }

  /** The one JSON object; bigints become text. */
  answer(value: object): void {
    if (!this.json) return;
    const plain = (_name: string, one: unknown) => (typeof one === 'bigint' ? String(one) : one);
    this.terminal.out(`${JSON.stringify(value, plain, 2)}\n`);
  }

  text(said: Said | string): string {
    return typeof said === 'string' ? said : said[this.language];
  }

  #mark(mark: string, colour: number, text: string): void {
    if (this.json) return;
    const sign = this.terminal.colours ? `\u001b[${colour}m${mark}\u001b[0m` : mark;
    this.terminal.out(`${sign} ${printable(text)}\n`);
  }
}

/** For JSON. */
export function failureAnswer(error: Failure): object {
  return { rule: error.rule, where: error.where, said: error.said };
}

function withPlace({ en, zh }: Said, where: string, rule: string): Said {
  const place = where === '' ? '' : `${where}: `;
  const zhPlace = where === '' ? '' : `${where.replace(/^entry /, '条目 ').replace(/^checkpoint$/, '检查点')}：`;
  const tail = rule === '' ? '' : ` [${rule}]`;
  return { en: `${place}${en}${tail}`, zh: `${zhPlace}${zh}${tail}` };
}
