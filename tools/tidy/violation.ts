/** One thing that is not as it should be. */
export interface Violation {
  /** Name of the rule, as in README.md. */
  readonly rule: string;
  /** File or folder, below the root. */
  readonly path: string;
  /** The thing within the file, where a rule judges one: a schema. */
  readonly what?: string;
  readonly message: string;
}
