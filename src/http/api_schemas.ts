/**
 * What the API answers with and is asked with: schemas by name, for the
 * OpenAPI description and for the tests that hold answers against them.
 *
 * @module
 */

import { ACCESS_SCHEMAS } from "./access_schemas.ts";
import {
  counts,
  integer,
  number,
  numberOrNull,
  object,
  objectWith,
  page,
  ref,
  type Schema,
  text,
  textOrNull,
  time,
  timeOrNull,
  whole,
  word,
  yes,
} from "./json_schema.ts";

const QOS: Schema = { type: "integer", enum: [0, 1, 2] };

/** Either of the two ways in which a payload is told. */
const PAYLOAD = {
  payload: text("The payload, where it is UTF-8."),
  payloadBase64: text("The payload, where it is not."),
};

const WARNING = object({
  code: text("A stable word."),
  message: text("A sentence."),
});

const CLIENT = {
  clientId: text("The client identifier."),
  userName: textOrNull("The user name; null without one."),
  address: text("The address and port of the client."),
  listener: text("The listener by which it came."),
  protocol: word(["3.1", "3.1.1", "5.0"], "The version of MQTT."),
  connectedAt: time("Since when it is connected."),
  keepAliveSeconds: integer("What it has to be heard in; 0 for no such time."),
  cleanStart: yes("Whether its session ends with the connection."),
  subscriptions: integer("Its subscriptions."),
  queued: integer("Messages that wait in its session."),
  queuedBytes: integer("What waits for it, bytes; with what its socket takes."),
  inflight: integer("Messages that it has not acknowledged."),
  dropped: integer("Messages of this connection that were lost."),
  bytesIn: integer("Bytes it has sent."),
  bytesOut: integer("Bytes it was sent."),
  messagesIn: integer("Messages it has published."),
  messagesOut: integer("Messages it was sent; sent again, they count again."),
};

const SUBSCRIPTION = {
  clientId: text("Who subscribes."),
  filter: text("The topic filter; of a shared one with `$share/NAME/`."),
  qos: QOS,
  noLocal: yes("Whether its own messages are left out."),
  retainAsPublished: yes("Whether RETAIN goes out as it came in."),
  subscriptionId: {
    type: ["integer", "null"],
    description: "What the client calls it.",
  },
} satisfies Record<string, Schema>;

const SESSION = object({
  clientId: text("The client identifier."),
  userName: textOrNull("Whose it is."),
  isConnected: yes("Whether its client is connected."),
  expirySeconds: numberOrNull("How long it outlives it; null for ever."),
  expiresAt: timeOrNull("When it ends, where its client is away."),
  subscriptions: integer("Its subscriptions."),
  queued: integer("Messages that wait."),
  queuedBytes: integer("What they take, bytes."),
  inflight: integer("Messages that were not acknowledged."),
});

const STATUS = object({
  version: text("The broker's version."),
  runtime: text("Deno or Bun, and its version."),
  startedAt: time("When it started."),
  uptimeSeconds: number("For how long it runs."),
  clients: object({
    connected: integer("Clients that are connected."),
    connectedMax: integer("The most connections that there may be."),
    sessions: integer("Sessions, connected or not."),
  }),
  subscriptions: integer("Subscriptions."),
  retained: object({
    count: integer("Retained messages, without those in $SYS."),
    bytes: integer("What they take."),
  }),
  queued: object({
    messages: integer("Messages that wait for sessions."),
    bytes: integer("What waits for sessions and sockets."),
  }),
  inflight: integer("Messages that were not acknowledged."),
  rates: object({
    messagesIn: number("Messages received, a second."),
    messagesOut: number("Messages sent, a second."),
    bytesIn: number("Bytes received, a second."),
    bytesOut: number("Bytes sent, a second."),
    overSeconds: number("Over how long that is averaged."),
  }),
  totals: object({
    messagesIn: integer("Messages received."),
    messagesOut: integer("Messages sent."),
    bytesIn: integer("Bytes received."),
    bytesOut: integer("Bytes sent."),
    connections: integer("Connections opened."),
  }),
  memoryBytes: numberOrNull("Memory of the process."),
  eventLoopLagSeconds: numberOrNull(
    "How late a timer was lately; null before it was looked at.",
  ),
  drops: counts("Messages that did not reach a client, by the cause."),
  disconnects: counts("Connections closed, by the cause."),
  refused: counts("What was refused."),
  store: object({
    kind: word(["memory", "sqlite"], "Where state is kept."),
    path: textOrNull("The file."),
    bytes: numberOrNull("What it takes on the disk."),
    isBroken: yes("Whether nothing can be kept at the moment."),
  }),
  warnings: { type: "array", items: WARNING },
});

const RETAINED = {
  topic: text("The topic."),
  qos: QOS,
  bytes: integer("The length of the payload."),
  expiresAt: timeOrNull("When it is forgotten."),
  contentType: textOrNull("What its publisher says it is."),
};

const QUEUED = objectWith(
  {
    topic: text("The topic."),
    qos: QOS,
    bytes: integer("The length of the payload."),
    state: word(
      ["waiting", "sent", "received"],
      "Waiting to be sent, sent, or received and to be completed (QoS 2).",
    ),
    packetId: integer("The packet identifier, where it was sent."),
    expiresAt: timeOrNull("When it is dropped."),
  },
  ["topic", "qos", "bytes", "state", "expiresAt"],
);

