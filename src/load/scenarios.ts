/**
 * What the load generator makes brokers do: one row of the table each, with
 * the same shapes and sizes as the C generator's workloads, so that the two
 * can be compared, what MQTT 5.0 adds to them, and what has to be kept. Only
 * numbers and names; nothing here touches a socket.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import {
  type Dialect,
  MQTT_4,
  MQTT_5,
  WITH_TOPIC_ALIAS,
  WITH_USER_PROPERTIES,
} from "./dialects.ts";

/**
 * What becomes of the clients' sessions: they end with the connection, are
 * kept, or are kept for subscribers that are away until all is sent, and
 * then come back for it.
 */
export type Sessions = "clean" | "kept" | "away";

/** A row of the table. */
export interface Scenario {
  /** How it is called. */
  readonly name: string;
  /** What it is measured in; the others are set against the first. */
  readonly dialects: readonly Dialect[];
  /** How many clients publish. */
  readonly publishers: number;
  /** How many clients subscribe, to one filter each. */
  readonly subscribers: number;
  /** Topic published to; `%d` is the publisher's index, see `topics`. */
  readonly topic: string;
  /** Filter subscribed to; `%d` is the subscriber's index. */
  readonly filter: string;
  /** Above 0, each publisher goes round this many topics instead. */
  readonly topics: number;
  /** Deliveries one message leads to. */
  readonly fanout: number;
  /** Quality of service of messages and subscriptions. */
  readonly qos: QoS;
  /** What a message has, at least the 8 bytes of a time stamp. */
  readonly payloadBytes: number;
  /** Messages each publisher sends at scale 1. */
  readonly messagesEach: number;
  /** Unacknowledged messages a publisher keeps in flight, QoS 1 and 2. */
  readonly windowMax: number;
  /** Messages a second from all publishers together; 0 sends freely. */
  readonly ratePerSecond: number;
  /** Above 0, so many clients are there and no one says anything. */
  readonly idlers: number;
  /** What becomes of sessions. */
  readonly sessions: Sessions;
}

/** A scenario as it is run: in one of its dialects. */
export interface Load extends Scenario {
  /** The dialect. */
  readonly dialect: Dialect;
}

const plain = {
  dialects: [MQTT_4, MQTT_5],
  publishers: 1,
  subscribers: 1,
  topic: "bench/t",
  filter: "bench/t",
  topics: 0,
  fanout: 1,
  qos: 0,
  payloadBytes: 64,
  windowMax: 20,
  ratePerSecond: 0,
  idlers: 0,
  sessions: "clean",
} as const;

const pairs = {
  ...plain,
  publishers: 10,
  subscribers: 10,
  topic: "b/%d",
  filter: "b/%d",
} as const;

const withUserProperties = {
  dialects: [MQTT_5, WITH_USER_PROPERTIES],
} as const;

const withTopicAlias = { dialects: [MQTT_5, WITH_TOPIC_ALIAS] } as const;

const fanout = { ...plain, subscribers: 200, fanout: 200 } as const;

/** Each message is for one of those who are away. */
const queue = {
  ...plain,
  dialects: [MQTT_4],
  subscribers: 50,
  topic: "q/%d",
  filter: "q/%d",
  topics: 50,
  qos: 1,
  sessions: "away",
} as const;

const kept = { dialects: [MQTT_4], sessions: "kept" } as const;

/** What a disk makes of it is what these are for. */
const durable: readonly Scenario[] = [
  {
    ...queue,
    name: "durable_queue50",
    publishers: 10,
    windowMax: 1_000,
    messagesEach: 30_000,
  },
  // Each message waits for the commit of the one before.
  { ...queue, name: "durable_queue1", windowMax: 1, messagesEach: 2_000 },
  {
    ...plain,
    ...kept,
    name: "durable_p2p_qos1",
    qos: 1,
    messagesEach: 100_000,
  },
  { ...plain, ...kept, name: "durable_p2p_qos2", qos: 2, messagesEach: 50_000 },
  {
    ...pairs,
    ...kept,
    name: "durable_pairs10_qos1",
    qos: 1,
    messagesEach: 10_000,
  },
  {
    ...pairs,
    ...kept,
    name: "durable_pairs10_qos2",
    qos: 2,
    messagesEach: 5_000,
  },
  // Not kept itself, but perhaps held up by what is.
  {
    ...pairs,
    dialects: [MQTT_4],
    name: "durable_paced5k_qos0",
    publishers: 50,
    subscribers: 50,
    ratePerSecond: 5_000,
    messagesEach: 300,
  },
];

/** All of them, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  { ...plain, name: "p2p_qos0", messagesEach: 300_000 },
  { ...pairs, name: "pairs10_qos0", messagesEach: 30_000 },
  {
    ...plain,
    name: "fanin50_qos0",
    publishers: 50,
    topic: "f/%d",
    filter: "f/#",
    messagesEach: 6_000,
  },
  { ...fanout, name: "fanout200_qos0", messagesEach: 2_000 },
  {
    ...pairs,
    name: "wild_1ktopics",
    topic: "w/%d/t",
    filter: "w/+/t",
    topics: 1_000,
    fanout: 10,
    messagesEach: 4_000,
  },
  {
    ...plain,
    name: "p2p_16KB_qos0",
    payloadBytes: 16_384,
    messagesEach: 20_000,
  },
  { ...plain, name: "p2p_qos1", qos: 1, messagesEach: 100_000 },
  { ...pairs, name: "pairs10_qos1", qos: 1, messagesEach: 10_000 },
  { ...fanout, name: "fanout200_qos1", qos: 1, messagesEach: 500 },
  { ...pairs, name: "pairs10_qos2", qos: 2, messagesEach: 5_000 },
  {
    ...pairs,
    name: "paced10k_qos0",
    publishers: 100,
    subscribers: 100,
    ratePerSecond: 10_000,
    messagesEach: 300,
  },
  {
    ...plain,
    name: "idle10k",
    dialects: [MQTT_4],
    publishers: 0,
    subscribers: 0,
    filter: "idle/%d",
    fanout: 0,
    messagesEach: 0,
    idlers: 10_000,
  },
  {
    ...plain,
    ...withUserProperties,
    name: "v5_user_props_p2p",
    messagesEach: 300_000,
  },
  {
    ...pairs,
    ...withUserProperties,
    name: "v5_user_props_pairs10",
    messagesEach: 30_000,
  },
  {
    ...plain,
    ...withTopicAlias,
    name: "v5_alias_p2p",
    messagesEach: 300_000,
  },
  {
    ...pairs,
    ...withTopicAlias,
    name: "v5_alias_pairs10",
    messagesEach: 30_000,
  },
  ...durable,
];

/** The scenario with its counts multiplied: at least one where there is any. */
export function scaled<Of extends Scenario>(load: Of, scale: number): Of {
  const counted = (count: number): number =>
    count === 0 ? 0 : Math.max(1, Math.round(count * scale));
  return {
    ...load,
    messagesEach: counted(load.messagesEach),
    idlers: counted(load.idlers),
  };
}
