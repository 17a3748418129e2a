/**
 * The limits of a broker, as it was made. What each of them means, and its
 * default, is in `broker/limit_table.ts`.
 *
 * @module
 */

import { LIMITS } from "./limit_table.ts";

/** A value for every limit; {@linkcode LIMITS} says what each means. */
export interface Limits {
  /** Network connections at a time. Unit: connections. */
  connectionsMax: number;
  /** Network connections from one address. Unit: connections. */
  connectionsPerAddressMax: number;
  /** Failed logins of one address, which fade. Unit: logins. */
  loginFailuresMax: number;
  /** How long an address above that is not let in. Unit: ms. */
  loginBanMs: number;
  /** How long an address with failed logins waits. Unit: ms. */
  loginDelayMs: number;
  /** Ends of connections of one client id, which fade. Unit: connections. */
  reconnectsMax: number;
  /** What one client may send; 0 for no limit. Unit: bytes/s. */
  clientBytesPerSecond: number;
  /** What one client may publish; 0 for no limit. Unit: messages/s. */
  clientMessagesPerSecond: number;
  /** Sessions, connected or not. Unit: sessions. */
  sessionsMax: number;
  /** Sessions of one user that outlive their connections. Unit: sessions. */
  sessionsPerUserMax: number;
  /** From the TCP connection to CONNECT. Unit: ms. */
  connectTimeoutMs: number;
  /** Silence in the middle of a packet. Unit: ms. */
  partialPacketTimeoutMs: number;
  /** A packet before CONNECT is accepted. Unit: bytes. */
  connectPacketBytesMax: number;
  /** A packet after CONNECT is accepted. Unit: bytes. */
  packetBytesMax: number;
  /** One that is not PUBLISH. Unit: bytes. */
  controlPacketBytesMax: number;
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
  /** Bytes of the filters of all subscriptions. Unit: bytes. */
  subscriptionsBytesMax: number;
  /** QoS 1 and 2 messages in flight to a client. Unit: messages. */
  inflightOutMax: number;
  /** QoS 2 messages in flight from a client. Unit: messages. */
  inflightInMax: number;
  /** Wills of all clients. Unit: bytes. */
  willBytesMax: number;
  /** Topic aliases of one connection, each way. Unit: aliases. */
  topicAliasMax: number;
  /** Topic aliases of all connections. Unit: bytes. */
  topicAliasBytesMax: number;
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
  /** What is kept on disk; 0 for no limit. Unit: bytes. */
  storeBytesMax: number;
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
  /** Subscriptions with retained messages to come. Unit: subscriptions. */
  retainedPendingMax: number;
  /** Topics whose compiled route is kept. Unit: topics. */
  routeCacheMax: number;
  /** How long a stop waits for clients. Unit: ms. */
  shutdownMs: number;
}

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
