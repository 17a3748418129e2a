/**
 * SUBSCRIBE: MQTT 3.1.1 sections 3.8 and 3.9.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { TOPIC_FILTER_INVALID } from "../codec/reason_code.ts";
import { encodeSuback, SUBACK_FAILURE } from "../codec/suback.ts";
import { readSubscribe, type SubscribeEntry } from "../codec/subscribe.ts";
import { PLAIN_GRANTS } from "../topic/subscription.ts";
import { filterFault, filterLimitFault } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import { pump } from "./pump.ts";
import { sendBytes } from "./send.ts";

/**
 * A client that has all retained messages coming, and this many, gets no
 * more for a further filter: one packet can hold a million times `#`.
 */
const PENDING_LEAST = 10_000;

/** Grants or refuses each filter, answers, sends retained messages. */
export function handleSubscribe(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { packetId, entries } = readSubscribe(bytes, at, end);
  for (const { filter } of entries) {
    const fault = filterFault(filter);
    if (fault !== undefined) {
      throw new ProtocolError(TOPIC_FILTER_INVALID, fault);
    }
  }
  // As if they had come one by one [MQTT-3.8.4-4].
  const returnCodes = entries.map((entry) => subscribe(connection, entry));
  sendBytes(connection, encodeSuback({ packetId, returnCodes }));
  for (const [index, { filter }] of entries.entries()) {
    const granted = returnCodes[index]!;
    if (granted !== SUBACK_FAILURE) {
      feedRetained(connection, filter, granted as QoS);
    }
  }
  pump(connection.core, connection);
}

/** Returns the granted QoS or 0x80. */
function subscribe(
  connection: Connection,
  { filter, qos }: SubscribeEntry,
): number {
  const { core } = connection;
  const session = connection.session!;
  const known = session.subscriptions.get(filter);
  if (known !== undefined) {
    core.router.regrant(known, PLAIN_GRANTS[qos]); // [MQTT-3.8.4-3]
  } else {
    const fault = limitFault(connection, filter);
    if (fault !== undefined) {
      core.log("warn", "subscription_refused", fault, {
        client_id: session.clientId,
        filter,
      });
      return SUBACK_FAILURE;
    }
    const subscription = core.router.subscribe(
      session,
      filter,
      PLAIN_GRANTS[qos],
    );
    session.subscriptions.add(subscription);
  }
  if (session.persistent) {
    core.journal?.subscribed(session.clientId, filter, qos);
  }
  core.options.hooks.onSubscribe?.(
    {
      clientId: session.clientId,
      userName: connection.userName,
      address: connection.transport.address,
    },
    filter,
    qos,
  );
  return qos;
}

function limitFault(
  { core, session }: Connection,
  filter: string,
): string | undefined {
  const { limits } = core.options;
  if (session!.subscriptions.size >= limits.subscriptionsMax) {
    return `more than ${limits.subscriptionsMax} subscriptions of a client`;
  }
  if (core.router.size >= limits.subscriptionsTotalMax) {
    return `more than ${limits.subscriptionsTotalMax} subscriptions in all`;
  }
  return filterLimitFault(filter, limits);
}

/** [MQTT-3.3.1-6], [MQTT-3.3.1-8]: on each subscribe, with RETAIN set. */
function feedRetained(
  connection: Connection,
  filter: string,
  qos: QoS,
): void {
  const { core } = connection;
  if (core.retained.size === 0) return;
  const { feed } = connection.session!;
  if (feed.length > Math.max(core.retained.size, PENDING_LEAST)) {
    core.counters.retainedPendingDropped++;
    return;
  }
  const slots = core.retained.matchSlots(filter);
  const room = core.options.limits.retainedPendingMax -
    core.totals.retainedPending;
  if (slots.length > room) {
    core.counters.retainedPendingDropped += slots.length - room;
    slots.length = room;
  }
  feed.push(slots, qos, core.retained.version);
}
