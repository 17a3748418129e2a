/**
 * UNSUBSCRIBE: sections 3.10 and 3.11 of MQTT 3.1.1 and 5.0. What is in flight
 * or waits already is still delivered [MQTT-3.10.4-2], [MQTT-3.10.4-3].
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import {
  NO_SUBSCRIPTION_EXISTED,
  PROTOCOL_ERROR,
  SUCCESS,
} from "../codec/reason_code.ts";
import { encodeUnsuback } from "../codec/suback.ts";
import { readUnsubscribe } from "../codec/subscribe.ts";
import { subscriptionFault } from "../topic/shared_filter.ts";
import { clientInfo } from "./client_info.ts";
import type { Connection } from "./connection.ts";
import { sendAnswer } from "./send.ts";
import { unsubscribe } from "./sessions.ts";

/** Ends the subscriptions whose filters are given, and answers. */
export function handleUnsubscribe(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { level } = connection;
  const { packetId, filters } = readUnsubscribe(bytes, at, end, level);
  for (const filter of filters) {
    const fault = subscriptionFault(filter);
    if (fault !== undefined) {
      throw new ProtocolError(PROTOCOL_ERROR, fault);
    }
  }
  // [MQTT-3.10.4-5]: an answer also when nothing matched; 5.0 tells which.
  const reasonCodes = filters.map((filter) => endOne(connection, filter));
  sendAnswer(
    connection,
    "",
    (properties) =>
      encodeUnsuback({ packetId, reasonCodes, properties }, level),
  );
}

/** Filters are compared character by character [MQTT-3.10.4-1]. */
function endOne(connection: Connection, own: string): number {
  const { core, mountPoint } = connection;
  const filter = mountPoint?.filter(own) ?? own;
  const session = connection.session!;
  const subscription = session.subscriptions.get(filter);
  if (subscription === undefined) return NO_SUBSCRIPTION_EXISTED;
  unsubscribe(core, subscription);
  if (session.isStored) core.journal?.unsubscribed(session.clientId, filter);
  core.options.hooks.onUnsubscribe?.(
    clientInfo(connection),
    filter,
  );
  return SUCCESS;
}
