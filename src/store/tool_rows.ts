/**
 * What `broker store` asks of a store's file, and puts into one: all of its
 * SQL. The broker's own is in `store/schema.ts` and `store/load_state.ts`.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

import type {
  QueueRow,
  RetainedRow,
  SessionRow,
  SubscriptionRow,
} from "./table_rows.ts";

/** A message for a session, with what is kept apart for several. */
export interface SharedQueueRow extends QueueRow {
  /** For how many that is; null where nothing is kept apart. */
  readonly uses: number | null;
}

/** Answers with the columns of their type. */
interface Rows {
  /** Session by session, as they came. */
  sessions: SessionRow;
  /** One session's, by its number. */
  subscriptions: SubscriptionRow;
  /** One session's, by its number. */
  received: { readonly packet_id: number };
  /** What is in flight to one session, by its number, as it was sent. */
  inFlight: SharedQueueRow;
  /** What waits for one session, by its number. */
  waiting: SharedQueueRow;
  /** By topic. */
  retained: RetainedRow;
  /** What SQLite finds; one row that says "ok" when that is nothing. */
  integrity: { readonly integrity_check: string };
  /** Sessions' parts that belong to none: which, and how many. */
  orphans: { readonly part: string; readonly count: number };
  /** Messages kept apart with the wrong count of those who wait. */
  miscounted: {
    readonly id: number;
    readonly uses: number;
    readonly count: number;
  };
  /** Rows that name a message which is not there. */
  missing: { readonly client_id: string; readonly count: number };
  /** Packet ids that are in flight twice. */
  twice: { readonly client_id: string; readonly packet_id: number };
}

const QUEUE = `
  SELECT session, place, flight, head, expires_at, extra, message, uses,
    coalesce(queue.body, message.body) AS body
  FROM queue LEFT JOIN message ON message.id = queue.message
  WHERE session = ?`;

/** So many rows at a time of what may be more than memory has room for. */
const ROWS_MAX = 64;
const LIMIT = `LIMIT ${ROWS_MAX}`;
/** By which column these are in order, and what is before all of it. */
const ORDERS: Partial<Record<keyof Rows, readonly [string, Value]>> = {
  sessions: ["id", -1],
  waiting: ["place", -1],
  retained: ["topic", ""],
};

const QUESTIONS: Readonly<Record<keyof Rows, string>> = {
  sessions: `SELECT * FROM session WHERE id > ? ORDER BY id ${LIMIT}`,
  subscriptions: "SELECT session, filter, options, ids FROM subscription " +
    "WHERE session = ? ORDER BY filter",
  received: "SELECT packet_id FROM received WHERE session = ? " +
    "ORDER BY packet_id",
  inFlight: `${QUEUE} AND flight > 0 ORDER BY flight`,
  waiting: `${QUEUE} AND flight <= 0 AND place > ? ORDER BY place ${LIMIT}`,
  retained: "SELECT topic, head, expires_at, body FROM retained " +
    `WHERE topic > ? ORDER BY topic ${LIMIT}`,
  integrity: "PRAGMA integrity_check",
  orphans: ["subscription", "received", "queue"].map((part) => `
    SELECT '${part}' AS part, count(*) AS count FROM ${part}
    WHERE session NOT IN (SELECT id FROM session)`).join(" UNION ALL "),
  miscounted: `
    SELECT id, uses, count FROM message LEFT JOIN (
      SELECT message, count(*) AS count FROM queue
      WHERE message IS NOT NULL GROUP BY message
    ) ON message = id WHERE uses IS NOT count ORDER BY id`,
  missing: `
    SELECT client_id, count(*) AS count
    FROM queue JOIN session ON session.id = queue.session
    WHERE message IS NOT NULL AND message NOT IN (SELECT id FROM message)
    GROUP BY session.id`,
  twice: `
    SELECT client_id, flight % 65536 AS packet_id
    FROM queue JOIN session ON session.id = queue.session
    WHERE flight > 0 GROUP BY session.id, packet_id HAVING count(*) > 1`,
};

