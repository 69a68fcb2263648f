/**
 * Large buffers used again. A batch fills some ten megabytes of them and is gone in half a second: fresh ones would cost page faults, and their count
 * makes V8 mark its whole heap several times a second.
 */

/** Smaller ones are not worth keeping. */
const leastKept = 16 * 1024;
const mostKeptBytes = 256 * 1024 * 1024;

/** By size, a power of two. */
const spare = new Map<number, Buffer[]>();
let kept = 0;

/** A buffer of at least so many bytes, with anything in it. */
export function borrowBuffer(bytes: number): Buffer {
  const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 64)));
  const found = spare.get(size)?.pop();
  if (found === undefined) return Buffer.allocUnsafeSlow(size);
  kept -= size;
  return found;
}

/** Gives a borrowed buffer back. Nobody may hold any part of it: what is written to it next would show there. */
export function giveBackBuffer(buffer: Buffer): void {
  const size = buffer.length;
  if (size < leastKept || size !== buffer.buffer.byteLength || kept + size > mostKeptBytes) return;
  const others = spare.get(size);
  if (others === undefined) spare.set(size, [buffer]);
  else others.push(buffer);
  kept += size;
}
