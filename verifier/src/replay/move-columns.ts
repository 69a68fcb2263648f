/** Every move of a log in growing typed arrays, 36 bytes a move, because any of them may be taken back later. */

interface Columns {
  index: Float64Array;
  amount: Float64Array;
  toPos: Float64Array;
  part: Uint32Array;
  from: Uint32Array;
  to: Uint32Array;
}

/** A move as it was posted. */
export interface PostedMove {
  index: number;
  part: number;
  from: number;
  to: number;
  amount: number;
  toPos: number;
}

export class MoveColumns {
  #columns = columns(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Moves come in order of (index, part). */
  add(index: number, part: number, from: number, to: number, amount: number, toPos: number): void {
    const row = this.#count++;
    if (row === this.#columns.index.length) this.#grow();
    const table = this.#columns;
    table.index[row] = index;
    table.part[row] = part;
    table.from[row] = from;
    table.to[row] = to;
    table.amount[row] = amount;
    table.toPos[row] = toPos;
  }

  /** The moves of entry `index`, in part order; none when it moved nothing. O(log n). */
  of(index: number): PostedMove[] {
    const found: PostedMove[] = [];
    for (let row = this.#firstOf(index); row < this.#count && this.#columns.index[row] === index; row++) {
      found.push(this.#read(row));
    }
    return found;
  }

  at(index: number, part: number): PostedMove | undefined {
    const row = this.#firstOf(index) + part;
    if (row >= this.#count || this.#columns.index[row] !== index || this.#columns.part[row] !== part) return undefined;
    return this.#read(row);
  }

  #firstOf(index: number): number {
    let low = 0;
    for (let high = this.#count; low < high; ) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#columns.index[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #read(row: number): PostedMove {
    const { index, part, from, to, amount, toPos } = this.#columns;
    return {
      index: index[row] as number,
      part: part[row] as number,
      from: from[row] as number,
      to: to[row] as number,
      amount: amount[row] as number,
      toPos: toPos[row] as number,
    };
  }

  #grow(): void {
    const grown = columns(this.#count * 2);
    for (const name of Object.keys(grown) as (keyof Columns)[]) grown[name].set(this.#columns[name]);
    this.#columns = grown;
  }
}

function columns(length: number): Columns {
  return {
    index: new Float64Array(length),
    amount: new Float64Array(length),
    toPos: new Float64Array(length),
    part: new Uint32Array(length),
    from: new Uint32Array(length),
    to: new Uint32Array(length),
  };
}
