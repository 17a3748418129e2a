/**
 * Messages as JSON, for people and other programs, and back:
 *
 * ```json ignore
 * { "topic": "a", "payload": "text", "properties": { "contentType": "t" } }
 * ```
 *
 * A payload that is no text is `base64` instead of `payload`.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { makeMessage, Message, viewMessage } from "../codec/message.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PublishView } from "../codec/publish.ts";
import { isUtf8 } from "../codec/text.ts";
import { topicNameFault } from "../topic/topic.ts";
import { base64, JsonFields, LineFault, textOf } from "./json_fields.ts";

const UINT32_MAX = 0xffff_ffff;
/** What MQTT says; what a broker's limits say is for it to look at. */
const TOPIC_LIMITS = { topicBytesMax: 65_535, topicLevelsMax: Infinity };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a message has in JSON. */
export interface MessageJson {
  /** Its topic. */
  topic: string;
  /** Its payload, when that is UTF-8. */
  payload?: string;
  /** Its payload, when it is not. */
  base64?: string;
  /** Its properties; none of a 3.x client. */
  properties?: Record<string, unknown>;
}

/**
 * The message of a row's bytes.
 *
 * @throws {LineFault} When they are none.
 */
export function messageOfBytes(head: number, bytes: Uint8Array): Message {
  const topicEnd = bytes.length < 2 ? 2 : 2 + (bytes[0]! << 8 | bytes[1]!);
  const payloadAt = Math.floor(head / 32);
  const qos = head >> 3 & 3;
  if (topicEnd > payloadAt || payloadAt > bytes.length || qos > 2) {
    throw new LineFault("bytes that are no message");
  }
  const message = new Message(bytes, topicEnd, qos as QoS, payloadAt);
  checkMessage(message);
  return message;
}

/** A message in JSON. */
export function messageJson(message: Message): MessageJson {
  const { topic, payload, properties } = message;
  const found: MessageJson = { topic };
  if (isUtf8(payload, 0, payload.length)) {
    found.payload = decoder.decode(payload);
  } else found.base64 = base64(payload);
  const {
    payloadFormat,
    messageExpirySeconds,
    contentType,
    responseTopic,
    correlationData,
    userProperties,
  } = properties;
  if (properties !== NO_PROPERTIES) {
    // What is undefined does not come to stand there.
    found.properties = {
      payloadFormat,
      messageExpirySeconds,
      contentType,
      responseTopic,
      correlationData: correlationData && base64(correlationData),
      userProperties,
    };
  }
  return found;
}

/**
 * The message that JSON says.
 *
 * @throws {LineFault} When it says none.
 */
export function messageOfJson(fields: JsonFields, qos: QoS): Message {
  const topic = fields.text("topic");
  const isText = fields.has("payload");
  if (isText && fields.has("base64")) {
    throw new LineFault("there are both payload and base64");
  }
  const payload = isText
    ? new TextEncoder().encode(fields.text("payload"))
    : fields.bytes("base64");
  const properties = propertiesOf(fields);
  const message = sound(() => makeMessage(topic, payload, qos, properties));
  checkMessage(message);
  return message;
}

/**
 * Whether its topic and properties are such as a client may send.
 *
 * @throws {LineFault} When they are not.
 */
export function checkMessage(message: Message): void {
  const topic = sound(() => {
    viewMessage(message, new PublishView());
    return message.topic;
  });
  const wrong = topicNameFault(topic, TOPIC_LIMITS);
  if (wrong !== undefined) throw new LineFault(wrong);
}

/** What the codec refuses is wrong with the line. */
function sound<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new LineFault(error.message, { cause: error });
  }
}

function propertiesOf(from: JsonFields): Properties {
  if (!from.has("properties")) return NO_PROPERTIES;
  const fields = new JsonFields(from.take("properties"), "properties");
  const userProperties = fields.list("userProperties").map(pairOf);
  const correlationData = fields.has("correlationData")
    ? fields.bytes("correlationData")
    : undefined;
  const found = {
    payloadFormat: fields.wholeIfAny("payloadFormat", 0, 1),
    messageExpirySeconds: fields.wholeIfAny(
      "messageExpirySeconds",
      0,
      UINT32_MAX,
    ),
    contentType: fields.textIfAny("contentType"),
    responseTopic: fields.textIfAny("responseTopic"),
    correlationData,
    userProperties: userProperties.length > 0 ? userProperties : undefined,
  };
  fields.end();
  const given = Object.entries(found).filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(given);
}

function pairOf(value: unknown): readonly [string, string] {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new LineFault("userProperties are not pairs of texts");
  }
  return [
    textOf(value[0], "the name of a user property"),
    textOf(value[1], "the value of a user property"),
  ];
}
