/**
 * Publishers and subscribers inside of the process. A subscriber has a
 * session like any client, and a function in place of a socket.
 *
 * @module
 */

import { makeMessage, type Message } from "../codec/message.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { QUOTA_EXCEEDED, TOPIC_FILTER_INVALID } from "../codec/reason_code.ts";
import { PLAIN_GRANTS } from "../topic/subscription.ts";
import { filterFault } from "../topic/topic.ts";
import { type MessageHandler, Session } from "../session/session.ts";
import type { ClientSession, Core } from "./core.ts";
import type { Connection } from "./connection.ts";
import { publishMessage } from "./handle_publish.ts";

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
): Message {
  const message = makeMessage(topic, payload, qos);
  publishMessage(core, null, message, retain);
  return message;
}

/**
 * Subscribes from inside of the process, at once; retained messages are
 * handed over before it returns. End it with `core.endSession`.
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
  const fault = filterFault(filter);
  if (fault !== undefined) throw new ProtocolError(TOPIC_FILTER_INVALID, fault);
  if (core.router.size >= core.options.limits.subscriptionsTotalMax) {
    throw new ProtocolError(QUOTA_EXCEEDED, "too many subscriptions");
  }
  const session = new Session<Connection>(name, false, core.totals);
  session.handler = handler;
  core.sessions.set(name, session);
  const subscription = core.router.subscribe(
    session,
    filter,
    PLAIN_GRANTS[2],
  );
  session.subscriptions.add(subscription);
  for (const message of core.retained.match(filter)) handler(message, true);
  return session;
}
