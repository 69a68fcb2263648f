/** How a call fails: the server said no, or could not be reached in all the tries allowed. */
import type { ErrorDetail } from './contract/index.ts';

/** The server's answer is no; sending the same again does not help. `detail.line` counts from 1 in a bulk body. */
export class RequestRefused extends Error {
  override name = 'RequestRefused';
  readonly status: number;
  readonly detail: ErrorDetail;

  constructor(status: number, detail: ErrorDetail) {
    super(`${detail.code}${detail.field === undefined ? '' : ` at ${detail.field}`}: ${detail.message}`);
    this.status = status;
    this.detail = detail;
  }
}

/** No answer, or "not now" in every try. The request may have been carried out: send it again, intake knows duplicates. */
export class OutOfReach extends Error {
  override name = 'OutOfReach';
  /** The last status seen, null when there was no answer at all. */
  readonly status: number | null;

  constructor(what: string, status: number | null, cause: unknown) {
    const why =
      cause instanceof Error
        ? cause.cause instanceof Error
          ? cause.cause.message
          : cause.message
        : `status ${status}`;
    super(`${what}: ${why}`, { cause });
    this.status = status;
  }
}
