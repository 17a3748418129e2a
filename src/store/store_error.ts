/**
 * A store that can't be used, in one sentence for the operator.
 *
 * @module
 */

/** The file is not to be had, or not ours to use. */
export class StoreError extends Error {
  /** See `Error`. */
  override readonly name = "StoreError";
  /** Whether there is a file: it has what somebody relies on. */
  readonly isFound: boolean;

  /** A sentence, and whether there is a file. */
  constructor(message: string, isFound: boolean) {
    super(message);
    this.isFound = isFound;
  }
}
