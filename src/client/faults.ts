/**
 * What keeps a client from its broker, or parts them.
 *
 * @module
 */

import { reasonWords } from "./reason_words.ts";

/** A broker does not let a client in. */
export class Refused extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "Refused";
  /** The reason code of 5.0, also where the broker speaks another version. */
  readonly reason: number;
  /** The protocol level that the client asked for. */
  readonly level: number;

  /**
   * An error that says so in words.
   *
   * @param reasonString What the broker has to say itself.
   */
  constructor(reason: number, level: number, reasonString?: string) {
    const words = reasonWords(reason, reasonString);
    super(`the broker refused the connection: ${words}`);
    this.reason = reason;
    this.level = level;
  }
}

/** A connection is over. */
export class ConnectionLost extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "ConnectionLost";
  /** The reason code, where the broker gave one. */
  readonly reason: number | undefined;

  /** An error with a sentence that says why. */
  constructor(
    says: string,
    { reason, cause }: { reason?: number; cause?: unknown } = {},
  ) {
    super(says, { cause });
    this.reason = reason;
  }
}
