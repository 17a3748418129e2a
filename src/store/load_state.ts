/**
 * Reads what a durable store has kept, before a broker begins.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { Will } from "../codec/connect.ts";
import { type Message, MESSAGE_OVERHEAD_BYTES } from "../codec/message.ts";
import type { StoredSession, StoredState } from "../session/store.ts";
import { subscriptionFault } from "../topic/shared_filter.ts";
import type { Grant } from "../topic/subscription.ts";
import { checkMessage } from "./message_json.ts";
import {
  type ClockOffset,
  deliveryOf,
  grantOf,
  messageOf,
  type MessageRow,
  willOf,
} from "./row_format.ts";
import { FLIGHT_ORDER, put, SessionRows } from "./session_rows.ts";
import { numberOf } from "./store_file.ts";
import type { StoreJournal } from "./store_journal.ts";
import type {
  QueueRow,
  RetainedRow,
  SessionRow,
  SubscriptionRow,
} from "./table_rows.ts";

/** What waits for one session. */
interface Total {
  readonly session: number;
  readonly messages: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** How many have come by a shared subscription. */
  readonly shared: number;
}

/** A row of a table that is read in parts. */
interface Numbered {
  readonly number: number;
}

/** A session that is being put together. */
type Draft = {
  -readonly [Key in keyof StoredSession]: StoredSession[Key] extends
    readonly (infer Item)[] ? Item[] : StoredSession[Key];
};

const TOTALS = `
  SELECT session, count(*) AS messages, min(place) AS first,
    max(place) AS last,
    sum(coalesce(length(queue.body), length(message.body))) AS bytes,
    sum(extra IS NOT NULL AND extra NOT LIKE '%,""]') AS shared
  FROM queue LEFT JOIN message ON message.id = queue.message
  WHERE flight = 0 AND session IN (SELECT id FROM session)
  GROUP BY session`;
const QUEUE_COLUMNS = "session, place, flight, head, expires_at, extra, " +
  "message, coalesce(queue.body, message.body) AS body";
const QUEUE = "queue LEFT JOIN message ON message.id = queue.message";
/** The places of what waits, from first to behind the last of each run. */
const RUNS = `
  SELECT min(place) AS first, max(place) + 1 AS behind FROM (
    SELECT place, place - row_number() OVER (ORDER BY place) AS run
    FROM queue WHERE flight = 0 AND session = ?
  ) GROUP BY run ORDER BY first`;
/** Some at a time: they are many, and large. */
const RETAINED = "SELECT rowid AS number, * FROM retained " +
  "WHERE rowid > ? ORDER BY rowid LIMIT 1000";
const COLUMN_TYPES: Readonly<Record<string, string>> = {
  client_id: "string",
  user_name: "string",
  filter: "string",
  topic: "string",
  ids: "string",
  extra: "string",
  body: "object",
  will_body: "object",
};

/** Reads all of it, and tells `journal` where it lies. */
export class StateLoader {
  readonly #database: DatabaseSync;
  readonly #journal: StoreJournal;
  readonly #clock: ClockOffset;
  readonly #rows = new Map<number, SessionRows>();
  readonly #drafts = new Map<number, Draft>();
  readonly #names = new Set<string>();
  /** Messages that several wait for. */
  readonly #messages = new Map<number, Message>();

  /** Reads from `database`, which is open. */
  constructor(
    database: DatabaseSync,
    journal: StoreJournal,
    clock: ClockOffset,
  ) {
    this.#database = database;
    this.#journal = journal;
    this.#clock = clock;
  }

  /**
   * What was kept.
   *
   * @throws When SQLite can't read it, or some of it can't be.
   */
  load(): StoredState {
    this.#journal.begin(
      numberOf(this.#database, "SELECT max(id) FROM session"),
      numberOf(this.#database, "SELECT max(id) FROM message"),
    );
    for (const row of this.#each<SessionRow>("SELECT * FROM session")) {
      this.#addSession(row);
    }
    this.#addGrants();
    this.#addQueues();
    return { sessions: this.#drafts.values(), retained: this.#retained() };
  }

  #addSession(row: SessionRow): void {
    const { offsetMs } = this.#clock;
    must(row.client_id !== null && !this.#names.has(row.client_id));
    this.#names.add(row.client_id);
    const rows = new SessionRows(row.id, row.client_id);
    rows.expiryMs = row.expiry_ms ?? Infinity;
    const { left_at: leftAt } = row;
    rows.leftMs = leftAt === null ? undefined : leftAt - offsetMs;
    rows.userName = row.user_name ?? undefined;
    rows.hasOwnRights = row.own_rights !== 0;
    const { will_head: head, will_delay: delay, will_body: body } = row;
    rows.will = head === null || body === null
      ? undefined
      : this.#will(head, delay ?? 0, body);
    const { clientId, expiryMs, userName, hasOwnRights, leftMs, will } = rows;
    this.#rows.set(row.id, rows);
    this.#drafts.set(row.id, {
      clientId,
      expiryMs,
      userName,
      hasOwnRights,
      leftMs,
      will,
      subscriptions: [] as { filter: string; grant: Grant }[],
      inflight: [],
      waiting: [],
      onDisk: 0,
      onDiskBytes: 0,
      receivedIds: [],
    });
    this.#journal.restore(rows);
  }

