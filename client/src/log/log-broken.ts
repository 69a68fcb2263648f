/** A log that does not hold what it signed. Not a passing fault: keep the evidence and tell people. */
export class LogBroken extends Error {
  override name = 'LogBroken';
  /**
   * `forked`: two checkpoints that cannot both be true of one append-only log. `signature`: a note by none of the keys that this client holds to.
   * `malformed`: no note of the published formats. `tiles`: the tiles do not lead to the checkpoint.
   */
  readonly reason: 'forked' | 'signature' | 'malformed' | 'tiles';
  /** Signed notes, as received: enough to show anyone. */
  readonly evidence: readonly string[];

  constructor(reason: LogBroken['reason'], message: string, evidence: readonly string[], cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.evidence = evidence;
  }
}
