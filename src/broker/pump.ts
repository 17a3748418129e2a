/**
 * Moves what waits for a client to its socket, as far as there is room: in
 * its in-flight window for QoS 1 and 2, below its high-water mark for all.
 *
 * @module
 */

import { DUP_BIT, PUBREL, RETAIN_BIT } from "../codec/packet_type.ts";
import type { QoS } from "../base/qos.ts";
import { PUBACK_DUE, PUBCOMP_DUE, PUBREC_DUE } from "../session/inflight.ts";
import type { Message } from "../codec/message.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { sendAcknowledgement, sendMessage } from "./send.ts";

/** Sends what may be sent: retained messages first, then the backlog. */
export function pump(core: Core, connection: Connection): void {
  const session = connection.session!;
  while (session.feedLength > 0) {
    const { feed } = session;
    const message = feed.peek();
    if (message === undefined) break;
    const { qos } = feed;
    if (!hasRoom(connection, session, qos)) return;
    feed.shift();
    const id = sendNow(session, connection, message, qos, RETAIN_BIT);
    if (session.persistent && id > 0) {
      core.journal?.inFlight(session.clientId, id, message, qos, true);
    }
  }
  while (session.feedLength === 0 && session.backlogLength > 0) {
    const { backlog } = session;
    if (!hasRoom(connection, session, backlog.peek()!.qos)) return;
    const { message, qos } = backlog.shift()!;
    const packetId = sendNow(session, connection, message, qos, 0);
    if (session.persistent) core.journal?.waited(session.clientId, packetId);
  }
}

/** Whether a message may go out now: to the socket, and in flight. */
export function hasRoom(
  connection: Connection,
  session: ClientSession,
  qos: QoS,
): boolean {
  const { limits } = connection.core.options;
  return connection.queue.bytes < limits.writeQueueHighBytes &&
    (qos === 0 ||
      (session.inflightSize < limits.inflightOutMax &&
        session.inflightBytes < limits.backlogBytesMax));
}

/** Returns the packet id; 0 at QoS 0. */
function sendNow(
  session: ClientSession,
  connection: Connection,
  message: Message,
  qos: QoS,
  flags: number,
): number {
  let packetId = 0;
  if (qos > 0) {
    packetId = session.inflight.add(
      qos === 1 ? PUBACK_DUE : PUBREC_DUE,
      session.persistent ? message : undefined,
      flags === RETAIN_BIT,
    );
  }
  sendMessage(connection, message, qos, packetId, flags);
  return packetId;
}

/**
 * Sends again what was in flight when the last connection ended, in the
 * original order: [MQTT-4.4.0-1], [MQTT-4.6.0-1]; PUBLISH with DUP
 * [MQTT-3.3.1-1].
 */
export function retransmit(connection: Connection): void {
  const session = connection.session!;
  if (session.inflightSize === 0) return;
  for (
    const { packetId, state, message, retain } of session.inflight.inOrder()
  ) {
    if (state === PUBCOMP_DUE) {
      sendAcknowledgement(connection, PUBREL, packetId);
    } else if (message !== undefined) {
      const qos = state === PUBACK_DUE ? 1 : 2;
      const flags = retain ? DUP_BIT | RETAIN_BIT : DUP_BIT;
      sendMessage(connection, message, qos, packetId, flags);
    }
  }
}
