/**
 * A message as JSON, with the names and in the order of `mosquitto_sub`.
 *
 * @module
 */

import type { ReceivedMessage } from "../client/received_message.ts";
import { timeField } from "./local_time.ts";

/** How to write it. */
export interface JsonOptions {
  /** Whether the payload is JSON and stands there as such. */
  readonly isPayloadJson: boolean;
  /** Whether it stands in several lines. */
  readonly isPretty: boolean;
  /** When the message came. */
  readonly at: Date;
}

/**
 * A message as JSON. A payload that was to be JSON and is none stands there
 * as a text, and so does one that is no UTF-8, as far as it is.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { messageJson } from "./message_json.ts";
 *
 * const json = messageJson({
 *   topic: "a",
 *   payload: new TextEncoder().encode('{"b":1}'),
 *   qos: 0,
 *   retain: false,
 *   dup: false,
 *   packetId: 0,
 *   properties: {},
 * }, { isPayloadJson: true, isPretty: false, at: new Date() });
 * assertMatch(json, /"topic":"a","qos":0,.*"payload":\{"b":1\}\}$/);
 * ```
 */
export function messageJson(
  message: ReceivedMessage,
  { isPayloadJson, isPretty, at }: JsonOptions,
): string {
  const { topic, payload, qos, retain, packetId } = message;
  const properties = propertiesOf(message);
  const text = new TextDecoder().decode(payload);
  const micros = timeField(at, "N").slice(0, 6);
  return JSON.stringify(
    {
      tst: `${timeField(at, "F")}T${timeField(at, "T")}.${micros}Z` +
        timeField(at, "z"),
      topic,
      qos,
      retain: Number(retain),
      payloadlen: payload.length,
      ...(qos > 0 && { mid: packetId }),
      ...(Object.keys(properties).length > 0 && { properties }),
      payload: payload.length === 0
        ? null
        : isPayloadJson
        ? parsed(text)
        : text,
    },
    undefined,
    isPretty ? "\t" : undefined,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function propertiesOf({ properties }: ReceivedMessage) {
  const {
    topicAlias,
    subscriptionIds = [],
    userProperties,
    contentType,
    correlationData,
    responseTopic,
    payloadFormat,
    messageExpirySeconds,
  } = properties;
  const [firstId] = subscriptionIds;
  const correlation = correlationData &&
    new TextDecoder().decode(correlationData);
  return Object.fromEntries(
    Object.entries({
      "topic-alias": topicAlias,
      "subscription-identifier": firstId,
      "user-properties": userProperties && Object.fromEntries(userProperties),
      "content-type": contentType,
      "correlation-data": correlation,
      "response-topic": responseTopic,
      "payload-format-indicator": payloadFormat,
      "message-expiry-interval": messageExpirySeconds,
    }).filter(([, value]) => value !== undefined),
  );
}
