/**
 * Sessions and their subscriptions as they begin and end. A subscription to
 * `$share/…` is a place in a group, which has one at the router.
 *
 * @module
 */

import { Session } from "../session/session.ts";
import { SharedGroup } from "../session/shared_group.ts";
import {
  type Grant,
  PLAIN_GRANTS,
  type Subscription,
} from "../topic/subscription.ts";
import { utf8Length } from "../base/utf8.ts";
import { sharedFilterOf } from "../topic/shared_filter.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { deliverAgain } from "./deliver.ts";
import { takeShared } from "./share.ts";

/** Memory that a group takes beside its name, bytes, about. */
const GROUP_BYTES = 600;

/** Begins a session that outlives its connection by `expiryMs`. */
export function beginSession(
  core: Core,
  clientId: string,
  userName: string | undefined,
  expiryMs: number,
): ClientSession {
  const session: ClientSession = new Session(
    clientId,
    userName,
    expiryMs,
    core.totals,
  );
  session.number = ++core.sessionsBegun;
  core.sessions.set(clientId, session);
  session.isStored = session.persistent;
  core.userSessions.count(session, 1);
  if (session.isStored) core.journal?.sessionBegan(clientId, expiryMs);
  return session;
}

/** The session outlives its connection by `expiryMs` from now on. */
export function setExpiry(
  core: Core,
  session: ClientSession,
  expiryMs: number,
): void {
  if (session.expiryMs === expiryMs) return;
  core.userSessions.count(session, -1);
  session.expiryMs = expiryMs;
  core.userSessions.count(session, 1);
  // Also when it is not to be kept any more: what waits for it is there.
  if (session.isStored) {
    core.journal?.sessionExpires(session.clientId, expiryMs);
  }
}

/** Ends a session: its subscriptions, its messages, itself, its will. */
export function endSession(core: Core, session: ClientSession): void {
  const away = core.away.get(session);
  const shared = takeShared(core, session, () => true);
  for (const subscription of session.subscriptions.values()) {
    leaveRouter(core, subscription);
  }
  session.subscriptions.clear();
  session.clearMessages();
  core.sessions.delete(session.clientId);
  core.userSessions.count(session, -1);
  if (session.isStored) {
    core.journal?.sessionEnded(session.clientId);
    core.endings.add(session.clientId);
  }
  for (const delivery of shared) deliverAgain(core, delivery);
  away?.end();
}

/** The session has no connection any more: others get what was shared. */
export function handOver(core: Core, session: ClientSession): void {
  if (core.groups.size === 0) return;
  const isLive = (other: ClientSession) =>
    other.connection !== null || other.handler !== undefined;
  const shared = takeShared(core, session, isLive);
  for (const delivery of shared) deliverAgain(core, delivery);
}

/** Whether there is memory for a subscription to `filter`. */
export function hasRoomFor(core: Core, filter: string): boolean {
  const { groups, options: { limits }, router } = core;
  const shared = sharedFilterOf(filter);
  const more = router.filterBytesFor(shared ?? filter) +
    (shared === undefined || groups.has(filter) ? 0 : groupBytesOf(filter));
  if (more === 0) return true;
  const bytes = router.filterBytes + core.groupBytes + more;
  return bytes <= limits.subscriptionsBytesMax;
}

/** Subscribes `session`, which has no subscription with this filter. */
export function subscribe(
  core: Core,
  session: ClientSession,
  filter: string,
  grant: Grant,
): Subscription<ClientSession> {
  const shared = sharedFilterOf(filter);
  const subscription = shared === undefined
    ? core.router.subscribe(session, filter, grant)
    : groupOf(core, filter, shared).join(session, grant);
  session.subscriptions.add(subscription);
  core.subscriptionCount++;
  return subscription;
}

/** Changes what a subscription grants. */
export function regrant(
  core: Core,
  subscription: Subscription<ClientSession>,
  grant: Grant,
): void {
  if (core.groups.has(subscription.filter)) subscription.grant = grant;
  else core.router.regrant(subscription, grant);
}

/** Ends a subscription. */
export function unsubscribe(
  core: Core,
  subscription: Subscription<ClientSession>,
): void {
  const { subscriber } = subscription;
  subscriber.subscriptions.delete(subscription.filter);
  // [MQTT-3.10.4-2]: nothing is added any more for delivery.
  if (subscriber.feedLength > 0) subscriber.feed.drop(subscription);
  leaveRouter(core, subscription);
}

function leaveRouter(
  core: Core,
  subscription: Subscription<ClientSession>,
): void {
  core.subscriptionCount--;
  const group = core.groups.get(subscription.filter);
  if (group === undefined) {
    core.router.unsubscribe(subscription);
    return;
  }
  group.leave(subscription);
  if (group.members.length > 0) return;
  core.router.unsubscribe(group.subscription);
  core.groups.delete(group.filter);
  core.groupBytes -= groupBytesOf(group.filter);
}

function groupOf(
  core: Core,
  filter: string,
  shared: string,
): SharedGroup<Connection> {
  const known = core.groups.get(filter);
  if (known !== undefined) return known;
  const stand: ClientSession = new Session(
    filter,
    undefined,
    0,
    core.totals,
  );
  const subscription = core.router.subscribe(stand, shared, PLAIN_GRANTS[2]);
  const group = new SharedGroup<Connection>(filter, subscription);
  stand.group = group;
  core.groups.set(filter, group);
  core.groupBytes += groupBytesOf(filter);
  return group;
}

function groupBytesOf(filter: string): number {
  return GROUP_BYTES + utf8Length(filter);
}
