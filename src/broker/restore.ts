/**
 * Puts back what a store has kept, before the first connection.
 *
 * @module
 */

import { PUBACK_DUE, PUBCOMP_DUE, PUBREC_DUE } from "../session/inflight.ts";
import { Session } from "../session/session.ts";
import type { StoredSession, StoredState } from "../session/store.ts";
import { Away } from "./away.ts";
import type { ClientSession, Core } from "./core.ts";
import { watchExpiry } from "./retain.ts";
import { subscribe } from "./sessions.ts";

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
  const { clientId, expiryMs } = stored;
  const session: ClientSession = new Session(clientId, expiryMs, core.totals);
  core.sessions.set(clientId, session);
  session.hasOtherRights = true; // all, until its client has logged in
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
  for (const delivery of stored.waiting) session.backlog.push(delivery);
  for (const packetId of stored.receivedIds) session.received.add(packetId);
  new Away(core, session, undefined);
}
