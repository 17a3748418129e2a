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
  /** Whether that is because somebody uses it. */
  readonly isInUse: boolean;

  /** A sentence, whether there is a file, and whether it is in use. */
  constructor(message: string, isFound: boolean, isInUse = false) {
    super(message);
    this.isFound = isFound;
    this.isInUse = isInUse;
  }
}

/** What an error says, whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