/** What is counted. */
const COUNTS = {
  sessions: "SELECT count(*) FROM session",
  subscriptions: "SELECT count(*) FROM subscription",
  queued: "SELECT count(*) FROM queue WHERE flight = 0",
  inFlight: "SELECT count(*) FROM queue WHERE flight > 0",
  queue: "SELECT count(*) FROM queue",
  messages: "SELECT count(*) FROM message",
  apart: "SELECT count(*) FROM message WHERE uses > 1",
  bodyBytes: "SELECT (SELECT coalesce(sum(length(body)), 0) FROM queue) + " +
    "(SELECT coalesce(sum(length(body)), 0) FROM message)",
  retained: "SELECT count(*) FROM retained",
  retainedBytes: "SELECT coalesce(sum(length(body)), 0) FROM retained",
  longestAway: "SELECT min(left_at) FROM session " +
    "WHERE EXISTS (SELECT 1 FROM queue WHERE session = session.id)",
} as const;

/** What is put into a file. */
const CHANGES = {
  putSession: `INSERT INTO session (id, client_id, expiry_ms, left_at,
    user_name, own_rights, will_head, will_delay, will_body)
    VALUES (?,?,?,?,?,?,?,?,?)`,
  putSubscription: "INSERT INTO subscription (session, filter, options, ids) " +
    "VALUES (?,?,?,?)",
  putReceived: "INSERT INTO received (session, packet_id) VALUES (?,?)",
  putMessage: "INSERT INTO message (id, uses, body) VALUES (?,?,?)",
  addUse: "UPDATE message SET uses = uses + 1 WHERE id = ?",
  putQueue: `INSERT INTO queue (session, place, flight, head, expires_at,
    extra, message, body) VALUES (?,?,?,?,?,?,?,?)`,
  putRetained: "INSERT INTO retained (topic, head, expires_at, body) " +
    "VALUES (?,?,?,?)",
} as const;

/** What a column can hold. */
type Value = null | number | string | Uint8Array;
type Statement = ReturnType<DatabaseSync["prepare"]>;

/** A file as the commands see it. */
export class ToolRows {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Statement>();

  /** Of `database`, which is open. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * The rows of an answer, one after the other. Not by `iterate()`: Deno 2.9
   * takes an error in the midst of it for its end.
   */
  *each<Name extends keyof Rows>(
    name: Name,
    ...values: readonly number[]
  ): Iterable<Rows[Name]> {
    const statement = this.#database.prepare(QUESTIONS[name]);
    // The columns are those of the schema.
    const order = ORDERS[name];
    if (order === undefined) {
      return yield* statement.all(...values) as unknown as Rows[Name][];
    }
    let [key, after] = order;
    for (;;) {
      const rows = statement.all(...values, after);
      yield* rows as unknown as Rows[Name][];
      if (rows.length < ROWS_MAX) return;
      const last = rows.at(-1)![key] as Value;
      if (last === after) throw new Error(`malformed: ${key} in no order`);
      after = last;
    }
  }

  /** A count. */
  count(name: keyof typeof COUNTS): number {
    const row = this.#database.prepare(COUNTS[name]).get() ?? {};
    return Number(Object.values(row)[0] ?? 0);
  }

  /** Puts a row into the file, or changes one. */
  put(name: keyof typeof CHANGES, ...values: readonly Value[]): void {
    let statement = this.#statements.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare(CHANGES[name]);
      this.#statements.set(name, statement);
    }
    statement.run(...values);
  }

  /** Begins a transaction; nothing of it counts before {@linkcode keep}. */
  begin(): void {
    this.#database.exec("BEGIN IMMEDIATE");
  }

  /** Ends it: all of it counts. */
  keep(): void {
    this.#database.exec("COMMIT");
  }

  /** Ends it: nothing of it was. */
  undo(): void {
    this.#database.exec("ROLLBACK");
  }

  /** Writes the file anew, without what is free in it. */
  compact(): void {
    // A copy of all of it does not have to fit into memory.
    this.#database.exec("PRAGMA temp_store = FILE");
    this.#database.exec("VACUUM");
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}
