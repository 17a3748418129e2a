/**
 * A store as lines of JSON, from which `store/import_lines.ts` makes another
 * one. The same content gives the same lines, in this order:
 *
 * ```text
 *   {"kind":"store","format":1}
 *   {"kind":"session","clientId":…,"expiryMs":…,"leftAt":…}   each session,
 *   {"kind":"subscription","clientId":…,"filter":…,"qos":…}   then its own:
 *   {"kind":"message","clientId":…,"qos":…,"packetId":…,…}    what is sent,
 *   {"kind":"pubrel","clientId":…,"packetId":…}               in that order,
 *   {"kind":"message","clientId":…,"qos":…,"shared":1}        what waits
 *   {"kind":"shared","id":1,"topic":…,…}   before the first who gets it
 *   {"kind":"retained","topic":…,"qos":…,…}
 *   {"kind":"end","lines":…}                how many lines stand before it
 * ```
 *
 * What is no, none or empty is left out; times are milliseconds since 1970.
 *
 * @module
 */

import { LineFault } from "./json_fields.ts";
import {
  type MessageJson,
  messageJson,
  messageOfBytes,
} from "./message_json.ts";
import { FLIGHT_ORDER } from "./session_rows.ts";
import type { RetainedRow, SessionRow } from "./table_rows.ts";
import type { SharedQueueRow, ToolRows } from "./tool_rows.ts";

/** The version of the lines' form. */
export const LINES_FORMAT = 1;

/** A line; what is undefined is left out. */
type Line = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** What has to be the same of a message wherever it stands. */
interface Source {
  readonly head: number;
  readonly expires_at: number | null;
  readonly body: Uint8Array;
}

/** Writes the lines of one file. */
export class ExportLines {
  readonly #rows: ToolRows;
  /** The number in the lines of what several wait for, by that of the file. */
  readonly #shared = new Map<number, number>();

  /** Of what is in these rows. */
  constructor(rows: ToolRows) {
    this.#rows = rows;
  }

  /** How many lines there are. */
  get count(): number {
    const parts = ["sessions", "subscriptions", "queue", "apart", "retained"];
    type Part = Parameters<ToolRows["count"]>[0];
    return 2 +
      parts.reduce((sum, one) => sum + this.#rows.count(one as Part), 0);
  }

  /**
   * The lines, without their ends.
   *
   * @throws {LineFault} When what is in the file can't be read.
   */
  *lines(): Iterable<string> {
    let count = 0;
    for (const line of this.#lines()) {
      count++;
      yield JSON.stringify(line);
    }
    yield JSON.stringify({ kind: "end", lines: count });
  }

  *#lines(): Iterable<Line> {
    yield { kind: "store", format: LINES_FORMAT };
    for (const row of this.#rows.each("sessions")) yield* this.#session(row);
    for (const row of this.#rows.each("retained")) {
      yield { kind: "retained", ...retainedOf(row) };
    }
  }

  *#session(row: SessionRow): Iterable<Line> {
    const { id, client_id: clientId } = row;
    const receivedIds: number[] = [];
    for (const { packet_id } of this.#rows.each("received", id)) {
      receivedIds.push(packet_id);
    }
    yield {
      kind: "session",
      clientId,
      userName: row.user_name ?? undefined,
      ownRights: row.own_rights !== 0 || undefined,
      expiryMs: row.expiry_ms ?? undefined,
      leftAt: row.left_at ?? undefined,
      receivedIds: receivedIds.length > 0 ? receivedIds : undefined,
      will: willOf(row),
    };
    for (const one of this.#rows.each("subscriptions", id)) {
      yield {
        kind: "subscription",
        clientId,
        filter: one.filter,
        qos: one.options & 3,
        noLocal: (one.options & 4) !== 0 || undefined,
        retainAsPublished: (one.options & 8) !== 0 || undefined,
        ids: one.ids === null ? undefined : JSON.parse(one.ids),
      };
    }
    for (const part of ["inFlight", "waiting"] as const) {
      for (const one of this.#rows.each(part, id)) {
        yield* this.#queued(clientId, one);
      }
    }
  }

  *#queued(clientId: string, row: SharedQueueRow): Iterable<Line> {
    const { flight, head, extra, body } = row;
    const packetId = flight > 0 ? flight % FLIGHT_ORDER : undefined;
    if (body === null) {
      if (row.message !== null || packetId === undefined) {
        throw new LineFault(`a message to "${clientId}" is missing`);
      }
      yield { kind: "pubrel", clientId, packetId };
      return;
    }
    const source = { head, expires_at: row.expires_at, body };
    const isShared = row.message !== null && row.uses! > 1;
    let shared: number | undefined;
    if (isShared) {
      shared = this.#shared.get(row.message);
      if (shared === undefined) {
        shared = this.#shared.size + 1;
        this.#shared.set(row.message, shared);
        const message = contentOf(source);
        yield { kind: "shared", id: shared, ...message };
      }
    }
    const [ids, share] = extra === null ? [] : JSON.parse(extra);
    yield {
      kind: "message",
      clientId,
      packetId,
      qos: head & 3,
      retain: (head & 4) !== 0 || undefined,
      subscriptionIds: ids?.length > 0 ? ids : undefined,
      share: share || undefined,
      ...(isShared ? { shared } : contentOf(source)),
    };
  }
}

/** What a message is, apart from how it goes out. */
function contentOf({ head, expires_at, body }: Source): MessageJson & {
  publishedQos: number;
  expiresAt: number | undefined;
} {
  const message = messageOfBytes(head, body);
  return {
    publishedQos: message.qos,
    expiresAt: expires_at ?? undefined,
    ...messageJson(message),
  };
}

function retainedOf({ head, expires_at, body }: RetainedRow) {
  const message = messageOfBytes(head, body);
  return {
    qos: message.qos,
    expiresAt: expires_at ?? undefined,
    ...messageJson(message),
  };
}

function willOf(row: SessionRow) {
  const { will_head: head, will_delay: delay, will_body: body } = row;
  if (head === null || body === null) return undefined;
  return {
    qos: head & 3,
    retain: (head & 4) !== 0 || undefined,
    delaySeconds: delay ?? 0,
    ...messageJson(messageOfBytes(head, body)),
  };
}
