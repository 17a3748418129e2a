/**
 * Every limit of the broker: its name, default, range, and what happens
 * there. The flags, the environment variables, the help and the README's
 * table are made from this one list, so that they can't drift apart.
 *
 * @module
 */

import type { Limits } from "./limits.ts";

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
  /**
   * What it bounds, in a sentence that fits the line of a flag; then more
   * about it, and what happens there.
   */
  readonly says: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
/** The largest packet that MQTT can express: 3.1.1 section 2.2.3. */
export const PACKET_BYTES_MOST = 268_435_460;
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
  connectionsPerAddressMax: limit(
    20_000,
    "connections",
    1,
    COUNT_MOST,
    "Connections from one address. With IPv6 from a /64. A further one " +
      "is closed at once.",
  ),
  loginFailuresMax: limit(
    100,
    "logins",
    1,
    COUNT_MOST,
    "Failed logins of one address. With IPv6 of a /64. They fade, one a " +
      "second and one more for each of its first 60 clients that are " +
      "logged in. Above it the address is not let in for --login-ban-ms.",
  ),
  loginBanMs: limit(
    60_000,
    "ms",
    0,
    MS_MOST,
    "How long such an address is not let in.",
  ),
  loginDelayMs: limit(
    1000,
    "ms",
    0,
    MS_MOST,
    "How long bad logins wait for an answer. After ten of one address.",
  ),
  reconnectsMax: limit(
    300,
    "connections",
    1,
    COUNT_MOST,
    "Ends of connections of one client id. They fade, five a second. " +
      "Above it the client is refused (0x03; with 5.0 0x9F).",
  ),
  clientBytesPerSecond: limit(
    0,
    "bytes/s",
    0,
    BYTES_MOST,
    "What one client may send (0: no limit). Above it it is not read " +
      "from for as long as it takes; nothing is lost.",
  ),
  clientMessagesPerSecond: limit(
    0,
    "messages/s",
    0,
    COUNT_MOST,
    "What a client may publish (0: no limit). Above it it is not read " +
      "from for as long as it takes; nothing is lost.",
  ),
  sessionsMax: limit(
    100_000,
    "sessions",
    1,
    COUNT_MOST,
    "Sessions, connected or not. A further client is refused (0x03; with " +
      "5.0 0x97).",
  ),
  sessionsPerUserMax: limit(
    50_000,
    "sessions",
    1,
    COUNT_MOST,
    "Sessions that are kept for one user. They outlive their " +
      "connections; all clients without a name are one user. A further " +
      "one is refused (0x03; with 5.0 0x97); clients whose session is " +
      "among them are not.",
  ),
  connectTimeoutMs: limit(
    10_000,
    "ms",
    1,
    MS_MOST,
    "From connecting to a complete CONNECT. Then the connection is " +
      "closed.",
  ),
  partialPacketTimeoutMs: limit(
    30_000,
    "ms",
    1,
    MS_MOST,
    "A half packet that does not go on. Then the connection is closed.",
  ),
  connectPacketBytesMax: limit(
    64 * KIB,
    "bytes",
    64,
    PACKET_BYTES_MOST,
    "A packet before CONNECT is accepted. A larger one closes the " +
      "connection.",
  ),
  packetBytesMax: limit(
    10 * MIB,
    "bytes",
    64,
    PACKET_BYTES_MOST,
    "A packet after CONNECT is accepted. A larger one closes the " +
      "connection.",
  ),
  controlPacketBytesMax: limit(
    256 * KIB,
    "bytes",
    64,
    PACKET_BYTES_MOST,
    "A packet other than PUBLISH. The default has room for some " +
      "thousand filters. A larger one closes the connection (0x97).",
  ),
  partialBytesMax: limit(
    256 * MIB,
    "bytes",
    64 * KIB,
    BYTES_MOST,
    "Half packets of all clients together. With what they send before " +
      "their login is answered. Above it who holds the most is closed, " +
      "first those who are not connected yet.",
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
    "A topic or a filter. A longer topic closes the connection, a " +
      "longer filter is refused (0x80, 0x8F).",
  ),
  topicLevelsMax: limit(
    128,
    "levels",
    1,
    65_535,
    "Levels of a topic or filter. A topic with more closes the " +
      "connection, a filter is refused (0x80, 0x8F).",
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
  subscriptionsBytesMax: limit(
    512 * MIB,
    "bytes",
    1,
    BYTES_MOST,
    "Bytes of the filters of all sessions. With their levels. A further " +
      "subscription is refused (0x80, 0x97).",
  ),
  inflightOutMax: limit(
    100,
    "messages",
    1,
    32_768,
    "QoS 1 and 2 messages under way out. They are sent to a client and " +
      "not yet acknowledged; a 5.0 client may ask for less. Further ones " +
      "wait, and so they do above --backlog-bytes-max.",
  ),
  inflightInMax: limit(
    65_535,
    "messages",
    1,
    65_535,
    "QoS 2 messages under way in. They are received and not yet " +
      "released by the client; a 5.0 client is told. One more closes the " +
      "connection (0x93).",
  ),
  willBytesMax: limit(
    256 * MIB,
    "bytes",
    0,
    BYTES_MOST,
    "Bytes of the wills of all clients. Who would bring more is refused " +
      "(0x03; with 5.0 0x97).",
  ),
  topicAliasMax: limit(
    32,
    "aliases",
    0,
    65_535,
    "Topic aliases of a 5.0 client. As many towards it, where it takes " +
      "any. A greater one closes the connection (0x94).",
  ),
  topicAliasBytesMax: limit(
    256 * MIB,
    "bytes",
    0,
    BYTES_MOST,
    "Bytes of the topics that have an alias. Of all clients. Who adds " +
      "to it is closed (0x97); towards clients aliases are given up.",
  ),
  sessionExpirySecondsMax: limit(
    SESSION_EXPIRY_NEVER,
    "s",
    0,
    SESSION_EXPIRY_NEVER,
    "How long a session stays behind. 4294967295 is for ever. A client " +
      "that asks for more is told.",
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
    "Messages that wait for one session. Of QoS 1 and 2. A further one " +
      "is dropped for it, or as --queue-overflow says.",
  ),
  backlogBytesMax: limit(
    16 * MIB,
    "bytes",
    1,
    BYTES_MOST,
    "Bytes that wait for one session. A further message is dropped for it, " +
      "or as --queue-overflow says.",
  ),
  backlogTotalBytesMax: limit(
    512 * MIB,
    "bytes",
    1,
    BYTES_MOST,
    "Bytes that wait for all sessions. With those in flight. A further " +
      "message is dropped for the session it would wait for, or as " +
      "--queue-overflow says.",
  ),
  storeBytesMax: limit(
    GIB,
    "bytes",
    0,
    BYTES_MOST,
    "Bytes in use of the store's file. 0 is no limit. Above it what has " +
      "to be kept is refused (0x97; before 5.0 the connection is closed), " +
      "until queues have drained by a twentieth.",
  ),
  writeQueueHighBytes: limit(
    1 * MIB,
    "bytes",
    1024,
    BYTES_MOST,
    "High-water mark of one socket's queue. Above it the clients that " +
      "publish to it are not read from, for a time; QoS 1 and 2 wait in " +
      "the session.",
  ),
  publisherPauseMs: limit(
    1000,
    "ms",
    0,
    MS_MOST,
    "How long a slow client delays others. That is those who publish to " +
      "it (0: not at all). After that it loses QoS 0 messages until it " +
      "has caught up.",
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
    "Bytes of retained messages. With the levels of their topics. A " +
      "further one is not retained.",
  ),
  retainedPendingMax: limit(
    1_000_000,
    "subscriptions",
    1,
    COUNT_MOST,
    "Subscriptions due retained messages. Of all clients together. A " +
      "further one gets none.",
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
    "How long a stop waits for clients. They take what is queued for " +
      "them.",
  ),
};
