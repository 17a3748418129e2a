/**
 * What becomes of a message for which a session has no room: it is dropped,
 * or an older one is, or it is refused, as `queueOverflow` says.
 *
 * A refusal is all or nothing: when one receiver with a subscription of QoS 1
 * or 2 has no room, nobody gets the message, it is not retained, and its
 * publisher may send it again. A shared subscription has no room when none of
 * its members has. QoS 0 is never refused, for nobody waits for an answer;
 * nor are wills and what comes from inside of the process: those are dropped.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { DropCause } from "../session/drops.ts";
import type { Target } from "../topic/subscription.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import type { Publication } from "./publication.ts";
import { dropExpired, hasRoom } from "./pump.ts";

/** Why it is refused, in words. */
export const QUEUE_FULL = "the queue of a receiver is full";

/** What of one message is in the queues already, as far as it is known. */
interface Ahead {
  /** In that of the session. */
  readonly own: number;
  /** In those of all sessions. */
  readonly all: number;
}

const NOTHING_AHEAD: Ahead = { own: 0, all: 0 };

/** Whether `session` has no room for a message of `size` bytes. */
export function isFull(
  { options: { limits }, totals }: Core,
  { backlogLength, backlogBytes }: ClientSession,
  size: number,
  { own, all }: Ahead = NOTHING_AHEAD,
): boolean {
  return backlogLength + own >= limits.backlogMessagesMax ||
    backlogBytes + size * (own + 1) > limits.backlogBytesMax ||
    totals.backlogBytes + size * (all + 1) > limits.backlogTotalBytesMax;
}

/** Makes room where `session` has none; false where that can't be. */
export function makeRoom(
  core: Core,
  session: ClientSession,
  size: number,
): boolean {
  dropExpired(core, session);
  if (!isFull(core, session, size)) return true;
  if (core.options.queueOverflow !== "drop-oldest") return false;
  const { options: { limits }, totals } = core;
  const others = totals.backlogBytes - session.backlogBytes;
  const isInVain = size > limits.backlogBytesMax ||
    others + size > limits.backlogTotalBytesMax;
  if (isInVain) return false;
  while (isFull(core, session, size)) {
    if (!dropOldest(core, session)) return false;
  }
  return true;
}

/** False while the oldest is being read from the disk, or is in flight. */
function dropOldest(core: Core, session: ClientSession): boolean {
  const { backlog } = session;
  if (backlog.shift() === undefined && !backlog.dropOnDisk()) return false;
  if (session.isStored) core.journal?.waitsNoMore(session.clientId, 0);
  core.counters.droppedBacklogOldest++;
  countDrop(core, session, "backlog_oldest");
  return true;
}

/** Counts for the session, and tells it. */
export function countDrop(
  core: Core,
  session: ClientSession,
  cause: DropCause,
): void {
  const drops = session.drops ??= {};
  drops[cause] = (drops[cause] ?? 0) + 1;
  const isRefused = cause === "backlog_refused";
  // What it has lost while it was here.
  const { connection } = session;
  if (!isRefused && connection !== null) connection.ownExtras.dropped++;
  const message = isRefused
    ? "a message is refused, as a client's queue is full"
    : "a message is dropped for a client";
  core.log("warn", "backlog_full", message, {
    client_id: session.clientId,
    cause,
    dropped: drops[cause],
    waiting: session.backlogLength,
    waiting_bytes: session.backlogBytes,
  });
}

/**
 * Whether a message of a client is to be refused, because a receiver has no
 * room for it; then that is counted.
 */
export function isRefused(
  publisher: Connection,
  publication: Publication,
  targets: readonly Target<ClientSession>[],
): boolean {
  const { core, session } = publisher;
  const { packetId, qos } = publication;
  if (core.options.queueOverflow !== "refuse" || qos === 0) return false;
  // A repetition: it has been routed.
  if (qos === 2 && session!.received.has(packetId)) return false;
  const full = fullReceiver(core, publisher, publication, targets);
  if (full === undefined) return false;
  core.counters.backlogRefused++;
  countDrop(core, full, "backlog_refused");
  return true;
}

function fullReceiver(
  core: Core,
  publisher: Connection,
  publication: Publication,
  targets: readonly Target<ClientSession>[],
): ClientSession | undefined {
  /** How often a session gets it: with `deliversEach` more than once. */
  const counts = new Map<ClientSession, number>();
  let all = 0;
  for (const { subscriber, grant, own: alone } of targets) {
    const isOwn = subscriber.connection === publisher;
    const given = isOwn ? alone?.grant : grant;
    const qos = Math.min(publication.qos, given?.qos ?? 0) as QoS;
    if (qos === 0 || !mustWait(subscriber, qos)) continue;
    const { size } = publication.message;
    const own = counts.get(subscriber) ?? 0;
    const ahead = { own, all: all++ };
    if (hasNoRoom(core, publication, subscriber, size, ahead)) {
      return subscriber;
    }
    if (core.options.deliversEach) counts.set(subscriber, own + 1);
  }
  return undefined;
}

/** Whether it would wait; of a shared subscription nobody knows. */
function mustWait(session: ClientSession, qos: QoS): boolean {
  const { connection, group, handler } = session;
  if (group !== undefined) return true;
  if (handler !== undefined) return false;
  return connection === null || session.hasWaiting ||
    !hasRoom(connection, session, qos);
}

function hasNoRoom(
  core: Core,
  publication: Publication,
  session: ClientSession,
  size: number,
  ahead: Ahead,
): boolean {
  const { group } = session;
  if (group !== undefined) return core.chooser.isFull(group, publication);
  if (!isFull(core, session, size, ahead)) return false;
  dropExpired(core, session);
  return isFull(core, session, size, ahead);
}
