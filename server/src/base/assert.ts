/** Broken assumptions of our own. In the books a failed assertion stops the process rather than build on an unknown state. */
export class Bug extends Error {
  override name = 'Bug';
}

/** @throws Bug when `condition` is false. Never use it for input or for the state of the outside world. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

/** The value as a JSON-safe integer. @throws Bug at 2^53 or beyond, or below zero: positions and amounts stay below (docs/formats/entries.md). */
export function safe(value: bigint): number {
  assert(value >= 0n && value <= 9007199254740991n, `${value} is outside 0 … 2^53 - 1`);
  return Number(value);
}
