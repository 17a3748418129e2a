/**
 * The topics in which the broker tells of itself, by the names that
 * Mosquitto has given them. The messages (`metrics/status.ts`), the README's
 * table and tests are made from this list.
 *
 * @module
 */

import type { Readings } from "./readings.ts";

/** What stands before all of them. */
export const STATUS_PREFIX = "$SYS/broker/";

/** What is known beside the readings of the moment. */
export interface StatusFacts {
  /** The readings. */
  readonly readings: Readings;
  /** The most clients that were connected at a time. */
  readonly clientsMost: number;
  /** The most memory that the process had. */
  readonly memoryBytesMost: number;
  /** The broker's version. */
  readonly version: string;
}

/** A topic with one value. */
export interface StatusTopic {
  /** Behind {@linkcode STATUS_PREFIX}. */
  readonly topic: string;
  /** What it is: a sentence. */
  readonly says: string;
  /** The payload; `undefined` where it is not known. */
  readonly read: (facts: StatusFacts) => number | string | undefined;
}

/** A counter of which load averages are made. */
export interface StatusLoad {
  /** Behind {@linkcode STATUS_PREFIX}; a level for the span follows. */
  readonly topic: string;
  /** Of what there is so much in a minute. */
  readonly says: string;
  /** The counter. */
  readonly read: (readings: Readings) => number;
}

/** Those with one value. */
export const STATUS_TOPICS: readonly StatusTopic[] = [
  {
    topic: "version",
    says: "The broker and its version.",
    read: (facts) => `broker version ${facts.version}`,
  },
  {
    topic: "uptime",
    says: "For how long the broker runs: `12 seconds`.",
    read: ({ readings }) => `${Math.floor(readings.uptimeMs / 1000)} seconds`,
  },
  {
    topic: "clients/connected",
    says: "Clients that are connected.",
    read: ({ readings }) => readings.clients,
  },
  {
    topic: "clients/active",
    says: "The same, by its old name.",
    read: ({ readings }) => readings.clients,
  },
  {
    topic: "clients/disconnected",
    says: "Sessions whose clients are away.",
    read: ({ readings }) => readings.sessions - readings.clients,
  },
  {
    topic: "clients/inactive",
    says: "The same, by its old name.",
    read: ({ readings }) => readings.sessions - readings.clients,
  },
  {
    topic: "clients/total",
    says: "Sessions, connected or not.",
    read: ({ readings }) => readings.sessions,
  },
  {
    topic: "clients/maximum",
    says: "The most clients at a time, as seen at these intervals.",
    read: ({ clientsMost }) => clientsMost,
  },
  {
    topic: "clients/expired",
    says: "Sessions that ended because their client stayed away too long.",
    read: ({ readings }) => readings.counters.sessionsExpired,
  },
  {
    topic: "messages/received",
    says: "Control packets received.",
    read: ({ readings }) => readings.counters.packetsReceived,
  },
  {
    topic: "messages/sent",
    says: "Control packets sent.",
    read: ({ readings }) => packetsSent(readings),
  },
  {
    topic: "messages/inflight",
    says: "QoS 1 and 2 messages that clients have not acknowledged.",
    read: ({ readings }) => readings.inflight,
  },
  {
    topic: "messages/stored",
    says: "The same as store/messages/count, by its old name.",
    read: ({ readings }) => readings.retained + readings.backlog,
  },
  {
    topic: "store/messages/count",
    says: "Messages that are retained, or wait for a session.",
    read: ({ readings }) => readings.retained + readings.backlog,
  },
  {
    topic: "store/messages/bytes",
    says: "What they take.",
    read: ({ readings }) => readings.retainedBytes + readings.backlogBytes,
  },
  {
    topic: "retained messages/count",
    says: "Retained messages, without these here.",
    read: ({ readings }) => readings.retained,
  },
  {
    topic: "subscriptions/count",
    says: "Subscriptions.",
    read: ({ readings }) => readings.subscriptions,
  },
  {
    topic: "shared_subscriptions/count",
    says: "Shared subscriptions, each counted once.",
    read: ({ readings }) => readings.sharedSubscriptions,
  },
  {
    topic: "publish/messages/received",
    says: "PUBLISH packets received.",
    read: ({ readings }) => readings.counters.publishReceived,
  },
  {
    topic: "publish/messages/sent",
    says: "PUBLISH packets sent.",
    read: ({ readings }) => readings.counters.publishSent,
  },
  {
    topic: "publish/messages/dropped",
    says: "Messages that did not reach a client, by any cause.",
    read: ({ readings }) => droppedInAll(readings),
  },
  {
    topic: "bytes/received",
    says: "Bytes received.",
    read: ({ readings }) => readings.counters.bytesReceived,
  },
  {
    topic: "bytes/sent",
    says: "Bytes sent.",
    read: ({ readings }) => readings.counters.bytesSent,
  },
  {
    topic: "heap/current",
    says: "Memory of the process, bytes.",
    read: ({ readings }) => readings.memoryBytes,
  },
  {
    topic: "heap/maximum",
    says: "The most of it, as seen at these intervals.",
    read: ({ memoryBytesMost, readings }) =>
      readings.memoryBytes === undefined ? undefined : memoryBytesMost,
  },
];

/** Those of which averages are told. */
export const STATUS_LOADS: readonly StatusLoad[] = [
  {
    topic: "load/connections",
    says: "CONNECT packets that were accepted or refused.",
    read: ({ counters }) => counters.connectsReceived,
  },
  {
    topic: "load/sockets",
    says: "Network connections.",
    read: ({ counters }) => counters.connectionsOpened,
  },
  {
    topic: "load/messages/received",
    says: "Control packets received.",
    read: ({ counters }) => counters.packetsReceived,
  },
  {
    topic: "load/messages/sent",
    says: "Control packets sent.",
    read: packetsSent,
  },
  {
    topic: "load/publish/received",
    says: "PUBLISH packets received.",
    read: ({ counters }) => counters.publishReceived,
  },
  {
    topic: "load/publish/sent",
    says: "PUBLISH packets sent.",
    read: ({ counters }) => counters.publishSent,
  },
  {
    topic: "load/publish/dropped",
    says: "Messages that did not reach a client.",
    read: droppedInAll,
  },
  {
    topic: "load/bytes/received",
    says: "Bytes received.",
    read: ({ counters }) => counters.bytesReceived,
  },
  {
    topic: "load/bytes/sent",
    says: "Bytes sent.",
    read: ({ counters }) => counters.bytesSent,
  },
];

function packetsSent({ counters }: Readings): number {
  return counters.publishSent + counters.controlSent;
}

function droppedInAll({ counters }: Readings): number {
  return counters.droppedSlowClient + counters.droppedOffline +
    counters.droppedBacklogFull + counters.droppedBacklogOldest +
    counters.droppedStoreFull +
    counters.droppedExpired +
    counters.droppedUnfit + counters.droppedDenied +
    counters.retainedPendingDropped;
}
