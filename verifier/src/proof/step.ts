/** A verification as a list of steps that a person can follow: what was asked, what came out, on what evidence. */
import { Failure, type Said } from '../failure.ts';

export interface Step<Name extends string = string> {
  readonly step: Name;
  readonly ok: boolean;
  readonly said: Said;
  /** What the step stood on: hashes, keys, sizes, as text or numbers. For a failed step also `rule` and `where`. */
  readonly evidence: Readonly<Record<string, string | number>>;
}

/** What a step found: words for people, and evidence. */
export interface Finding {
  readonly said: Said;
  readonly evidence?: Readonly<Record<string, string | number>>;
}

/** Steps in order. After the first that fails no further one is taken, since each stands on those before it. */
export class Steps<Name extends string> {
  readonly list: Step<Name>[] = [];

  get ok(): boolean {
    return this.list.every(({ ok }) => ok);
  }

  /** Runs one step. Returns what it made, or undefined when it, or one before it, failed. */
  take<T>(step: Name, run: () => [made: T, found: Finding]): T | undefined {
    if (!this.ok) return undefined;
    try {
      const [made, { said, evidence = {} }] = run();
      this.list.push({ step, ok: true, said, evidence });
      return made;
    } catch (error) {
      this.list.push(failedStep(step, error));
      return undefined;
    }
  }
}

/** @throws whatever is not a Failure */
export function failedStep<Name extends string>(step: Name, error: unknown): Step<Name> {
  if (!(error instanceof Failure)) throw error;
  const { said, rule, where } = error;
  return { step, ok: false, said, evidence: { rule, ...(where === '' ? {} : { where }) } };
}
