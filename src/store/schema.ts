/**
 * What the file of a durable store looks like, and how one of an earlier
 * version becomes one of this. `PRAGMA user_version` says which it is.
 *
 * ```text
 *   session ◄── subscription      queue ──► message
 *     ▲  ▲                          │        (once, for all who wait for it)
 *     │  └── received               │
 *     └─────────────────────────────┘        retained
 *
 *   log: what is not in these tables yet
 * ```
 *
 * Times are milliseconds since 1970; `NULL` is never.
 *
 * @module
 */

/** Says that a file is ours: `PRAGMA application_id`, "mqtt" in ASCII. */
export const APPLICATION_ID = 0x6d717474;

/**
 * What leads from each version to the next: the first makes a new file. One
 * that has been released does not change.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    expiry_ms INTEGER,         -- how long it outlives its connection
    left_at INTEGER,           -- since when it is away; NULL: it is not
    user_name TEXT,
    own_rights INTEGER NOT NULL,
    will_head INTEGER,         -- as in queue
    will_delay INTEGER,        -- seconds
    will_body BLOB
  );
  CREATE TABLE subscription (
    session INTEGER NOT NULL,
    filter TEXT NOT NULL,
    options INTEGER NOT NULL,  -- QoS + 4 × No Local + 8 × as published
    ids TEXT,                  -- subscription identifiers, JSON
    PRIMARY KEY (session, filter)
  ) WITHOUT ROWID;
  CREATE TABLE received (      -- QoS 2 packet ids, not released
    session INTEGER NOT NULL,
    packet_id INTEGER NOT NULL,
    PRIMARY KEY (session, packet_id)
  ) WITHOUT ROWID;
  CREATE TABLE message (       -- what several wait for, or is large
    id INTEGER PRIMARY KEY,
    uses INTEGER NOT NULL,
    body BLOB NOT NULL
  );
  CREATE TABLE queue (
    session INTEGER NOT NULL,
    place INTEGER NOT NULL,    -- in the order in which they came
    flight INTEGER NOT NULL,   -- 0: waits; else order × 65536 + packet id
    head INTEGER NOT NULL,     -- see store/row_format.ts
    expires_at INTEGER,
    extra TEXT,                -- subscription ids and share, JSON
    message INTEGER,
    body BLOB,                 -- neither: received, PUBREL is out
    PRIMARY KEY (session, place)
  ) WITHOUT ROWID;
  CREATE INDEX queue_in_flight ON queue (session) WHERE flight > 0;
  CREATE TRIGGER queue_used AFTER DELETE ON queue
  WHEN old.message IS NOT NULL BEGIN
    UPDATE message SET uses = uses - 1 WHERE id = old.message;
    DELETE FROM message WHERE id = old.message AND uses <= 0;
  END;
  CREATE TABLE retained (
    topic TEXT PRIMARY KEY,
    head INTEGER NOT NULL,
    expires_at INTEGER,
    body BLOB NOT NULL
  );
  `,
  `
  CREATE TABLE log (           -- what is not in the tables yet
    id INTEGER PRIMARY KEY,    -- in the order in which it came
    body BLOB NOT NULL         -- see store/batch_writer.ts
  );
  `,
  `
  CREATE TABLE life (          -- one row: see store/life_notes.ts
    id INTEGER PRIMARY KEY,
    until_at INTEGER NOT NULL  -- no broker has lived longer
  );
  `,
];

/**
 * What a batch of changes is made of; a number stands for each, which is in
 * the log of files: further ones come last.
 */
export const CHANGES = {
  putSession: "INSERT OR REPLACE INTO session VALUES (?,?,?,?,?,?,?,?,?)",
  endSession: "DELETE FROM session WHERE id = ?",
  endSubscriptions: "DELETE FROM subscription WHERE session = ?",
  endReceived: "DELETE FROM received WHERE session = ?",
  endQueue: "DELETE FROM queue WHERE session = ?",
  putSubscription: "INSERT OR REPLACE INTO subscription VALUES (?,?,?,?)",
  endSubscription: "DELETE FROM subscription WHERE session = ? AND filter = ?",
  putReceived: "INSERT OR REPLACE INTO received VALUES (?,?)",
  deleteReceived: "DELETE FROM received WHERE session = ? AND packet_id = ?",
  putMessage: "INSERT INTO message VALUES (?,?,?)",
  putQueue: "INSERT INTO queue VALUES (?,?,?,?,?,?,?,?)",
  setFlight: "UPDATE queue SET flight = ? WHERE session = ? AND place = ?",
  deleteQueue:
    "DELETE FROM queue WHERE session = ? AND place >= ? AND place < ?",
  // Not REPLACE, which makes a new row elsewhere: three pages for one.
  putRetained: "INSERT INTO retained VALUES (?,?,?,?) " +
    "ON CONFLICT (topic) DO UPDATE SET head = excluded.head, " +
    "expires_at = excluded.expires_at, body = excluded.body",
  deleteRetained: "DELETE FROM retained WHERE topic = ?",
  live: "INSERT OR REPLACE INTO life VALUES (1, ?)",
} as const;

/**
 * A broker was killed: who was connected then is away since its end, which
 * was not later than it has noted. Where nobody has asked for notes it is
 * since now, the parameter, and so nothing ends before its time.
 */
export const LEAVE = `
  UPDATE session SET left_at = min(?1, coalesce(
    CASE WHEN expiry_ms > 0 OR will_delay > 0
    THEN (SELECT until_at FROM life) END, ?1))
  WHERE left_at IS NULL`;

/** What waits for a session from a place on, so many. */
export const PAGE = `
  SELECT head, expires_at, extra, coalesce(queue.body, message.body) AS body
  FROM queue LEFT JOIN message ON message.id = queue.message
  WHERE session = ? AND place >= ? AND flight = 0 ORDER BY place LIMIT ?`;

/** The name of a change. */
export type Change = keyof typeof CHANGES;

/** The names, in the order of their numbers. */
export const CHANGE_NAMES: readonly Change[] = Object.keys(
  CHANGES,
) as Change[];
