/** The peers beside each run of ours, so that a disk that is slower now than then decides less. */
import type pg from 'pg';
import { type Spread, spreadOf } from '../figures/spread.ts';
import { oneByOne } from './one-by-one.ts';
import type { Accounts, Peer } from './peer.ts';
import { positional, setBased } from './set-based.ts';

export interface PeerFigures {
  readonly name: string;
  /** Gifts a second with the number of connections that it is mostly run with. */
  readonly usual: { readonly connections: number; readonly perSecond: Spread };
  /** With the number that was best in the first round. */
  readonly best: { readonly connections: number; readonly perSecond: Spread };
}

export interface PeersFigures {
  readonly oneByOne: PeerFigures;
  readonly setBased: PeerFigures;
  readonly positional: PeerFigures;
}

class Rounds {
  readonly #peer: Peer;
  readonly #usual: number[] = [];
  readonly #best: number[] = [];
  #connections = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async round(admin: pg.ClientConfig, seconds: number, accounts: Accounts): Promise<void> {
    const { connections, run } = this.#peer;
    const first = this.#connections === 0;
    const measured = new Map<number, number>();
    const usual = connections[0] as number;
    for (const count of first ? connections : new Set([usual, this.#connections]))
      measured.set(count, await run(admin, count, seconds, accounts));
    if (first) [[this.#connections] = [usual]] = [...measured].toSorted(([, a], [, b]) => b - a);
    this.#usual.push(measured.get(usual) as number);
    this.#best.push(measured.get(this.#connections) as number);
  }

  figures(): PeerFigures {
    const { name, connections } = this.#peer;
    return {
      name,
      usual: { connections: connections[0] as number, perSecond: spreadOf(this.#usual) },
      best: { connections: this.#connections, perSecond: spreadOf(this.#best) },
    };
  }
}

export class Peers {
  readonly #oneByOne = new Rounds(oneByOne);
  readonly #setBased = new Rounds(setBased);
  readonly #positional = new Rounds(positional);

  /** The first round tries several numbers of connections. */
  async round(admin: pg.ClientConfig, seconds: number, accounts: Accounts): Promise<void> {
    await this.#oneByOne.round(admin, seconds, accounts);
    await this.#setBased.round(admin, seconds, accounts);
    await this.#positional.round(admin, seconds, accounts);
  }

  figures(): PeersFigures {
    const [one, set, positions] = [this.#oneByOne, this.#setBased, this.#positional].map((rounds) => rounds.figures());
    return { oneByOne: one as PeerFigures, setBased: set as PeerFigures, positional: positions as PeerFigures };
  }
}
