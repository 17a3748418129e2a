/**
 * Every limit of the broker: its name, default, range, and what happens
 * there. The flags, the environment variables, the help and the README's
 * table are made from this one list, so that they can't drift apart.
 *
 * @module
 */

/** A limit, described for people and for the flag parser. */
export interface Limit {
  /** The default. */
  readonly value: number;
  /** The smallest value allowed. */
  readonly least: number;
  /** The largest value allowed. */
  readonly most: number;
  /** What is counted: `bytes`, `ms`, or a noun. */
  readonly unit: string;
  /** What it bounds, and what happens there: one or two sentences. */
  readonly says: string;
}

/** A value for every limit; {@linkcode LIMITS} says what each means. */
export interface Limits {
  /** Network connections at a time. Unit: connections. */
  connectionsMax: number;
  /** Sessions, connected or not. Unit: sessions. */
  sessionsMax: number;
  /** From the TCP connection to CONNECT. Unit: ms. */
  connectTimeoutMs: number;
  /** Silence in the middle of a packet. Unit: ms. */
  partialPacketTimeoutMs: number;
  /** A packet before CONNECT is accepted. Unit: bytes. */
  connectPacketBytesMax: number;
  /** A packet after CONNECT is accepted. Unit: bytes. */
  packetBytesMax: number;
  /** Half packets of all clients. Unit: bytes. */
  partialBytesMax: number;
  /** A client identifier. Unit: bytes. */
  clientIdBytesMax: number;
  /** A topic name or filter. Unit: bytes. */
  topicBytesMax: number;
  /** Levels of a topic name or filter. Unit: levels. */
  topicLevelsMax: number;
  /** Subscriptions of one session. Unit: subscriptions. */
  subscriptionsMax: number;
  /** Subscriptions of all sessions. Unit: subscriptions. */
  subscriptionsTotalMax: number;
  /** QoS 1 and 2 messages in flight to a client. Unit: messages. */
  inflightOutMax: number;
  /** QoS 2 messages in flight from a client. Unit: messages. */
  inflightInMax: number;
  /** Topic aliases of one connection, each way. Unit: aliases. */
  topicAliasMax: number;
  /** How long a session outlives its connection. Unit: s. */
  sessionExpirySecondsMax: number;
  /** Keep alive that a client may ask for. Unit: s. */
  keepAliveSecondsMax: number;
  /** Messages that wait for one session. Unit: messages. */
  backlogMessagesMax: number;
  /** Bytes that wait for one session. Unit: bytes. */
  backlogBytesMax: number;
  /** Bytes that wait for all sessions. Unit: bytes. */
  backlogTotalBytesMax: number;
  /** High-water mark of one socket. Unit: bytes. */
  writeQueueHighBytes: number;
  /** How long publishers wait for a slow client. Unit: ms. */
  publisherPauseMs: number;
  /** What waits for one socket. Unit: bytes. */
  writeQueueBytesMax: number;
  /** What waits for all sockets. Unit: bytes. */
  writeQueueTotalBytesMax: number;
  /** Retained messages. Unit: messages. */
  retainedMax: number;
  /** Bytes of retained messages. Unit: bytes. */
  retainedBytesMax: number;
  /** Retained messages on their way. Unit: messages. */
  retainedPendingMax: number;
  /** Topics whose compiled route is kept. Unit: topics. */
  routeCacheMax: number;
  /** How long a stop waits for clients. Unit: ms. */
  shutdownMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** The largest packet that MQTT can express: 3.1.1 section 2.2.3. */
const PACKET_BYTES_MOST = 268_435_460;
const COUNT_MOST = 1_000_000_000;
const BYTES_MOST = 1024 * 1024 * MIB;
const MS_MOST = 2_147_483_647;

function limit(
  value: number,
  unit: string,
  least: number,
  most: number,
  says: string,
): Limit {
  return { value, unit, least, most, says };
}

/** A Session Expiry Interval that never ends: MQTT 5.0 section 3.1.2.11.2. */
export const SESSION_EXPIRY_NEVER = 0xffffffff;

/** The limits by name. `kebab-case` of a name is its flag. */
export const LIMITS: Readonly<Record<keyof Limits, Limit>> = {
  connectionsMax: limit(
    50_000,
    "connections",
    1,
    COUNT_MOST,
    "Network connections at a time. A further one is closed at once.",
  ),
  sessionsMax: limit(
    100_000,
    "sessions",
    1,
    COUNT_MOST,
    "Sessions, connected or not. A further client is refused (0x03; with " +
      "5.0 0x97).",
  ),
  connectTimeoutMs: limit(
    10_000,
    "ms",
    1,
    MS_MOST,
    "From the TCP connection to a complete CONNECT; then it is closed.",
  ),
  partialPacketTimeoutMs: limit(
    30_000,
    "ms",
    1,
    MS_MOST,
    "A half packet of which no further byte came; then it is closed.",
  ),
  connectPacketBytesMax: limit(
    64 * KIB,
    "bytes",
    64,
    PACKET_BYTES_MOST,
    "A packet before CONNECT is accepted. A larger one closes.",
  ),
  packetBytesMax: limit(
    10 * MIB,
    "bytes",
    64,
    PACKET_BYTES_MOST,
    "A packet after CONNECT is accepted. A larger one closes.",
  ),
  partialBytesMax: limit(
    256 * MIB,
    "bytes",
    64 * KIB,
    BYTES_MOST,
    "Half packets of all clients together. Who adds to it is closed.",
  ),
  clientIdBytesMax: limit(
    1024,
    "bytes",
    23,
    65_535,
    "A client identifier. A longer one is refused (0x02; with 5.0 0x85).",
  ),
  topicBytesMax: limit(
    4096,
    "bytes",
    1,
    65_535,
    "A topic (a longer one closes) or filter (refused: 0x80, 0x8F).",
  ),
  topicLevelsMax: limit(
    128,
    "levels",
    1,
    65_535,
    "Levels of a topic (more close) or filter (refused: 0x80, 0x8F).",
  ),
  subscriptionsMax: limit(
    10_000,
    "subscriptions",
    1,
    COUNT_MOST,
    "Subscriptions of one session. A further one is refused (0x80, 0x97).",
  ),
  subscriptionsTotalMax: limit(
    1_000_000,
    "subscriptions",
    1,
    COUNT_MOST,
    "Subscriptions of all sessions. A further one is refused (0x80, 0x97).",
  ),
  inflightOutMax: limit(
    100,
    "messages",
    1,
    32_768,
    "QoS 1 and 2 messages sent to a client and not yet acknowledged; a " +
      "5.0 client may ask for less. Further ones wait, and so they do " +
      "above backlogBytesMax.",
  ),
  inflightInMax: limit(
    65_535,
    "messages",
    1,
    65_535,
    "QoS 2 messages received and not yet released by the client (one bit " +
      "each); a 5.0 client is told. One more closes (0x93).",
  ),
  topicAliasMax: limit(
    32,
    "aliases",
    0,
    65_535,
    "Topic aliases of a 5.0 client and, where it takes any, towards it. A " +
      "greater one closes (0x94).",
  ),
  sessionExpirySecondsMax: limit(
    SESSION_EXPIRY_NEVER,
    "s",
    0,
    SESSION_EXPIRY_NEVER,
    "How long a session outlives its connection; 4294967295 is for ever. " +
      "A client that asks for more is told.",
  ),
  keepAliveSecondsMax: limit(
    65_535,
    "s",
    1,
    65_535,
    "The longest keep alive. Below 65535 a client that asks for more or for " +
      "none has this one; with 5.0 it is told.",
  ),
  backlogMessagesMax: limit(
    10_000,
    "messages",
    1,
    COUNT_MOST,
    "QoS 1 and 2 messages that wait for one session. A further one is " +
      "dropped for it.",
  ),
  backlogBytesMax: limit(
    16 * MIB,
    "bytes",
    1,
    BYTES_MOST,
    "Bytes that wait for one session. A further message is dropped for it.",
  ),
  backlogTotalBytesMax: limit(
    512 * MIB,
    "bytes",
    1,
    BYTES_MOST,
    "Bytes that wait for all sessions or are in flight. A further " +
      "message is dropped for the session it would wait for.",
  ),
  writeQueueHighBytes: limit(
    1 * MIB,
    "bytes",
    1024,
    BYTES_MOST,
    "High-water mark of what waits for one socket. Above it the clients " +
      "that publish to it are not read from, for a time; QoS 1 and 2 wait " +
      "in the session.",
  ),
  publisherPauseMs: limit(
    1000,
    "ms",
    0,
    MS_MOST,
    "How long publishers wait for a slow client (0: never). After that " +
      "it loses QoS 0 messages until it has caught up.",
  ),
  writeQueueBytesMax: limit(
    32 * MIB,
    "bytes",
    64 * KIB,
    BYTES_MOST,
    "What waits for one socket. Above it QoS 0 messages are dropped for " +
      "it, and it is not read from until it reads.",
  ),
  writeQueueTotalBytesMax: limit(
    512 * MIB,
    "bytes",
    64 * KIB,
    BYTES_MOST,
    "What waits for all sockets. Above it QoS 0 messages are dropped for " +
      "clients above their own high-water mark.",
  ),
  retainedMax: limit(
    1_000_000,
    "messages",
    0,
    COUNT_MOST,
    "Retained messages. A further one is delivered but not retained.",
  ),
  retainedBytesMax: limit(
    256 * MIB,
    "bytes",
    0,
    BYTES_MOST,
    "Bytes of retained messages. A further one is not retained.",
  ),
  retainedPendingMax: limit(
    10_000_000,
    "messages",
    1,
    COUNT_MOST,
    "Retained messages on their way to new subscribers, all clients " +
      "together. Further ones are not sent.",
  ),
  routeCacheMax: limit(
    16_384,
    "topics",
    64,
    1 << 22,
    "Topics whose compiled route is kept. Others are matched anew.",
  ),
  shutdownMs: limit(
    3_000,
    "ms",
    0,
    MS_MOST,
    "How long a stop waits for clients to take what is queued for them.",
  ),
};

/**
 * The limits with `given` values in place of defaults.
 *
 * @throws {RangeError} When a value is outside of its range; the message
 * names the limit and the range.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { limitsWith } from "./limits.ts";
 *
 * assertEquals(limitsWith({ inflightOutMax: 20 }).inflightOutMax, 20);
 * assertThrows(() => limitsWith({ inflightOutMax: 0 }), RangeError);
 * ```
 */
export function limitsWith(given: Partial<Limits>): Limits {
  const limits = {} as Limits;
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const { value, least, most, unit } = LIMITS[name];
    const chosen = given[name] ?? value;
    if (!Number.isInteger(chosen) || chosen < least || chosen > most) {
      throw new RangeError(
        `${name} must be ${least} to ${most} ${unit}, not ${chosen}`,
      );
    }
    limits[name] = chosen;
  }
  return limits;
}
