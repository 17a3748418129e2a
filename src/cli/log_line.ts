/**
 * How a log line looks: JSON for machines, text for people. Strings in it
 * may come from clients, so all are cut and made harmless to a terminal.
 * What is written, and when, is decided in `cli/log_writer.ts`.
 *
 * @module
 */

import type { LogFields, LogLevel } from "../base/logger.ts";
import { cutText, escapeControls } from "./safe_text.ts";

/** What a line is made of. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** How loud it is. */
  readonly level: LogLevel;
  /** A stable name, for machines. */
  readonly event: string;
  /** A sentence, for people. */
  readonly message: string;
  /** The facts, for both. */
  readonly fields: LogFields;
}

/** Makes a line's text, with the end of line. */
export type LineFormat = (line: LogLine) => string;

const MESSAGE_CHARS_MAX = 500;
const FIELD_CHARS_MAX = 256;
/** Of our own making, and worthless when cut short. */
const STACK_CHARS_MAX = 4000;

/**
 * One object of JSON a line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jsonLine } from "./log_line.ts";
 *
 * const text = jsonLine({
 *   timeMs: 0,
 *   level: "info",
 *   event: "listening",
 *   message: "listening",
 *   fields: { port: 1883 },
 * });
 * assertEquals(JSON.parse(text), {
 *   time: "1970-01-01T00:00:00.000Z",
 *   level: "info",
 *   event: "listening",
 *   message: "listening",
 *   port: 1883,
 * });
 * ```
 */
export function jsonLine(line: LogLine): string {
  const { timeMs, level, event, message, fields } = line;
  const object: Record<string, unknown> = {
    time: new Date(timeMs).toISOString(),
    level,
    event,
    message: cutText(message, MESSAGE_CHARS_MAX),
  };
  for (const [name, value] of Object.entries(fields)) {
    object[name] = cutField(name, value);
  }
  // JSON leaves characters as they are that a terminal would obey.
  return escapeControls(JSON.stringify(object)) + "\n";
}

/**
 * Lines without colours.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { textLine } from "./log_line.ts";
 *
 * const text = textLine({
 *   timeMs: 0,
 *   level: "info",
 *   event: "client_connected",
 *   message: "connected",
 *   fields: { client_id: "pump 7" },
 * });
 * assertMatch(text, / info  connected  client_id="pump 7"\n$/);
 * ```
 */
export function textLine(line: LogLine): string {
  return paintedLine(line, (text) => text);
}

/**
 * Lines with the colours of a terminal.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { colourLine } from "./log_line.ts";
 *
 * const text = colourLine({
 *   timeMs: 0,
 *   level: "error",
 *   event: "internal_error",
 *   message: "an error",
 *   fields: {},
 * });
 * assert(text.includes("\u001b[31merror"));
 * ```
 */
export function colourLine(line: LogLine): string {
  return paintedLine(line, (text, colour) => `\x1b[${colour}m${text}\x1b[0m`);
}

const DIM = 2;
const LEVEL_COLOURS: Readonly<Record<LogLevel, number>> = {
  error: 31,
  warn: 33,
  info: 32,
  debug: DIM,
};

function paintedLine(
  { timeMs, level, message, fields }: LogLine,
  paint: (text: string, colour: number) => string,
): string {
  const parts = [
    `${paint(localTime(timeMs), DIM)} ` +
    `${paint(level.padEnd(5), LEVEL_COLOURS[level])} ` +
    escapeControls(cutText(message, MESSAGE_CHARS_MAX)),
  ];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = fieldText(cutField(name, value));
    parts.push(paint(`${escapeControls(name)}=`, DIM) + text);
  }
  const [first, ...others] = parts;
  return others.length === 0 ? `${first}\n` : `${first}  ${others.join(" ")}\n`;
}

/** `2026-07-12 21:03:59`, where the operator is. */
function localTime(timeMs: number): string {
  const time = new Date(timeMs);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return `${date.map(twoDigits).join("-")} ${clock.map(twoDigits).join(":")}`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function cutField<Value>(name: string, value: Value): Value | string {
  if (typeof value !== "string") return value;
  return cutText(value, name === "stack" ? STACK_CHARS_MAX : FIELD_CHARS_MAX);
}

/** A word stands for itself; what could be taken apart is quoted. */
function fieldText(value: unknown): string {
  const text = String(value);
  const isWord = /^[^\s"'\\=]+$/.test(text);
  return escapeControls(isWord ? text : JSON.stringify(text));
}
