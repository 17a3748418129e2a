/**
 * From a route to its receivers: who gets the message now, for whom it
 * waits, who loses it.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Targets } from "../router/route.ts";
import { PUBACK_DUE, PUBREC_DUE } from "../session/inflight.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Grant } from "../topic/subscription.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { CLEAR, congest, isAboveHigh, SLOW } from "./flow.ts";
import { countDrop, isFull, makeRoom } from "./overflow.ts";
import { hasRoom, isExpired } from "./pump.ts";
import { Publication } from "./publication.ts";
import { isUnfit, sendPublication } from "./send.ts";
import { isStoreFull } from "./store_trouble.ts";

/**
 * Hands the message that is being routed to all targets.
 *
 * @param author Whose message it is, be it a will; null for the process.
 */
export function deliver(
  core: Core,
  author: ClientSession | null,
  publication: Publication,
  targets: Targets<ClientSession>,
): void {
  core.longTurns.deliveries += targets.length;
  const publisher = author === null ? null : author.connection;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    const { subscriber, grant } = target;
    if (subscriber !== author) {
      deliverTo(core, publisher, publication, subscriber, grant, "");
    } else if (target.own !== null) {
      const ownGrant = target.own.grant;
      deliverTo(core, publisher, publication, subscriber, ownGrant, "");
    }
  }
}

/**
 * Hands it to one session.
 *
 * @param publisher From where it comes; null for the process or a will.
 * @param share The shared subscription by which it comes; mostly empty.
 */
export function deliverTo(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  session: ClientSession,
  grant: Grant,
  share: string,
): void {
  // [MQTT-3.8.4-6]: the lower of what was published and granted.
  const qos = publication.qos < grant.qos ? publication.qos : grant.qos;
  const { connection } = session;
  if (connection === null) {
    deliverAway(core, publisher, publication, session, grant, share);
  } else if (
    connection.takesSingly &&
    isUnfit(connection, publication, qos, grant)
  ) {
    core.counters.droppedUnfit++; // [MQTT5-3.1.2-25]
    connection.ownExtras.dropped++;
  } else if (qos > 0) {
    deliverQos12(
      core,
      publisher,
      publication,
      session,
      connection,
      qos,
      grant,
      share,
    );
  } else if (
    mayHaveToWait(core, session) && mustWait(core, session, publication)
  ) {
    core.keepsQos0 = true;
    enqueue(core, session, publication.delivery(qos, grant, share));
  } else deliverQos0(core, publisher, publication, connection, grant);
}

/** Whether a QoS 0 message may have to wait for others of `session`. */
export function mayHaveToWait(core: Core, session: ClientSession): boolean {
  return core.totals.retainedPending > 0 && session.feedLength > 0 ||
    isBehindQos0(core, session);
}

/** [MQTT-4.6.0-6]: QoS 0 messages that were kept go before new ones. */
function isBehindQos0(core: Core, session: ClientSession): boolean {
  return core.keepsQos0 && session.backlogLength > 0 &&
    (core.options.queueQos0 || session.backlog.qos0 > 0);
}

/** The same for what is retained on the topic and still to come. */
function mustWait(
  core: Core,
  session: ClientSession,
  publication: Publication,
): boolean {
  if (isBehindQos0(core, session)) return true;
  const changed = core.retained.versionOf(publication.message.topic);
  return changed <= session.feed.version;
}

/** To a client that is connected, at most once. */
function deliverQos0(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  connection: Connection,
  grant: Grant,
): void {
  if (!hasRoomForQos0(core, connection)) {
    core.counters.droppedSlowClient++;
    connection.ownExtras.dropped++;
    return;
  }
  sendPublication(connection, publication, 0, 0, grant);
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
  grant: Grant,
  share: string,
): void {
  if (!session.hasWaiting && hasRoom(connection, session, qos)) {
    // Only a session that outlives its connection sends a message again, and
    // only one of a shared subscription can go to another.
    const kept = session.isStored || share !== ""
      ? publication.delivery(qos, grant, share)
      : undefined;
    const packetId = session.inflight.add(
      qos === 1 ? PUBACK_DUE : PUBREC_DUE,
      kept,
    );
    if (kept !== undefined && session.isStored) {
      core.journal?.inFlight(session.clientId, packetId, kept);
    }
    sendPublication(connection, publication, qos, packetId, grant);
    return;
  }
  enqueue(core, session, publication.delivery(qos, grant, share));
  if (isAboveHigh(core, connection)) congest(core, connection, publisher);
}

/** To a session without a connection: in the process, a group, or away. */
function deliverAway(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  session: ClientSession,
  grant: Grant,
  share: string,
): void {
  if (session.handler !== undefined) {
    session.handler(publication.message, false);
  } else if (session.group !== undefined) {
    const { group } = session;
    const member = core.chooser.choose(group, publication, publisher);
    if (member === undefined) {
      core.counters.droppedOffline++;
      return;
    }
    const { subscriber, grant: own } = member;
    deliverTo(core, publisher, publication, subscriber, own, group.filter);
  } else {
    const qos = publication.qos < grant.qos ? publication.qos : grant.qos;
    if (qos > 0 || core.options.queueQos0) {
      enqueue(core, session, publication.delivery(qos, grant, share));
    } else core.counters.droppedOffline++;
  }
}

/** A member of a shared subscription is gone: another one gets its message. */
export function deliverAgain(core: Core, delivery: Delivery): void {
  const { message, share } = delivery;
  const group = core.groups.get(share);
  if (group === undefined || isExpired(core, delivery)) return;
  const publication = new Publication();
  publication.show(message);
  const { subscriber, grant } = group.subscription;
  deliverAway(core, null, publication, subscriber, grant, share);
}

/** Lets a message wait for `session`, unless too much waits already. */
function enqueue(
  core: Core,
  session: ClientSession,
  delivery: Delivery,
): void {
  const { backlog } = session;
  const { size } = delivery.message;
  if (delivery.qos === 0 && session.isStored && isStoreFull(core)) {
    core.counters.droppedStoreFull++;
    countDrop(core, session, "store_full");
    return;
  }
  if (isFull(core, session, size) && !makeRoom(core, session, size)) {
    core.counters.droppedBacklogFull++;
    countDrop(core, session, "backlog_full");
    return;
  }
  backlog.push(delivery);
  if (!session.isStored || core.journal === undefined) return;
  core.journal.waits(session.clientId, delivery);
  if (session.connection === null) backlog.spill();
}
