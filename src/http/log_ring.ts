/**
 * The last lines of the log, for who looks at them by the API.
 *
 * @module
 */

import type { LogFields, LogLevel } from "../base/logger.ts";

/** A line. */
export interface RingLine {
  /** When it was written, ms since 1970. */
  readonly timeMs: number;
  /** How loud it is. */
  readonly level: LogLevel;
  /** A stable name. */
  readonly event: string;
  /** A sentence. */
  readonly message: string;
  /** The facts. */
  readonly fields: LogFields;
}

/** A line with its number. */
export interface NumberedLine extends RingLine {
  /** Counts the lines. */
  readonly number: number;
}

/** The event of the line that tells the secret. */
export const SECRET_EVENT = "http_secret";

/** So many are kept. */
export const LOG_LINES_MAX = 500;

/**
 * The lines.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LogRing } from "./log_ring.ts";
 *
 * const ring = new LogRing();
 * const line = { timeMs: 0, level: "info", fields: {} } as const;
 * ring.add({ ...line, event: "a", message: "a" });
 * ring.add({ ...line, event: "b", message: "b" });
 * assertEquals(ring.after(1).map(({ event }) => event), ["b"]);
 * ```
 */
export class LogRing {
  /** The number of the last line; 0 before the first. */
  last = 0;
  readonly #lines: NumberedLine[] = [];

  /** One more, unless it tells the secret that opens the API. */
  add(line: RingLine): void {
    if (line.event === SECRET_EVENT) return;
    const numbered = { ...line, number: ++this.last };
    if (this.#lines.length < LOG_LINES_MAX) this.#lines.push(numbered);
    else this.#lines[(this.last - 1) % LOG_LINES_MAX] = numbered;
  }

  /** Those behind the one of this number that are still kept, in order. */
  after(number: number): NumberedLine[] {
    const first = Math.max(number + 1, this.last - this.#lines.length + 1);
    const lines: NumberedLine[] = [];
    for (let one = first; one <= this.last; one++) {
      lines.push(this.#lines[(one - 1) % LOG_LINES_MAX]!);
    }
    return lines;
  }
}
