/**
 * What a broker says of itself at a glance, as lines for a terminal.
 *
 * @module
 */

import { cutText, escapeControls } from "./safe_text.ts";

/** Of the answer to `/status`, what is shown. */
export interface StatusAnswer {
  readonly version: string;
  readonly runtime: string;
  readonly uptimeSeconds: number;
  readonly clients: Readonly<
    Record<"connected" | "connectedMax" | "sessions", number>
  >;
  readonly subscriptions: number;
  readonly retained: { readonly count: number; readonly bytes: number };
  readonly queued: { readonly messages: number; readonly bytes: number };
  readonly inflight: number;
  readonly rates: Traffic;
  readonly totals: Traffic;
  readonly memoryBytes: number | null;
  readonly eventLoopLagSeconds: number | null;
  readonly drops: Readonly<Record<string, number>>;
  readonly store: {
    readonly kind: string;
    readonly path: string | null;
    readonly bytes: number | null;
    readonly isBroken: boolean;
  };
  readonly warnings: readonly { readonly message: string }[];
}

interface Traffic {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Of the answer to `/listeners`, what is shown. */
export interface ListenersAnswer {
  readonly items: readonly {
    readonly name: string;
    readonly connections: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly certificate: { readonly daysLeft: number } | null;
  }[];
}

const LABEL_COLUMNS = 11;
const TEXT_CHARS_MAX = 200;
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SECONDS_EACH = [["d", 86_400], ["h", 3600], ["min", 60]] as const;

/**
 * The lines.
 *
 * @param url Where the broker was asked.
 */
export function statusLines(
  url: string,
  status: StatusAnswer,
  { items }: ListenersAnswer,
): string[] {
  const { clients, rates, retained, queued, totals } = status;
  const head = `broker ${status.version} on ${status.runtime}, up ` +
    `${durationText(status.uptimeSeconds)}, at ${url}`;
  return [
    head,
    "",
    line("messages", traffic(rates, totals, "messages", countText)),
    line("bytes", traffic(rates, totals, "bytes", bytesText)),
    line(
      "clients",
      `${countText(clients.connected)} of ${countText(clients.connectedMax)}` +
        `, ${counted(clients.sessions, "session")}, ` +
        counted(status.subscriptions, "subscription"),
    ),
    line(
      "waiting",
      `${counted(queued.messages, "message")}, ${bytesText(queued.bytes)}; ` +
        `${countText(status.inflight)} in flight; ` +
        `${countText(retained.count)} retained, ${bytesText(retained.bytes)}`,
    ),
    line("memory", memoryText(status)),
    line("dropped", dropsText(status.drops)),
    line("store", storeText(status.store)),
    ...items.map((one, at) =>
      line(
        at === 0 ? "listeners" : "",
        `${one.name}  ${counted(one.connections, "connection")}, ` +
          `in ${bytesText(one.bytesIn)}, out ${bytesText(one.bytesOut)}` +
          (one.certificate === null
            ? ""
            : `, certificate: ${
              counted(Math.floor(one.certificate.daysLeft), "day")
            }`),
      )
    ),
    ...status.warnings.map(({ message }) => line("warning", message)),
  ].map((one) => escapeControls(cutText(one, TEXT_CHARS_MAX)));
}

function line(label: string, text: string): string {
  return label.padEnd(LABEL_COLUMNS) + text;
}

function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function traffic(
  rates: Traffic,
  totals: Traffic,
  what: "messages" | "bytes",
  text: (value: number) => string,
): string {
  const incoming = `${what}In` as const;
  const outgoing = `${what}Out` as const;
  return `in ${text(rates[incoming])}/s, out ${text(rates[outgoing])}/s; ` +
    `in all ${text(totals[incoming])} and ${text(totals[outgoing])}`;
}

function memoryText(
  { eventLoopLagSeconds: lag, memoryBytes }: StatusAnswer,
): string {
  const memory = memoryBytes === null ? "unknown" : bytesText(memoryBytes);
  if (lag === null) return memory;
  return `${memory}; the event loop is ${(lag * 1000).toFixed(1)} ms late`;
}

function dropsText(drops: Readonly<Record<string, number>>): string {
  const some = Object.entries(drops).filter(([, count]) => count > 0);
  if (some.length === 0) return "nothing";
  return some.map(([cause, count]) => `${countText(count)} ${cause}`)
    .join(", ");
}

function storeText({ bytes, isBroken, kind, path }: StatusAnswer["store"]) {
  const where = path === null ? kind : `${path}, ${bytesText(bytes ?? 0)}`;
  return isBroken ? `${where}; it can keep nothing at the moment` : where;
}

/**
 * A number with commas.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countText } from "./status_text.ts";
 *
 * assertEquals(countText(1234567.4), "1,234,567");
 * ```
 */
export function countText(count: number): string {
  return `${Math.round(count)}`.replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/**
 * A number of bytes, with about three digits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesText } from "./status_text.ts";
 *
 * assertEquals([999, 1234, 56e6].map(bytesText), ["999 B", "1.2 kB", "56 MB"]);
 * ```
 */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit + 1 < UNITS.length) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `3 d 4 h`: the two greatest units. */
function durationText(seconds: number): string {
  const parts: string[] = [];
  let left = Math.floor(seconds);
  for (const [unit, each] of SECONDS_EACH) {
    const count = Math.floor(left / each);
    left -= count * each;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  parts.push(`${left} s`);
  return parts.slice(0, 2).join(" ");
}
