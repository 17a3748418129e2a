/**
 * Looks whether a store's file is as a broker leaves it: SQLite's own check
 * first, then whether its rows belong together and can be read.
 *
 * @module
 */

import { subscriptionFault } from "../topic/shared_filter.ts";
import { LineFault } from "./json_fields.ts";
import { messageOfBytes } from "./message_json.ts";
import { FLIGHT_ORDER } from "./session_rows.ts";
import type { RetainedRow, SessionRow, SubscriptionRow } from "./table_rows.ts";
import type { SharedQueueRow, ToolRows } from "./tool_rows.ts";

/** No QoS 3; No Local and Retain As Published. */
const OPTIONS_MAX = 14;

/** What the rows of a table are. */
const PARTS: Readonly<Record<string, string>> = {
  subscription: "subscription",
  received: "received packet id",
  queue: "message",
};

/** A row that was looked at; with a sentence where something is wrong. */
export type Finding = string | undefined;

/** How many rows are looked at one by one. */
export function rowsToCheck(rows: ToolRows): number {
  return rows.count("sessions") + rows.count("subscriptions") +
    rows.count("queue") + rows.count("retained");
}

/** Looks at all rows; what it yields is a finding, or a row that is sound. */
export function* checkRows(rows: ToolRows): Iterable<Finding> {
  for (const { integrity_check: text } of rows.each("integrity")) {
    if (text !== "ok") yield `SQLite: ${text}`;
  }
  for (const { part, count } of rows.each("orphans")) {
    if (count > 0) yield `${many(count, PARTS[part]!)} of no session`;
  }
  for (const { id, uses, count } of rows.each("miscounted")) {
    yield `message ${id} is for ${uses}, and ${count ?? 0} have it`;
  }
  for (const { client_id, count } of rows.each("missing")) {
    yield `${many(count, "message")} missing to ${name(client_id)}`;
  }
  for (const { client_id, packet_id } of rows.each("twice")) {
    yield `packet id ${packet_id} to ${name(client_id)} is in flight twice`;
  }
  for (const row of rows.each("sessions")) yield* checkSession(rows, row);
  for (const row of rows.each("retained")) yield checkRetained(row);
}

function* checkSession(rows: ToolRows, row: SessionRow): Iterable<Finding> {
  const { id, client_id, will_head: head, will_body: body } = row;
  const whose = name(client_id);
  if ((head === null) !== (body === null)) yield `half a will of ${whose}`;
  else if (head !== null) {
    yield about(`the will of ${whose}`, head, null, body!);
  } else yield undefined;
  for (const one of rows.each("subscriptions", id)) {
    yield checkSubscription(whose, one);
  }
  for (const { packet_id } of rows.each("received", id)) {
    if (packet_id < 1 || packet_id >= FLIGHT_ORDER) {
      yield `${whose} has sent the packet id ${packet_id}`;
    }
  }
  for (const part of ["inFlight", "waiting"] as const) {
    for (const one of rows.each(part, id)) yield checkQueued(whose, one);
  }
}

function checkSubscription(
  whose: string,
  { filter, options, ids }: SubscriptionRow,
): Finding {
  const what = `the subscription of ${whose} to ${name(filter)}`;
  const wrong = subscriptionFault(filter);
  if (wrong !== undefined) return `${what}: ${wrong}`;
  if (options < 0 || options > OPTIONS_MAX || (options & 3) > 2) {
    return `${what}: options ${options}`;
  }
  const isSound = ids === null || isNumbers(parsed(ids));
  return isSound ? undefined : `${what}: identifiers ${name(ids)}`;
}

function checkQueued(whose: string, row: SharedQueueRow): Finding {
  const { place, flight, head, expires_at, extra, message, body } = row;
  const what = `message ${place} to ${whose}`;
  if (flight < 0 || (flight > 0 && flight % FLIGHT_ORDER === 0)) {
    return `${what}: in flight as ${flight}`;
  }
  if (body === null) {
    // Where it is kept apart and is not there, that has been told.
    return flight > 0 || message !== null ? undefined : `${what}: no bytes`;
  }
  if (extra !== null && !isExtra(parsed(extra))) {
    return `${what}: ${name(extra)} beside it`;
  }
  return about(what, head, expires_at, body);
}

function checkRetained(row: RetainedRow): Finding {
  const { topic, head, expires_at, body } = row;
  const what = `the retained message on ${name(topic)}`;
  const finding = about(what, head, expires_at, body);
  if (finding !== undefined) return finding;
  const own = messageOfBytes(head, body).topic;
  return own === topic ? undefined : `${what}: its topic is ${name(own)}`;
}

/** What is wrong with a message's bytes. */
function about(
  what: string,
  head: number,
  expiresAt: number | null,
  body: Uint8Array,
): Finding {
  if ((head & 3) > 2) return `${what}: QoS 3`;
  try {
    const { properties } = messageOfBytes(head, body);
    const expires = properties.messageExpirySeconds !== undefined;
    return expiresAt === null || expires
      ? undefined
      : `${what}: expires, and does not say so`;
  } catch (error) {
    if (!(error instanceof LineFault)) throw error;
    return `${what}: ${error.message}`;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((one) => Number.isInteger(one) && one > 0);
}

function isExtra(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isNumbers(value[0]) &&
    typeof value[1] === "string";
}

function many(count: number, word: string): string {
  return count === 1 ? `1 ${word} is` : `${count} ${word}s are`;
}

/** A text of a client's, in quotes. */
function name(text: string): string {
  return JSON.stringify(text);
}
