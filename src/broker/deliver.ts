/**
 * From a route to its receivers: who gets the message now, for whom it
 * waits, who loses it.
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";
import type { Route } from "../router/route.ts";
import { PUBACK_DUE, PUBREC_DUE } from "../session/inflight.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { CLEAR, congest, isAboveHigh, SLOW } from "./flow.ts";
import { hasRoom } from "./pump.ts";
import type { Publication } from "./publication.ts";
import { sendPublication } from "./send.ts";

/**
 * Hands the message that is being routed to all targets of `route`.
 *
 * @param publisher Whose message it is; null for the process or a will.
 */
export function deliver(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  route: Route<ClientSession>,
): void {
  const { targets } = route;
  for (let i = 0; i < targets.length; i++) {
    const { subscriber, grant } = targets[i]!;
    // [MQTT-3.8.4-6]: the lower of what was published and granted.
    const qos = publication.qos < grant.qos ? publication.qos : grant.qos;
    const { connection } = subscriber;
    if (connection === null || (qos === 0 && mustWait(core, subscriber))) {
      deliverAway(core, subscriber, publication, qos);
    } else if (qos === 0) deliverQos0(core, publisher, publication, connection);
    else {
      deliverQos12(core, publisher, publication, subscriber, connection, qos);
    }
  }
}

/** [MQTT-4.6.0-6]: QoS 0 messages that were kept go before new ones. */
export function mustWait(core: Core, session: ClientSession): boolean {
  return core.options.queueQos0 && session.backlogLength > 0;
}

/** To a client that is connected, at most once. */
function deliverQos0(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  connection: Connection,
): void {
  if (!hasRoomForQos0(core, connection)) {
    core.counters.droppedSlowClient++;
    return;
  }
  sendPublication(connection, publication, 0, 0);
  if (connection.queue.bytes >= core.options.limits.writeQueueHighBytes) {
    congest(core, connection, publisher);
  }
}

/** Whether QoS 0 messages reach `connection`, or are lost for it. */
export function hasRoomForQos0(core: Core, connection: Connection): boolean {
  const { limits } = core.options;
  const { bytes } = connection.queue;
  if (connection.flow === CLEAR) return true;
  if (connection.flow === SLOW || bytes >= limits.writeQueueBytesMax) {
    return false;
  }
  return bytes < limits.writeQueueHighBytes ||
    core.pool.queuedBytes < limits.writeQueueTotalBytesMax;
}

/** To a client that is connected: into its window, or behind its backlog. */
function deliverQos12(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  session: ClientSession,
  connection: Connection,
  qos: QoS,
): void {
  if (!session.hasWaiting && hasRoom(connection, session, qos)) {
    // Only a session that outlives its connection sends a message again.
    const kept = session.persistent ? publication.message : undefined;
    const packetId = session.inflight.add(
      qos === 1 ? PUBACK_DUE : PUBREC_DUE,
      kept,
      false,
    );
    if (kept !== undefined) {
      core.journal?.inFlight(session.clientId, packetId, kept, qos, false);
    }
    sendPublication(connection, publication, qos, packetId);
    return;
  }
  enqueue(core, session, publication.message, qos);
  if (isAboveHigh(core, connection)) congest(core, connection, publisher);
}

/** To a session without a connection, or inside of the process. */
export function deliverAway(
  core: Core,
  session: ClientSession,
  publication: Publication,
  qos: QoS,
): void {
  if (session.handler !== undefined) {
    session.handler(publication.message, false);
  } else if (qos > 0 || core.options.queueQos0) {
    enqueue(core, session, publication.message, qos);
  } else {
    core.counters.droppedOffline++;
  }
}

/** Lets `message` wait for `session`, unless too much waits already. */
function enqueue(
  core: Core,
  session: ClientSession,
  message: Message,
  qos: QoS,
): void {
  const { limits } = core.options;
  const { size } = message;
  const { backlog } = session;
  if (
    backlog.length >= limits.backlogMessagesMax ||
    backlog.bytes + size > limits.backlogBytesMax ||
    core.totals.backlogBytes + size > limits.backlogTotalBytesMax
  ) {
    core.counters.droppedBacklogFull++;
    core.log("warn", "backlog_full", "a message is dropped for a client", {
      client_id: session.clientId,
      waiting: backlog.length,
      waiting_bytes: backlog.bytes,
    });
    return;
  }
  backlog.push({ message, qos });
  if (session.persistent) {
    core.journal?.waits(session.clientId, message, qos);
  }
}
