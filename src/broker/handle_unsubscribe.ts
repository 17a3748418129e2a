/**
 * UNSUBSCRIBE: MQTT 3.1.1 sections 3.10 and 3.11. What is in flight or
 * waits already is still delivered [MQTT-3.10.4-2], [MQTT-3.10.4-3].
 *
 * @module
 */

import { UNSUBACK } from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { TOPIC_FILTER_INVALID } from "../codec/reason_code.ts";
import { readUnsubscribe } from "../codec/subscribe.ts";
import { filterFault } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import { sendAcknowledgement } from "./send.ts";

/** Ends the subscriptions whose filters are given, and answers. */
export function handleUnsubscribe(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { packetId, filters } = readUnsubscribe(bytes, at, end);
  for (const filter of filters) {
    const fault = filterFault(filter);
    if (fault !== undefined) {
      throw new ProtocolError(TOPIC_FILTER_INVALID, fault);
    }
  }
  for (const filter of filters) unsubscribe(connection, filter);
  // [MQTT-3.10.4-5]: also when nothing matched.
  sendAcknowledgement(connection, UNSUBACK, packetId);
}

/** Filters are compared character by character [MQTT-3.10.4-1]. */
function unsubscribe(connection: Connection, filter: string): void {
  const { core } = connection;
  const session = connection.session!;
  const subscription = session.subscriptions.get(filter);
  if (subscription === undefined) return;
  core.router.unsubscribe(subscription);
  session.subscriptions.delete(filter);
  if (session.persistent) core.journal?.unsubscribed(session.clientId, filter);
  core.options.hooks.onUnsubscribe?.(
    {
      clientId: session.clientId,
      userName: connection.userName,
      address: connection.transport.address,
    },
    filter,
  );
}
