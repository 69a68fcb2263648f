/** Buyers whose secrets are in memory: most buy more than once, and a secret read from the database is worth keeping. */

/** A buyer of a source. */
export interface Person {
  /** HMAC-128 of (source, buyer), a binary string: how the buyer is named in private rows. */
  readonly id: string;
  /** Salts this person's seals, 64 hexadecimal characters; null until it is read or made. */
  secret: string | null;
}

/** By source, by buyer. */
type Generation = Map<string, Map<string, Person>>;

const mostInGeneration = 200_000;

/**
 * Two generations: when the young one is full it becomes the old one, and the old one is forgotten. So a secret that was just made, and is not yet in
 * the database, is never forgotten before it is.
 */
export class People {
  readonly #idOf: (source: string, buyer: string) => string;
  #young: Generation = new Map();
  #old: Generation = new Map();
  #count = 0;

  /** @param idOf HMAC-128 of (source, buyer) */
  constructor(idOf: (source: string, buyer: string) => string) {
    this.#idOf = idOf;
  }

  of(source: string, buyer: string): Person {
    const known = this.#young.get(source)?.get(buyer);
    if (known !== undefined) return known;
    const person = this.#old.get(source)?.get(buyer) ?? { id: this.#idOf(source, buyer), secret: null };
    this.#keep(source, buyer, person);
    return person;
  }

  forget(source: string, buyer: string): void {
    this.#young.get(source)?.delete(buyer);
    this.#old.get(source)?.delete(buyer);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#count = 0;
  }

  #keep(source: string, buyer: string, person: Person): void {
    if (this.#count >= mostInGeneration) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#count = 0;
    }
    const buyers = this.#young.get(source) ?? new Map<string, Person>();
    this.#young.set(source, buyers.set(buyer, person));
    this.#count += 1;
  }
}
