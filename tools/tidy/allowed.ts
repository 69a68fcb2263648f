/** Exceptions from tidy's rules. Each has its reason; one that no longer excepts anything is a violation itself. */

export interface Exception {
  readonly rule: string;
  /** File or folder, exactly. */
  readonly path: string;
  /** For rules that name a thing within the file, that thing. */
  readonly what?: string;
  readonly reason: string;
}

export const allowed: readonly Exception[] = [];
