/**
 * The log of the command line: levels, one of the formats of
 * `cli/log_line.ts`, repeated lines at a bounded rate, all of it to one
 * sink. It never throws.
 *
 * @module
 */

import type { LogFields, Logger, LogLevel } from "../base/logger.ts";
import type { LineFormat, LogLine } from "./log_line.ts";
import { LogSink, type WriteBytes } from "./log_sink.ts";
import { LineThrottle, WINDOW_MS } from "./log_throttle.ts";

/** What a {@linkcode LogWriter} needs. */
export interface LogWriterOptions {
  /** The quietest level that is written. */
  readonly level: LogLevel;
  /** How a line looks. */
  readonly format: LineFormat;
  /** Where it goes. */
  readonly write: WriteBytes;
  /** The time, ms since 1970. */
  readonly nowMs: () => number;
  /** Told of each line that is written. */
  readonly onLine?: (line: LogLine) => void;
  /** Runs something later: `setTimeout`. */
  readonly later: (run: () => void, delayMs: number) => void;
}

const LEVELS: Readonly<Record<LogLevel, number>> = {
  error: 0,
  warn: 1,
  info: 2,
  debug: 3,
};

/**
 * A logger that writes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jsonLine } from "./log_line.ts";
 * import { LogWriter } from "./log_writer.ts";
 *
 * let text = "";
 * const writer = new LogWriter({
 *   level: "info",
 *   format: jsonLine,
 *   write: (bytes) => {
 *     text += new TextDecoder().decode(bytes);
 *     return Promise.resolve(bytes.length);
 *   },
 *   nowMs: () => 0,
 *   later: () => {},
 * });
 * writer.log("debug", "packet", "not at this level", {});
 * writer.log("info", "listening", "listening", { port: 1883 });
 * await writer.flushed();
 * assertEquals(JSON.parse(text).port, 1883);
 * ```
 */
export class LogWriter implements Logger {
  readonly #options: LogWriterOptions;
  #levelMost: number;
  readonly #sink: LogSink;
  readonly #throttle = new LineThrottle();
  #isWaiting = false;

  /** Makes a logger that has written nothing yet. */
  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#levelMost = LEVELS[options.level];
    this.#sink = new LogSink(options.write, (count) => this.#lostLine(count));
  }

  /** From here on this is the quietest level that is written. */
  setLevel(level: LogLevel): void {
    this.#levelMost = LEVELS[level];
  }

  /** Whether lines of this level are written. */
  enabled(level: LogLevel): boolean {
    return LEVELS[level] <= this.#levelMost;
  }

  /** Writes a line, unless there were many of its event just now. */
  log(
    level: LogLevel,
    event: string,
    message: string,
    fields: LogFields,
  ): void {
    if (!this.enabled(level)) return;
    const nowMs = this.#options.nowMs();
    if (this.#throttle.isHolding) this.#sumUp(nowMs);
    if (this.#throttle.admits(event, level, nowMs)) {
      this.#push(level, event, message, fields);
    } else {
      this.#sumUpLater();
    }
  }

  /** Writes a line always: for the few that nobody outside can cause. */
  announce(
    level: LogLevel,
    event: string,
    message: string,
    fields: LogFields,
  ): void {
    if (this.enabled(level)) this.#push(level, event, message, fields);
  }

  /** Writes a line whatever the level is: an operator has just asked for it. */
  insist(event: string, message: string, fields: LogFields): void {
    this.#push("info", event, message, fields);
  }

  /** Sums up what was held back; resolves when all is written. */
  flushed(): Promise<void> {
    for (const held of this.#throttle.takeAll()) this.#pushHeld(held);
    return this.#sink.drained();
  }

  #push(
    level: LogLevel,
    event: string,
    message: string,
    fields: LogFields,
  ): void {
    const timeMs = this.#options.nowMs();
    const line = { timeMs, level, event, message, fields };
    this.#sink.push(this.#options.format(line));
    this.#options.onLine?.(line);
  }

  #sumUp(nowMs: number): void {
    for (const held of this.#throttle.takeEnded(nowMs)) this.#pushHeld(held);
  }

  /** One timer is enough: windows are no longer than it runs. */
  #sumUpLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#options.later(() => {
      this.#isWaiting = false;
      this.#sumUp(this.#options.nowMs());
      if (this.#throttle.isHolding) this.#sumUpLater();
    }, WINDOW_MS);
  }

  #pushHeld(
    { event, level, count }: { event: string; level: LogLevel; count: number },
  ): void {
    const lines = count === 1 ? "line" : "lines";
    const message = `… and ${withCommas(count)} more \`${event}\` ${lines} ` +
      `in the last ${WINDOW_MS / 1000} s`;
    const fields = { of_event: event, count, window_ms: WINDOW_MS };
    this.#push(level, "lines_held_back", message, fields);
  }

  #lostLine(count: number): string {
    return this.#options.format({
      timeMs: this.#options.nowMs(),
      level: "warn",
      event: "lines_lost",
      message: `${withCommas(count)} log lines were lost: nobody took them`,
      fields: { count },
    });
  }
}

function withCommas(count: number): string {
  return `${count}`.replace(/\B(?=(?:\d{3})+$)/g, ",");
}