const PUBLICATION = objectWith(
  {
    topic: { type: "string", minLength: 1, description: "The topic." },
    ...PAYLOAD,
    qos: { ...QOS, default: 0 },
    retain: { type: "boolean", default: false },
    properties: ref("Properties"),
  },
  ["topic"],
  "The payload is empty where none is given.",
);

const PROPERTIES = objectWith({
  payloadFormat: { type: "integer", enum: [0, 1] },
  messageExpirySeconds: { type: "integer", minimum: 0, maximum: 0xffff_ffff },
  contentType: { type: "string" },
  responseTopic: { type: "string" },
  correlationDataBase64: { type: "string" },
  userProperties: {
    type: "array",
    items: { type: "array", items: { type: "string" }, maxItems: 2 },
    description: "Pairs of name and value.",
  },
}, []);

const LISTENER = object({
  name: text("How people would write it: `mqtts://0.0.0.0:8883`."),
  address: text("Host and port, or the file of a Unix socket."),
  transport: word(["mqtt", "mqtts", "ws", "wss", "any", "unix"], "Its kind."),
  connections: integer("Connections there are."),
  connectionsMax: {
    type: ["integer", "null"],
    description: "How many there may be; null for as many as the broker takes.",
  },
  connectionsOpened: integer("Connections there were."),
  bytesIn: integer("Bytes received."),
  bytesOut: integer("Bytes sent."),
  messagesIn: integer("Messages received."),
  isAnonymous: yes("Whether clients without a name may come in."),
  certificate: {
    ...object({
      subject: text("Whose it is."),
      notAfter: time("When it expires."),
      daysLeft: number("Days until then; negative when it has expired."),
    }),
    type: ["object", "null"],
  },
  warnings: { type: "array", items: WARNING },
});

const METRIC = object({
  name: text("As `/metrics` calls it."),
  type: word(["counter", "gauge", "histogram"], "Its kind."),
  unit: text("Its unit; empty for a number of things."),
  help: text("What it is."),
  samples: {
    type: "array",
    items: object({
      labels: { type: "object", additionalProperties: { type: "string" } },
      value: number("The value."),
    }),
  },
});

const TRACE = objectWith(
  {
    id: text("Its name."),
    clientId: text("Whose packets are logged."),
    topicFilter: text("Messages of which topics are logged."),
    hasPayloads: yes("Whether payloads are logged, too."),
    until: time("When it ends."),
    lines: integer("Lines that it has logged."),
    skipped: integer("Lines that were too many."),
  },
  ["id", "hasPayloads", "until", "lines", "skipped"],
);

const LOG_LINE = object({
  number: integer("Counts the lines."),
  time: time("When it was written."),
  level: word(["error", "warn", "info", "debug"], "How loud it is."),
  event: text("A stable name."),
  message: text("A sentence."),
  fields: { type: "object", description: "The facts." },
});

/** All schemas by name. */
export const SCHEMAS = {
  Fault: object({
    error: object({
      code: text("A stable word."),
      message: text("A sentence."),
    }),
  }),
  Status: STATUS,
  Metrics: whole(METRIC),
  Client: object(CLIENT),
  ClientDetails: object({
    ...CLIENT,
    willTopic: textOrNull("Where its will goes; null without one."),
    subscriptionList: {
      type: "array",
      items: object(SUBSCRIPTION),
      description: "Its subscriptions, a thousand at most.",
    },
  }),
  Clients: page(ref("Client")),
  Session: SESSION,
  Sessions: page(ref("Session")),
  Queued: QUEUED,
  Queue: page(ref("Queued")),
  Subscription: object(SUBSCRIPTION),
  Subscriptions: page(ref("Subscription")),
  Topics: page(object({
    topic: text("The topic."),
    isRetained: yes("Whether it has a retained message."),
    subscribers: {
      type: ["integer", "null"],
      description: "Who gets its messages; null where it was long unused.",
    },
  })),
  Retained: objectWith(
    { ...RETAINED, ...PAYLOAD, properties: ref("Properties") },
    [...Object.keys(RETAINED), "properties"],
  ),
  RetainedItem: objectWith(
    {
      ...RETAINED,
      ...PAYLOAD,
      isCut: yes("Whether the payload is longer than what is shown."),
    },
    [...Object.keys(RETAINED), "isCut"],
  ),
  RetainedList: page(ref("RetainedItem")),
  RetainedChange: objectWith({
    ...PAYLOAD,
    qos: { ...QOS, default: 0 },
    properties: ref("Properties"),
  }, []),
  Deleted: object({ deleted: integer("How many are gone.") }),
  Publication: PUBLICATION,
  Published: object({
    matched: integer("Subscribers to the topic; a shared one counts once."),
  }),
  Properties: PROPERTIES,
  Listeners: whole(LISTENER),
  Trace: TRACE,
  Traces: whole(ref("Trace")),
  TraceOrder: objectWith(
    {
      clientId: { type: "string", minLength: 1 },
      topicFilter: { type: "string", minLength: 1 },
      seconds: { type: "integer", minimum: 1, maximum: 3600, default: 60 },
      hasPayloads: { type: "boolean", default: false },
    },
    [],
    "Either `clientId` or `topicFilter`.",
  ),
  Logs: object({
    items: { type: "array", items: LOG_LINE },
    next: text("What `after` is for what comes later."),
  }),
  ...ACCESS_SCHEMAS,
} satisfies Record<string, Schema>;

/** The name of a schema. */
export type SchemaName = keyof typeof SCHEMAS;
