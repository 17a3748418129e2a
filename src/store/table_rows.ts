/**
 * The rows of a store's tables, as `store/schema.ts` has them.
 *
 * @module
 */

/** A session. */
export interface SessionRow {
  /** Its number in the file. */
  readonly id: number;
  /** The client identifier. */
  readonly client_id: string;
  /** How long it outlives its connection; null for ever. */
  readonly expiry_ms: number | null;
  /** Since when it is away; null only as long as it is not. */
  readonly left_at: number | null;
  /** Whose it is. */
  readonly user_name: string | null;
  /** Whether its rights came with a login. */
  readonly own_rights: number;
  /** A will, of a client that is there or away; null for none. */
  readonly will_head: number | null;
  /** Its delay, seconds. */
  readonly will_delay: number | null;
  /** Its message. */
  readonly will_body: Uint8Array | null;
}

/** A subscription. */
export interface SubscriptionRow {
  /** The session's number. */
  readonly session: number;
  /** What it subscribes to. */
  readonly filter: string;
  /** See `optionsOf`. */
  readonly options: number;
  /** Identifiers, JSON. */
  readonly ids: string | null;
}

/** A message for a session. */
export interface QueueRow {
  /** The session's number. */
  readonly session: number;
  /** Its place among the session's. */
  readonly place: number;
  /** 0 while it waits: see `FLIGHT_ORDER`. */
  readonly flight: number;
  /** See `store/row_format.ts`. */
  readonly head: number;
  /** When it expires. */
  readonly expires_at: number | null;
  /** See `extraOf`. */
  readonly extra: string | null;
  /** The number of what is kept apart. */
  readonly message: number | null;
  /** The message's bytes, wherever they are. */
  readonly body: Uint8Array | null;
}

/** A retained message. */
export interface RetainedRow {
  /** Its topic. */
  readonly topic: string;
  /** See `store/row_format.ts`. */
  readonly head: number;
  /** When it expires. */
  readonly expires_at: number | null;
  /** Its bytes. */
  readonly body: Uint8Array;
}
