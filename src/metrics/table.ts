/**
 * All metrics. OpenMetrics text, the README's table and tests are made from
 * this list, so that they can't drift apart.
 *
 * @module
 */

import type { Labelled, Metric } from "./metric.ts";
import { LISTENER_METRICS } from "./listener_metrics.ts";
import type { Readings } from "./readings.ts";

const CLIENTS: readonly Metric[] = [
  gauge("connections", "Network connections.", (r) => r.connections),
  gauge("clients", "Clients that are connected.", (r) => r.clients),
  gauge("sessions", "Sessions, connected or not.", (r) => r.sessions),
  counter(
    "sessions_expired",
    "Sessions that ended because their client stayed away too long.",
    (r) => r.counters.sessionsExpired,
  ),
  counter(
    "connections_opened",
    "Network connections accepted.",
    (r) => r.counters.connectionsOpened,
  ),
  counter(
    "connects_received",
    "CONNECT packets received, refused ones included.",
    (r) => r.counters.connectsReceived,
  ),
  counter(
    "connections_closed",
    "Network connections closed; mqtt_disconnects_total says why.",
    (r) => r.counters.connectionsClosed,
  ),
  {
    name: "mqtt_disconnects",
    type: "counter",
    unit: "",
    label: "cause",
    says: "Network connections closed, by the cause.",
    read: (r) => r.counters.ends,
  },
  {
    name: "mqtt_refused",
    type: "counter",
    unit: "",
    label: "what",
    says:
      "What was refused: a connection (a limit, a ban, an address), a TLS " +
      "handshake, a WebSocket, a login, or for want of rights or room to " +
      "publish, to subscribe, to be retained, to be kept in the store, to " +
      "wait in a queue.",
    read: refused,
  },
  counter(
    "take_overs",
    "Connections that ended because another one took their client id.",
    (r) => r.counters.takeOvers,
  ),
  counter(
    "protocol_errors",
    "Times that a client did what MQTT does not allow.",
    (r) => r.counters.protocolErrors,
  ),
  counter(
    "internal_errors",
    "Faults of the broker: each is a bug, and its stack is in the log.",
    (r) => r.counters.internalErrors,
  ),
];

const TRAFFIC: readonly Metric[] = [
  {
    name: "mqtt_received_bytes",
    type: "counter",
    unit: "bytes",
    says: "Bytes received from clients.",
    read: (r) => r.counters.bytesReceived,
  },
  {
    name: "mqtt_sent_bytes",
    type: "counter",
    unit: "bytes",
    says: "Bytes sent to clients.",
    read: (r) => r.counters.bytesSent,
  },
  counter(
    "packets_received",
    "Control packets received.",
    (r) => r.counters.packetsReceived,
  ),
  counter(
    "packets_sent",
    "Control packets queued for sending.",
    (r) => r.counters.publishSent + r.counters.controlSent,
  ),
  counter(
    "publish_received",
    "PUBLISH packets received.",
    (r) => r.counters.publishReceived,
  ),
  counter(
    "publish_sent",
    "PUBLISH packets queued for sending, repetitions included.",
    (r) => r.counters.publishSent,
  ),
  counter(
    "wills_published",
    "Wills of lost clients that were published.",
    (r) => r.counters.willsPublished,
  ),
  {
    name: "mqtt_messages_dropped",
    type: "counter",
    unit: "",
    label: "cause",
    says: "Messages that did not reach a client: it reads too slowly or is " +
      "away (QoS 0), too many wait for it (the newest of them, or the " +
      "oldest), the store is full (QoS 0), their time is over, they are too " +
      "large or not for its listener, it has lost the right, or too many " +
      "retained ones are pending.",
    read: dropped,
  },
  {
    name: "mqtt_publisher_pauses",
    type: "counter",
    unit: "",
    label: "cause",
    says: "Times that a client was not read from: a receiver was too slow, " +
      "it sent faster than it may, or others had their turn before the rest " +
      "of what it has sent.",
    read: ({ counters }) => ({
      slow_receiver: counters.publisherPauses,
      rate: counters.ratePauses,
      turn: counters.turnPauses,
    }),
  },
];

