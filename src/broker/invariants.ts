/**
 * What always holds between turns; for tests, which ask after every step.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { Host } from "./addresses.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import type { Door } from "./door.ts";
import { CONGESTED } from "./flow.ts";

/** Asserts that the broker's state is whole. */
export function checkInvariants(core: Core): void {
  checkSessions(core);
  checkShares(core);
  checkPlaces(core);
  let partialBytes = 0;
  let aliasBytes = 0;
  let hasWills = false;
  for (const connection of core.connections) {
    checkConnection(connection);
    partialBytes += connection.partialBytes;
    aliasBytes += connection.extras.aliasBytes;
    hasWills ||= connection.will !== undefined;
  }
  for (const away of core.away.values()) hasWills ||= away.hasWill;
  assert(core.aliasBytes === aliasBytes, "aliases add up");
  assert((core.willBytes > 0) === hasWills, "wills are counted");
  assert(core.partialBytes === partialBytes, "half packets add up");
  assert(!core.run.active, "no run outlives its turn");
}

function checkSessions(core: Core): void {
  let subscriptions = 0;
  let backlogBytes = 0;
  for (const [clientId, session] of core.sessions) {
    assert(session.clientId === clientId, "session by its client id");
    session.checkInvariants(core.options.limits.inflightOutMax);
    subscriptions += session.subscriptions.size;
    backlogBytes += session.backlogBytes + session.inflightBytes;
    assert(
      session.persistent || session.connection !== null ||
        session.handler !== undefined,
      "a clean session has somebody behind it",
    );
  }
  core.userSessions.checkInvariants(core.sessions.values());
  assert(core.subscriptionCount === subscriptions, "subscriptions add up");
  assert(core.totals.backlogBytes === backlogBytes, "messages add up");
  for (const session of core.away.keys()) {
    assert(session.connection === null, "away means without a connection");
    assert(core.sessions.get(session.clientId) === session, "away, not gone");
  }
}

function checkShares(core: Core): void {
  let members = 0;
  for (const group of core.groups.values()) {
    assert(group.members.length > 0, "a group has members");
    members += group.members.length;
  }
  assert(
    core.router.size === core.subscriptionCount - members + core.groups.size,
    "no subscription is orphaned",
  );
  assert((core.groupBytes > 0) === (core.groups.size > 0), "groups count");
  assert((core.router.filterBytes > 0) === (core.router.size > 0), "so do all");
}

function checkPlaces({ connections }: Core): void {
  const taken = new Map<Host | Door, number>();
  const named = new Map<Host, number>();
  for (const { host, session, transport: { door } } of connections) {
    taken.set(door, (taken.get(door) ?? 0) + 1);
    if (host === undefined) continue;
    taken.set(host, (taken.get(host) ?? 0) + 1);
    const isNamed = session?.userName !== undefined;
    named.set(host, (named.get(host) ?? 0) + (isNamed ? 1 : 0));
  }
  for (const [host, count] of named) {
    assert(host.clients === count, "clients add up");
  }
  for (const [place, count] of taken) {
    assert(place.connections === count, "connections add up");
  }
}

function checkConnection(connection: Connection): void {
  const { flow, phase, session, waiters } = connection;
  assert(phase !== "closed", "a closed connection is forgotten");
  assert((phase === "open") === (session !== null), "open means a session");
  assert(
    session === null || session.connection === connection,
    "the session knows its connection",
  );
  assert(flow === CONGESTED || waiters.size === 0, "who waits");
}
