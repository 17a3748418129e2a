/**
 * Puts back what a store has kept, before the first connection.
 *
 * @module
 */

import { PUBACK_DUE, PUBCOMP_DUE, PUBREC_DUE } from "../session/inflight.ts";
import { Session } from "../session/session.ts";
import type { StoredSession, StoredState } from "../session/store.ts";
import { ALL_RIGHTS } from "../topic/rights.ts";
import { rightsOf } from "./access.ts";
import { Away } from "./away.ts";
import type { ClientSession, Core } from "./core.ts";
import { watchExpiry } from "./retain.ts";
import { subscribe } from "./sessions.ts";
import { countWill } from "./wills.ts";

/** Makes sessions and retained messages of `state`. */
export function restore(core: Core, state: StoredState): void {
  for (const message of state.retained) {
    const { topic } = message;
    if (core.retained.set(topic, message)) watchExpiry(core, topic, message);
  }
  for (const stored of state.sessions) restoreSession(core, stored);
}

function restoreSession(core: Core, stored: StoredSession): void {
  // The journal knows it: that is where it comes from.
  const { clientId, userName, expiryMs, hasOwnRights } = stored;
  const session: ClientSession = new Session(
    clientId,
    userName,
    expiryMs,
    core.totals,
  );
  session.number = ++core.sessionsBegun;
  session.isStored = true;
  session.hasOwnRights = hasOwnRights;
  // What came with a login is known when the client logs in again; until then
  // all waits that it may be allowed to read.
  session.rights = hasOwnRights ? ALL_RIGHTS : rightsOf(core, session);
  core.sessions.set(clientId, session);
  core.userSessions.count(session, 1);
  for (const { filter, grant } of stored.subscriptions) {
    subscribe(core, session, filter, grant);
  }
  for (const { packetId, delivery } of stored.inflight) {
    const state = delivery === undefined
      ? PUBCOMP_DUE
      : delivery.qos === 1
      ? PUBACK_DUE
      : PUBREC_DUE;
    session.inflight.put(packetId, state, delivery);
  }
  for (const delivery of stored.waiting) {
    session.backlog.push(delivery);
    core.keepsQos0 ||= delivery.qos === 0;
  }
  if (stored.onDisk > 0) {
    session.backlog.addOnDisk(stored.onDisk, stored.onDiskBytes);
    core.keepsQos0 = true; // for all we know
  }
  for (const packetId of stored.receivedIds) session.received.add(packetId);
  // Not later than now, even if a clock was set back.
  const leftMs = Math.min(stored.leftMs ?? core.nowMs, core.nowMs);
  if (stored.will !== undefined) countWill(core, stored.will);
  new Away(core, session, stored.will, leftMs);
}
