/**
 * Puts back what a store has kept, before the first connection.
 *
 * @module
 */

import { PUBACK_DUE, PUBREC_DUE } from "../session/inflight.ts";
import { PLAIN_GRANTS } from "../topic/subscription.ts";
import { Session } from "../session/session.ts";
import type { StoredSession, StoredState } from "../session/store.ts";
import type { ClientSession, Core } from "./core.ts";

/** Makes sessions and retained messages of `state`. */
export function restore(core: Core, state: StoredState): void {
  for (const message of state.retained) {
    core.retained.set(message.topic, message);
  }
  for (const stored of state.sessions) restoreSession(core, stored);
}

function restoreSession(core: Core, stored: StoredSession): void {
  const session: ClientSession = new Session(
    stored.clientId,
    true,
    core.totals,
  );
  core.sessions.set(stored.clientId, session);
  for (const { filter, qos } of stored.subscriptions) {
    const subscription = core.router.subscribe(
      session,
      filter,
      PLAIN_GRANTS[qos],
    );
    session.subscriptions.add(subscription);
  }
  for (const entry of stored.inflight) {
    const { packetId, message, qos, isRetained } = entry;
    const state = qos === 1 ? PUBACK_DUE : PUBREC_DUE;
    session.inflight.put(packetId, state, message, isRetained);
    if (message === undefined) session.inflight.received(packetId);
  }
  for (const { message, qos } of stored.waiting) {
    session.backlog.push({ message, qos });
  }
  for (const packetId of stored.receivedIds) session.received.add(packetId);
}
