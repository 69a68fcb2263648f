/** Broken assumptions of our own. In the books a failed assertion stops the process rather than build on an unknown state. */
export class Bug extends Error {
  override name = 'Bug';
}

/** @throws Bug when `condition` is false. Never use it for input or for the state of the outside world. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}
