/**
 * Moves what waits for a client to its socket, as far as there is room: in
 * its in-flight window for QoS 1 and 2, below its high-water mark for all.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { DUP_BIT, PUBREL, RETAIN_BIT } from "../codec/packet_type.ts";
import { PUBACK_DUE, PUBCOMP_DUE, PUBREC_DUE } from "../session/inflight.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { turnPage } from "./page.ts";
import { isDeliveryUnfit, sendAcknowledgement, sendDelivery } from "./send.ts";

/** Sends what may be sent: retained messages first, then the backlog. */
export function pump(core: Core, connection: Connection): void {
  const session = connection.session!;
  if (session.feedLength > 0) pumpRetained(core, connection, session);
  while (session.feedLength === 0 && session.backlogLength > 0) {
    const { backlog } = session;
    if (backlog.isRunningLow) turnPage(core, session, pump);
    const delivery = backlog.peek();
    if (delivery === undefined) return; // its page is on its way
    if (isLost(core, connection, delivery)) {
      backlog.shift();
      if (session.isStored) core.journal?.waitsNoMore(session.clientId, 0);
      continue;
    }
    if (!hasRoom(connection, session, delivery.qos)) return;
    backlog.shift();
    const packetId = sendNow(session, connection, delivery);
    if (!session.isStored) continue;
    // At most once: it leaves when the store does not have it any more.
    if (delivery.qos === 0) connection.promises = true;
    core.journal?.waited(session.clientId, delivery.qos, packetId);
  }
}

/** Sends retained messages, as far as there is room and it is our turn. */
function pumpRetained(
  core: Core,
  connection: Connection,
  session: ClientSession,
): void {
  const { feed } = session;
  const budget = core.retainedTurns.begin(connection);
  if (budget === undefined) return;
  while (hasRoom(connection, session, 0)) {
    const delivery = feed.peek(core.retained, budget);
    if (delivery === undefined) break;
    if (isLost(core, connection, delivery)) {
      feed.shift();
      continue;
    }
    if (!hasRoom(connection, session, delivery.qos)) break;
    feed.shift();
    const packetId = sendNow(session, connection, delivery);
    if (session.isStored && packetId > 0) {
      core.journal?.inFlight(session.clientId, packetId, delivery);
    }
  }
  core.retainedTurns.end(connection, budget);
}

/** Makes room among what waits: the first ones whose time is over go. */
export function dropExpired(core: Core, session: ClientSession): void {
  const { backlog } = session;
  for (;;) {
    const first = backlog.peek();
    if (first === undefined || !isExpired(core, first)) return;
    backlog.shift();
    if (session.isStored) core.journal?.waitsNoMore(session.clientId, 0);
  }
}

/** [MQTT5-3.3.2-5]; counts it. */
export function isExpired(core: Core, { message }: Delivery): boolean {
  if (message.expiresAtMs > core.nowMs) return false;
  core.counters.droppedExpired++;
  return true;
}

/** Whether it must not or can't be sent; counts why. */
function isLost(
  core: Core,
  connection: Connection,
  delivery: Delivery,
): boolean {
  if (isExpired(core, delivery)) return true;
  if (!isDeliveryUnfit(connection, delivery)) return false;
  core.counters.droppedUnfit++; // [MQTT5-3.1.2-25]
  connection.ownExtras.dropped++;
  return true;
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
      (session.inflightSize < connection.inflightMax &&
        session.inflightBytes < limits.backlogBytesMax));
}

/** Returns the packet id; 0 at QoS 0. */
function sendNow(
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
): number {
  const { qos, retain, share } = delivery;
  let packetId = 0;
  if (qos > 0) {
    packetId = session.inflight.add(
      qos === 1 ? PUBACK_DUE : PUBREC_DUE,
      session.isStored || share !== "" ? delivery : undefined,
    );
  }
  sendDelivery(connection, delivery, packetId, retain ? RETAIN_BIT : 0);
  return packetId;
}

/**
 * Sends again what was in flight when the last connection ended, in the
 * original order: [MQTT-4.4.0-1], [MQTT-4.6.0-1]; PUBLISH with DUP
 * [MQTT-3.3.1-1]. Not more of them than the client takes at a time: the
 * rest follows as it acknowledges [MQTT5-3.3.4-9].
 */
export function retransmit(core: Core, connection: Connection): void {
  const session = connection.session!;
  if (session.inflightSize === 0) return;
  const entries = session.inflight.inOrder();
  const waiting = entries.filter(({ state }) => state !== PUBCOMP_DUE).length;
  let room = connection.inflightMax - (entries.length - waiting);
  const later: number[] = [];
  for (const { packetId, state } of entries) {
    if (state === PUBCOMP_DUE) {
      sendAcknowledgement(connection, PUBREL, packetId);
    } else if (room <= 0) later.push(packetId);
    else if (sendAgain(core, connection, packetId)) room--;
  }
  if (later.length > 0) connection.ownExtras.resends = later.reverse();
}

/** One was acknowledged: sends what had to wait for that. */
export function resend(core: Core, connection: Connection): void {
  const { extras } = connection;
  const session = connection.session!;
  const { inflight } = session;
  // The client may have acknowledged what it got in its last connection.
  const resends = extras.resends!.filter((packetId) => {
    const state = inflight.stateOf(packetId);
    return state === PUBACK_DUE || state === PUBREC_DUE;
  });
  while (
    resends.length > 0 &&
    session.inflightSize - resends.length < connection.inflightMax
  ) sendAgain(core, connection, resends.pop()!);
  extras.resends = resends.length > 0 ? resends : undefined;
}

/** False when this connection's client does not take it: then it is lost. */
function sendAgain(
  core: Core,
  connection: Connection,
  packetId: number,
): boolean {
  const session = connection.session!;
  const { inflight } = session;
  const delivery = inflight.deliveryOf(packetId);
  if (delivery !== undefined && !isDeliveryUnfit(connection, delivery)) {
    const flags = delivery.retain ? DUP_BIT | RETAIN_BIT : DUP_BIT;
    sendDelivery(connection, delivery, packetId, flags);
    return true;
  }
  core.counters.droppedUnfit++;
  inflight.release(packetId);
  if (session.isStored) core.journal?.done(session.clientId, packetId);
  return false;
}
