/**
 * What a session has lost because there was no room for it, by cause: the
 * words are those of the metrics.
 *
 * @module
 */

/** What becomes of a message that finds no room in a session's queue. */
export type QueueOverflow = "drop-newest" | "drop-oldest" | "refuse";

/** Why a message did not get into a queue, or did not stay. */
export type DropCause =
  /** It found no room. */
  | "backlog_full"
  /** A newer one took its place. */
  | "backlog_oldest"
  /** It found no room, and its publisher was told. */
  | "backlog_refused"
  /** The store was full. */
  | "store_full";

/** How many messages, by cause; of most sessions there is none. */
export type Drops = Partial<Record<DropCause, number>>;
