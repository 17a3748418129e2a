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

/** Chooses members of shared subscriptions. One a broker. */
export class MemberChooser {
  readonly #core: Core;
  /** The QoS of the message that is to be given away. */
  #qos: QoS = 0;

  /** For a broker and its strategy. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** The member of `group` that gets the message; `undefined` for nobody. */
  choose(
    group: SharedGroup<Connection>,
    publication: Publication,
    publisher: Connection | null,
  ): Member<Connection> | undefined {
    this.#qos = publication.qos;
    switch (this.#core.options.shareStrategy) {
      case "least-inflight":
        return group.choose(this.#cost);
      case "hash-client-id":
        return group.choose(this.#steady, clientHash(publisher));
      case "hash-topic":
        return group.choose(this.#steady, topicHash(publication));
      default:
        return group.choose(this.#ready);
    }
  }

  /** What a member has in hand already; more where it can't take any now. */
  readonly #cost = ({ subscriber, grant }: Member<Connection>): number => {
    const { connection } = subscriber;
    const qos = this.#qos < grant.qos ? this.#qos : grant.qos;
    if (subscriber.handler !== undefined) return 0;
    if (connection === null) {
      const waits = subscriber.persistent &&
        (qos > 0 || this.#core.options.queueQos0);
      return waits ? COST_AWAY + subscriber.backlogLength : Infinity;
    }
    const load = subscriber.inflightSize + subscriber.backlogLength;
    const takes = !subscriber.hasWaiting &&
      hasRoom(connection, subscriber, qos);
    return takes ? load : COST_BUSY + load;
  };

  /** All who can take it now are alike. */
  readonly #ready = (member: Member<Connection>): number => {
    const cost = this.#cost(member);
    return cost < COST_BUSY ? 0 : cost;
  };

  /** All who are there are alike: it is the same one each time. */
  readonly #steady = (member: Member<Connection>): number => {
    const cost = this.#cost(member);
    return cost < COST_AWAY ? 0 : cost;
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
