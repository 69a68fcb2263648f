/** The world failed: a database, a disk, a peer. Thrown; edges answer 503 with Retry-After. */
export class Fault extends Error {
  override name = 'Fault';
  readonly code: string;
  readonly retryAfterSeconds: number;

  /** @param code short machine word, for example `busy`, `database_away`, `not_the_writer`, `log_stopped` */
  constructor(code: string, message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 2;
  }
}
