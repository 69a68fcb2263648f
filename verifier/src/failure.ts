/** What does not verify is thrown as a Failure, in both languages, naming where and which rule, so that a person can look and a script can tell. */

/** A text in both languages. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

export class Failure extends Error {
  override name = 'Failure';
  /** Stable word for scripts, for example `note.signature`, `tile.differs`, `move.from_position`. */
  readonly rule: string;
  readonly said: Said;
  /** What failed: a path such as `tile/entries/x001/234`, `entry 1234`, a file's name; empty when the caller knows. */
  where = '';

  constructor(rule: string, en: string, zh: string, where = '') {
    super(en);
    this.rule = rule;
    this.said = { en, zh };
    this.where = where;
  }

  /** The same failure, said to be at `where` unless it already names a place. */
  at(where: string): this {
    if (this.where === '') this.where = where;
    return this;
  }
}

/** An entry that docs/formats/entries.md does not allow. */
export class EntryError extends Failure {
  override name = 'EntryError';
  /** For example `move[0][2]`; empty when it is the entry as a whole. */
  readonly member: string;

  constructor(rule: string, member: string, en: string, zh: string) {
    super(`entry.${rule}`, member === '' ? en : `${member} ${en}`, member === '' ? zh : `${member} ${zh}`);
    this.member = member;
  }
}

/** A signed note, key or checkpoint that is malformed or whose signature does not verify. */
export class NoteError extends Failure {
  override name = 'NoteError';
}

/** Runs `step`; a Failure that it throws is said to be at `where`. */
export function locate<T>(where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof Failure ? error.at(where) : error;
  }
}
