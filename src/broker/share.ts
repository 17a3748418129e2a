/**
 * Shared subscriptions: who of a group gets a message, and what becomes of
 * the messages of a member that goes away (MQTT 5.0 section 4.8.2).
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { hashTopic } from "../router/route.ts";
import { PUBACK_DUE } from "../session/inflight.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Member, SharedGroup } from "../session/shared_group.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import type { Publication } from "./publication.ts";
import { hasRoom } from "./pump.ts";

/** A live member that can't take more now, but later. */
const COST_BUSY = 1e9;
/** A member that is away; only when no live one is there. */
const COST_AWAY = 2e9;

/** The member of `group` that gets the message; `undefined` for nobody. */
export function chooseMember(
  core: Core,
  group: SharedGroup<Connection>,
  publication: Publication,
  publisher: Connection | null,
): Member<Connection> | undefined {
  const { qos } = publication;
  const cost = (member: Member<Connection>) => costOf(core, member, qos);
  const alike = (member: Member<Connection>) => {
    const full = cost(member);
    return full < COST_BUSY ? 0 : full;
  };
  switch (core.options.shareStrategy) {
    case "least-inflight":
      return group.choose(cost);
    case "hash-client-id":
      return group.choose(steady(cost), clientHash(publisher));
    case "hash-topic":
      return group.choose(steady(cost), topicHash(publication));
    default:
      return group.choose(alike);
  }
}

/** What a member has in hand already; more where it can't take any now. */
function costOf(core: Core, member: Member<Connection>, qos: QoS): number {
  const { subscriber: session, grant } = member;
  const { connection } = session;
  const granted = qos < grant.qos ? qos : grant.qos;
  if (connection === null) {
    const waits = session.persistent &&
      (granted > 0 || core.options.queueQos0);
    return waits ? COST_AWAY + session.backlogLength : Infinity;
  }
  const load = session.inflightSize + session.backlogLength;
  const takes = !session.hasWaiting && hasRoom(connection, session, granted);
  return takes ? load : COST_BUSY + load;
}

/** The same member each time, as long as it is there. */
function steady(
  cost: (member: Member<Connection>) => number,
): (member: Member<Connection>) => number {
  return (member) => {
    const full = cost(member);
    return full < COST_AWAY ? 0 : full;
  };
}

function clientHash(publisher: Connection | null): number {
  const clientId = publisher?.session?.clientId ?? "";
  let hash = 0;
  for (let i = 0; i < clientId.length; i++) {
    hash = Math.imul(hash ^ clientId.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

function topicHash({ bytes, topicAt, topicEnd }: Publication): number {
  return hashTopic(0, bytes, topicAt + 2, topicEnd) >>> 0;
}

/**
 * Takes from a session what it has because of shared subscriptions, for
 * others to have: what waits and, at QoS 1, what is in flight. A QoS 2
 * message that was sent stays with its session [MQTT5-4.8.2-4], also when
 * that ends [MQTT5-4.8.2-5].
 *
 * @param mayTake Of which other members one has to be there.
 */
export function takeShared(
  core: Core,
  session: ClientSession,
  mayTake: (other: ClientSession) => boolean,
): Delivery[] {
  const taken: Delivery[] = [];
  if (core.groups.size === 0) return taken;
  const isWanted = ({ share }: Delivery) =>
    share !== "" && hasOther(core.groups.get(share), session, mayTake);
  if (session.inflightSize > 0) {
    const { inflight } = session;
    for (const { packetId, state, delivery } of inflight.inOrder()) {
      const isTaken = state === PUBACK_DUE && delivery !== undefined &&
        isWanted(delivery);
      if (!isTaken) continue;
      taken.push(delivery);
      inflight.release(packetId);
      if (session.persistent) core.journal?.done(session.clientId, packetId);
    }
  }
  if (session.backlogLength > 0) {
    let kept = 0;
    const extracted = session.backlog.extract((delivery) => {
      const isTaken = isWanted(delivery);
      if (!isTaken) kept++;
      else if (session.persistent) {
        core.journal?.waitsNoMore(session.clientId, kept);
      }
      return isTaken;
    });
    taken.push(...extracted);
  }
  return taken;
}

function hasOther(
  group: SharedGroup<Connection> | undefined,
  session: ClientSession,
  mayTake: (other: ClientSession) => boolean,
): boolean {
  return group !== undefined &&
    group.members.some(({ subscriber }) =>
      subscriber !== session && mayTake(subscriber)
    );
}
