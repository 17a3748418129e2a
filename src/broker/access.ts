/**
 * What clients may do, and when it changes. The rules are asked when a route
 * is compiled and when a client publishes where it did not before: messages
 * that flow pay a comparison.
 *
 * @module
 */

import type { Route } from "../router/route.ts";
import type { Message } from "../codec/message.ts";
import { NOT_AUTHORIZED } from "../codec/reason_code.ts";
import { ALL_RIGHTS, type Rights } from "../topic/rights.ts";
import { isBridgeState, isSystemTopic } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { deliverAgain } from "./deliver.ts";

/**
 * Whether `session` may publish on the route's topic; counts if not. What
 * was found out last is kept with the route: mostly one client publishes
 * there, or several with the same rights.
 */
export function mayPublish(
  core: Core,
  { rights, clientId }: ClientSession,
  route: Route<ClientSession>,
): boolean {
  if (route.allowedFor === rights) return true;
  if (allowsPublish(rights, route.topic)) {
    route.allowedFor = rights;
    return true;
  }
  tellDenied(core, clientId, route.topic);
  return false;
}

/** Whether a client with these rights may publish on `topic`. */
export function allowsPublish(rights: Rights, topic: string): boolean {
  const isOurs = isSystemTopic(topic) && !isBridgeState(topic);
  return !isOurs && rights.mayPublish(topic);
}

/** Counts a message that is not published because its client may not. */
export function tellDenied(core: Core, clientId: string, topic: string): void {
  core.counters.publishDenied++;
  core.log("warn", "publish_denied", "no right to publish on this topic", {
    client_id: clientId,
    topic,
  });
}

/** The rights that the broker's rules give to a session. */
export function rightsOf(
  { options: { authorizer } }: Core,
  { clientId, userName }: Pick<ClientSession, "clientId" | "userName">,
): Rights {
  return authorizer?.rightsOf({ clientId, userName }) ?? ALL_RIGHTS;
}

/**
 * From now on `session` has these rights. What it may not read any more
 * stops to be delivered; its subscriptions stay.
 */
export function setRights(
  core: Core,
  session: ClientSession,
  rights: Rights,
): void {
  if (session.rights === rights) return;
  session.rights = rights;
  for (const subscription of session.subscriptions.values()) {
    const group = core.groups.get(subscription.filter);
    if (group === undefined) core.router.recheck(subscription);
    else group.recheck(subscription);
  }
}

/**
 * Drops what waits for `session` although it may not read it any more: it
 * has come to wait under other rights. (Of retained messages it is asked as
 * they go out.) Another member gets what is shared.
 * While the client is away all stays, for it may get its rights back.
 */
export function dropUnreadable(core: Core, session: ClientSession): void {
  const { rights, clientId, persistent } = session;
  if (rights === ALL_RIGHTS) return;
  const mayRead = ({ topic }: Message) => rights.mayRead(topic);
  if (session.backlogLength === 0) return;
  const dropped = session.backlog.extract(({ message }, before) => {
    if (mayRead(message)) return false;
    if (persistent) core.journal?.waitsNoMore(clientId, before);
    return true;
  });
  for (const delivery of dropped) {
    if (delivery.share !== "") deliverAgain(core, delivery);
    else core.counters.droppedDenied++;
  }
}

/**
 * Users or rules have changed. Clients that may not be here any more are
 * told so and disconnected; the others have the rights that they have now.
 */
export function renewAccess(core: Core): void {
  // First the rights: the wills of those who have to go are subject to them.
  for (const session of core.sessions.values()) {
    const isRuled = session.handler === undefined && !session.hasOwnRights;
    if (isRuled) setRights(core, session, rightsOf(core, session));
  }
  for (const { session } of core.connections) {
    if (session !== null) dropUnreadable(core, session);
  }
  core.router.forgetRoutes(); // which keep old rights alive
  for (const connection of [...core.connections]) {
    if (!isStillAdmitted(connection)) {
      const detail = "the right to connect was taken away";
      connection.close("not_admitted", detail, NOT_AUTHORIZED);
    }
  }
}

function isStillAdmitted({ phase, admission }: Connection): boolean {
  if (phase !== "open" || admission === undefined) return true;
  const { by, proof } = admission;
  return by.stillAdmits?.(proof) ?? true;
}
