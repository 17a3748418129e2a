/**
 * The time of day in the words of C's `strftime`, where this machine is, in
 * English: what `broker sub -F` prints behind an `@`.
 *
 * @module
 */

const DAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const SHORT = 3;
const DAY_MS = 86_400_000;
const NAME_OF_ZONE = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

/** Letters that stand for several. */
const COMPOUNDS: Readonly<Record<string, string>> = {
  c: "a b e H:M:S Y",
  D: "m/d/y",
  F: "Y-m-d",
  R: "H:M",
  r: "I:M:S p",
  T: "H:M:S",
  v: "e-b-Y",
  X: "H:M:S",
  x: "m/d/y",
};

/**
 * One field of a time.
 *
 * @param letter What stands behind the `%` of `strftime`; `N` are
 * nanoseconds, as of `date`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { timeField } from "./local_time.ts";
 *
 * const at = new Date(2026, 0, 2, 3, 4, 5);
 * assertEquals(timeField(at, "F") + timeField(at, "T"), "2026-01-0203:04:05");
 * ```
 */
export function timeField(at: Date, letter: string): string {
  const compound = COMPOUNDS[letter];
  if (compound !== undefined) {
    return compound.replace(/[a-z]/gi, (part) => timeField(at, part));
  }
  return (FIELDS[letter] ?? (() => letter))(at);
}

/**
 * A time by ISO 8601, as Mosquitto's clients print it.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { isoTime } from "./local_time.ts";
 *
 * const text = isoTime(new Date(2026, 0, 2, 3, 4, 5));
 * assertMatch(text, /^2026-01-02T03:04:05[+-]\d{4}$/);
 * ```
 */
export function isoTime(at: Date): string {
  return `${timeField(at, "F")}T${timeField(at, "T")}${timeField(at, "z")}`;
}

const FIELDS: Readonly<Record<string, (at: Date) => string>> = {
  A: (at) => DAYS[at.getDay()]!,
  a: (at) => DAYS[at.getDay()]!.slice(0, SHORT),
  B: (at) => MONTHS[at.getMonth()]!,
  b: (at) => MONTHS[at.getMonth()]!.slice(0, SHORT),
  C: (at) => two(Math.floor(at.getFullYear() / 100)),
  d: (at) => two(at.getDate()),
  e: (at) => `${at.getDate()}`.padStart(2),
  G: (at) => `${thursday(at).getFullYear()}`,
  g: (at) => two(thursday(at).getFullYear() % 100),
  H: (at) => two(at.getHours()),
  I: (at) => two(at.getHours() % 12 || 12),
  j: (at) => `${dayOfYear(at) + 1}`.padStart(3, "0"),
  k: (at) => `${at.getHours()}`.padStart(2),
  l: (at) => `${at.getHours() % 12 || 12}`.padStart(2),
  M: (at) => two(at.getMinutes()),
  m: (at) => two(at.getMonth() + 1),
  N: (at) => `${at.getMilliseconds()}`.padStart(3, "0").padEnd(9, "0"),
  n: () => "\n",
  p: (at) => at.getHours() < 12 ? "AM" : "PM",
  S: (at) => two(at.getSeconds()),
  s: (at) => `${Math.floor(at.getTime() / 1000)}`,
  t: () => "\t",
  U: (at) => two(Math.floor((dayOfYear(at) + 7 - at.getDay()) / 7)),
  u: (at) => `${at.getDay() || 7}`,
  V: (at) => two(Math.floor(dayOfYear(thursday(at)) / 7) + 1),
  W: (at) => two(Math.floor((dayOfYear(at) + 7 - (at.getDay() + 6) % 7) / 7)),
  w: (at) => `${at.getDay()}`,
  Y: (at) => `${at.getFullYear()}`,
  y: (at) => two(at.getFullYear() % 100),
  Z: zoneName,
  z: zoneOffset,
};

function two(value: number): string {
  return `${value}`.padStart(2, "0");
}

function dayOfYear(at: Date): number {
  const day = Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return (day - Date.UTC(at.getFullYear(), 0, 1)) / DAY_MS;
}

/** The Thursday of its week, whose year is the week's. */
function thursday(at: Date): Date {
  const toThursday = 3 - (at.getDay() + 6) % 7;
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + toThursday);
}

function zoneName(at: Date): string {
  const parts = NAME_OF_ZONE.formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

function zoneOffset(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  const sign = minutes < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