  #addGrants(): void {
    const subscriptions = "SELECT * FROM subscription";
    for (const row of this.#each<SubscriptionRow>(subscriptions)) {
      const { filter, options, ids } = row;
      must(subscriptionFault(filter) === undefined);
      const grant = grantOf(options, ids);
      this.#drafts.get(row.session)?.subscriptions.push({ filter, grant });
    }
    interface Id {
      session: number;
      packet_id: number;
    }
    for (const row of this.#each<Id>("SELECT * FROM received")) {
      must(isPacketId(row.packet_id));
      this.#drafts.get(row.session)?.receivedIds.push(row.packet_id);
    }
  }

  #addQueues(): void {
    for (const total of this.#each<Total>(TOTALS)) this.#addWaiting(total);
    const orders = new Map<number, number>();
    const inflight = `SELECT ${QUEUE_COLUMNS} FROM ${QUEUE} WHERE flight > 0 ` +
      "AND session IN (SELECT id FROM session) ORDER BY session, flight";
    for (const row of this.#each<QueueRow>(inflight)) {
      const packetId = row.flight % FLIGHT_ORDER;
      const isReceived = row.body === null && row.message === null;
      const delivery = isReceived ? undefined : this.#delivery(row);
      const rows = this.#rows.get(row.session)!;
      must(isPacketId(packetId) && !rows.inflight?.has(packetId));
      rows.inflight = put(rows.inflight, packetId, row.place);
      this.#drafts.get(row.session)?.inflight.push({ packetId, delivery });
      orders.set(row.session, Math.floor(row.flight / FLIGHT_ORDER));
    }
    interface Last {
      session: number;
      place: number;
    }
    const last = "SELECT session, max(place) AS place FROM queue " +
      "GROUP BY session";
    const places = new Map<number, number>();
    for (const { session, place } of this.#each<Last>(last)) {
      places.set(session, place);
    }
    for (const [id, rows] of this.#rows) {
      const next = (places.get(id) ?? 0) + 1;
      rows.restored({ next, order: (orders.get(id) ?? 0) + 1 });
    }
  }

  /** What waits for a session is counted; most of it stays where it is. */
  #addWaiting(total: Total): void {
    const { session, messages, first, last } = total;
    const { waiting } = this.#rows.get(session)!;
    if (messages === last - first + 1) waiting.pushRun(first, last + 1);
    else {
      interface Run {
        first: number;
        behind: number;
      }
      for (const { first, behind } of this.#each<Run>(RUNS, session)) {
        waiting.pushRun(first, behind);
      }
      must(waiting.length === messages);
    }
    const draft = this.#drafts.get(session)!;
    if (total.shared > 0) {
      // Others may have to get it: see `session/backlog.ts`.
      const sql = `SELECT ${QUEUE_COLUMNS} FROM ${QUEUE} WHERE flight = 0 ` +
        `AND session = ${session} ORDER BY place`;
      for (const row of this.#each<QueueRow>(sql)) {
        draft.waiting.push(this.#delivery(row));
      }
    } else {
      draft.onDisk = messages;
      draft.onDiskBytes = total.bytes + messages * MESSAGE_OVERHEAD_BYTES;
    }
  }

  #delivery(row: QueueRow) {
    const { message: id } = row;
    const message = (id === null ? undefined : this.#messages.get(id)) ??
      this.#message(row);
    if (id !== null) this.#messages.set(id, message);
    return deliveryOf(message, row.head, row.extra);
  }

  *#retained(): Iterable<Message> {
    let last = 0;
    for (let before = -1; last > before;) {
      before = last;
      for (const row of this.#each<RetainedRow & Numbered>(RETAINED, last)) {
        const message = this.#message(row);
        must(message.topic === row.topic && row.number > last);
        last = row.number;
        yield message;
      }
    }
  }

  #message(row: MessageRow): Message {
    const message = messageOf(row, this.#clock);
    checkMessage(message);
    return message;
  }

  #will(head: number, delay: number, body: Uint8Array): Will {
    this.#message({ head, body, expires_at: null });
    return willOf(head, delay, body);
  }

  /**
   * The columns are those of the schema: `Row` says what they are. Not by
   * `iterate()`: Deno 2.9 takes an error in the midst of it for its end.
   */
  *#each<Row>(sql: string, ...values: readonly number[]): Iterable<Row> {
    for (const row of this.#database.prepare(sql).all(...values)) {
      for (const [name, value] of Object.entries(row)) {
        must(value === null || typeof value === typeOf(name));
      }
      yield row as unknown as Row;
    }
  }
}

/** A table's columns can hold whatever is in their bytes. */
function typeOf(column: string): string {
  return COLUMN_TYPES[column] ?? "number";
}

function isPacketId(value: number): boolean {
  return value > 0 && value < FLIGHT_ORDER;
}

/** What can't be is damage: see `isDamage`. */
function must(holds: boolean): asserts holds {
  if (!holds) throw new Error("a row that can't be");
}
