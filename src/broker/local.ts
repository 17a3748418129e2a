/**
 * Publishers and subscribers inside of the process. A subscriber has a
 * session like any client, and a function in place of a socket.
 *
 * @module
 */

import { makeMessage, type Message } from "../codec/message.ts";
import type { Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { QUOTA_EXCEEDED, TOPIC_FILTER_INVALID } from "../codec/reason_code.ts";
import { PLAIN_GRANTS } from "../topic/subscription.ts";
import { isShared, subscriptionFault } from "../topic/shared_filter.ts";
import type { MessageHandler } from "../session/session.ts";
import type { ClientSession, Core } from "./core.ts";
import { publishMessage } from "./handle_publish.ts";
import { beginSession, subscribe } from "./sessions.ts";

/**
 * Publishes from inside of the process. The caller ends the turn.
 *
 * @throws {ProtocolError} When the topic is malformed or above a limit.
 */
export function publishLocal(
  core: Core,
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  retain: boolean,
  properties: Properties,
): Message {
  const message = makeMessage(topic, payload, qos, properties, core.nowMs);
  publishMessage(core, null, message, retain);
  return message;
}

/**
 * Subscribes from inside of the process, at once; retained messages are
 * handed over before it returns. End it with `endSession`.
 *
 * @param name Unique among client identifiers; with U+0000 in it no peer
 * can have it.
 * @throws {ProtocolError} When the filter is malformed, or there are too
 * many subscriptions.
 */
export function subscribeLocal(
  core: Core,
  name: string,
  filter: string,
  handler: MessageHandler,
): ClientSession {
  const session = listenLocal(core, name, filter, handler);
  if (isShared(filter)) return session; // 5.0 section 4.8.2
  for (const message of core.retained.match(filter)) handler(message, true);
  return session;
}

/** The same without the retained messages. */
export function listenLocal(
  core: Core,
  name: string,
  filter: string,
  handler: MessageHandler,
): ClientSession {
  const fault = subscriptionFault(filter);
  if (fault !== undefined) throw new ProtocolError(TOPIC_FILTER_INVALID, fault);
  if (core.subscriptionCount >= core.options.limits.subscriptionsTotalMax) {
    throw new ProtocolError(QUOTA_EXCEEDED, "too many subscriptions");
  }
  const session = beginSession(core, name, undefined, 0);
  session.handler = handler;
  subscribe(core, session, filter, PLAIN_GRANTS[2]);
  return session;
}
