/**
 * What the broker has to say, as an interface. Who writes it where is the
 * edge's business (`cli/log_writer.ts`, or a library user's own).
 *
 * @module
 */

/** How loud a line is, quietest last. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** Facts that belong to a line; the names are stable, in snake_case. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | undefined>
>;

/**
 * Where log lines go.
 *
 * @example
 * ```ts
 * import type { Logger } from "./logger.ts";
 *
 * const seen: string[] = [];
 * const logger: Logger = {
 *   enabled: (level) => level !== "debug",
 *   log: (_level, event) => seen.push(event),
 * };
 * logger.log("info", "listening", "listening on 127.0.0.1:1883", {});
 * ```
 */
export interface Logger {
  /** Whether lines of this level are written; asked before one is built. */
  enabled(level: LogLevel): boolean;
  /**
   * Writes one line.
   *
   * @param event A stable name, for machines.
   * @param message A sentence, for people. Never a secret.
   * @param fields The facts, for both.
   */
  log(
    level: LogLevel,
    event: string,
    message: string,
    fields: LogFields,
  ): void;
}

/** Says nothing: the default of the library. */
export const SILENT: Logger = {
  enabled: () => false,
  log: () => {},
};
