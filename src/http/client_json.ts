/**
 * A client that is connected, and a session, as JSON.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import type { ClientSession, Core } from "../broker/core.ts";
import type { Subscription } from "../topic/subscription.ts";
import { moment, sureMoment } from "./clock.ts";

const PROTOCOLS: Readonly<Record<number, string>> = {
  3: "3.1",
  4: "3.1.1",
  5: "5.0",
};
/** A client is given up after 1.5 times its keep alive. */
const KEEP_ALIVE_MS_EACH = 1500;

/** A connection that is open. */
export function clientJson(core: Core, connection: Connection) {
  const { keepAliveMs, level, queue, session, transport } = connection;
  const { clientId, persistent, userName } = session!;
  return {
    clientId,
    userName: userName ?? null,
    address: transport.address,
    listener: transport.door.name,
    protocol: PROTOCOLS[level]!,
    connectedAt: sureMoment(core, connection.openedMs),
    keepAliveSeconds: keepAliveMs / KEEP_ALIVE_MS_EACH,
    cleanStart: !persistent,
    subscriptions: session!.subscriptionsSize,
    queued: session!.backlogLength,
    queuedBytes: session!.backlogBytes + queue.bytes,
    inflight: session!.inflightSize,
    dropped: connection.extras.dropped,
    bytesIn: connection.bytesReceived,
    bytesOut: connection.bytesSent,
    messagesIn: connection.publishReceived,
    messagesOut: connection.publishSent,
  };
}

/** A session of a client. */
export function sessionJson(core: Core, session: ClientSession) {
  const { clientId, connection, expiryMs, userName } = session;
  const away = core.away.get(session);
  return {
    clientId,
    userName: userName ?? null,
    isConnected: connection !== null,
    expirySeconds: expiryMs === Infinity ? null : expiryMs / 1000,
    expiresAt: away === undefined ? null : moment(core, away.endMs),
    subscriptions: session.subscriptionsSize,
    queued: session.backlogLength,
    queuedBytes: session.backlogBytes,
    inflight: session.inflightSize,
  };
}

/** A subscription. */
export function subscriptionJson(
  { filter, grant, subscriber }: Subscription<ClientSession>,
) {
  const { noLocal, qos, retainAsPublished, subscriptionIds } = grant;
  return {
    clientId: subscriber.clientId,
    filter,
    qos,
    noLocal,
    retainAsPublished,
    subscriptionId: subscriptionIds[0] ?? null,
  };
}