const STATE: readonly Metric[] = [
  gauge("subscriptions", "Subscriptions.", (r) => r.subscriptions),
  gauge(
    "shared_subscriptions",
    "Shared subscriptions, each counted once.",
    (r) => r.sharedSubscriptions,
  ),
  gauge(
    "retained_messages",
    "Retained messages, without those in $SYS.",
    (r) => r.retained,
  ),
  bytesGauge(
    "retained",
    "What retained messages take.",
    (r) => r.retainedBytes,
  ),
  gauge(
    "waiting_messages",
    "Messages that wait for sessions.",
    (r) => r.backlog,
  ),
  bytesGauge(
    "waiting",
    "What waiting messages take, with those in flight that are kept.",
    (r) => r.backlogBytes,
  ),
  gauge(
    "inflight_messages",
    "QoS 1 and 2 messages that clients have not acknowledged.",
    (r) => r.inflight,
  ),
  {
    name: "mqtt_store_bytes",
    type: "gauge",
    unit: "bytes",
    says: "What of the store's file is in use.",
    read: (r) => r.storeBytes,
  },
  bytesGauge("queued", "Bytes that wait for sockets.", (r) => r.queuedBytes),
  {
    name: "mqtt_route_lookups",
    type: "counter",
    unit: "",
    label: "result",
    says: "Messages routed: by a route that was known (hit), or that had to " +
      "be found (miss).",
    read: (r) => ({ hit: r.routeHits, miss: r.routeMisses }),
  },
  gauge("routes", "Routes that are known.", (r) => r.routes),
];

const STORE: readonly Metric[] = [
  {
    name: "mqtt_store_commit_seconds",
    type: "histogram",
    unit: "seconds",
    says: "From handing changes to the thread that writes until they are on " +
      "disk; where state is kept.",
    read: (r) => r.store?.commit,
  },
  {
    name: "mqtt_store_commits",
    type: "counter",
    unit: "",
    says: "Commits; where state is kept.",
    read: (r) => r.store?.commit.count,
  },
  {
    name: "mqtt_store_written_bytes",
    type: "counter",
    unit: "bytes",
    says: "Changes committed, as they are handed over: what SQLite makes of " +
      "them is more.",
    read: (r) => r.store?.writtenBytes,
  },
];

const PROCESS: readonly Metric[] = [
  {
    name: "mqtt_uptime_seconds",
    type: "gauge",
    unit: "seconds",
    says: "For how long the broker runs.",
    read: (r) => r.uptimeMs / 1000,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    unit: "bytes",
    says: "Memory of the process.",
    read: (r) => r.memoryBytes,
  },
  {
    name: "mqtt_delivery_seconds",
    type: "histogram",
    unit: "seconds",
    says: "From the arrival of a message until the system has taken it for a " +
      "client; of one turn in 64.",
    read: (r) => r.measures?.delivery,
  },
  {
    name: "mqtt_turn_seconds",
    type: "histogram",
    unit: "seconds",
    says: "How long the broker works on what one read brings, and is there " +
      "for nobody else; of one turn in 64.",
    read: (r) => r.measures?.turn,
  },
  {
    name: "mqtt_event_loop_lag_seconds",
    type: "histogram",
    unit: "seconds",
    says: "How late a timer is that is due each second.",
    read: (r) => r.measures?.lag,
  },
];

/** All of them, in the order of the README. */
export const METRICS: readonly Metric[] = [
  ...CLIENTS,
  ...TRAFFIC,
  ...STATE,
  ...LISTENER_METRICS,
  ...STORE,
  ...PROCESS,
];

function refused({ counters }: Readings): Labelled {
  return {
    connection: counters.connectionsRefused,
    handshake: counters.handshakesFailed,
    upgrade: counters.upgradesRefused,
    login: counters.loginsRefused,
    publish: counters.publishDenied,
    subscribe: counters.subscribeDenied,
    retain: counters.retainedRefused,
    store: counters.storeRefused,
    backlog: counters.backlogRefused,
  };
}

function dropped({ counters }: Readings): Labelled {
  return {
    slow_client: counters.droppedSlowClient,
    offline: counters.droppedOffline,
    backlog_full: counters.droppedBacklogFull,
    backlog_oldest: counters.droppedBacklogOldest,
    store_full: counters.droppedStoreFull,
    expired: counters.droppedExpired,
    unfit: counters.droppedUnfit,
    denied: counters.droppedDenied,
    retained_pending: counters.retainedPendingDropped,
  };
}

function counter(
  name: string,
  says: string,
  read: (readings: Readings) => number,
): Metric {
  return { name: `mqtt_${name}`, type: "counter", unit: "", says, read };
}

function gauge(
  name: string,
  says: string,
  read: (readings: Readings) => number,
): Metric {
  return { name: `mqtt_${name}`, type: "gauge", unit: "", says, read };
}

function bytesGauge(
  name: string,
  says: string,
  read: (readings: Readings) => number,
): Metric {
  const unit = "bytes";
  return { name: `mqtt_${name}_${unit}`, type: "gauge", unit, says, read };
}
