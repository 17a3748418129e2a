/**
 * Shared subscriptions: who of a group gets a message, and what becomes of
 * the messages of a member that goes away (MQTT 5.0 section 4.8.2).
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import { decodeText } from "../codec/text.ts";
import { hashTopic } from "../router/route.ts";
import { PUBACK_DUE } from "../session/inflight.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Member, SharedGroup } from "../session/shared_group.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { isFull } from "./overflow.ts";
import type { Publication } from "./publication.ts";
import { hasRoom } from "./pump.ts";

/** A live member that can't take more now, but later. */
const COST_BUSY = 1e9;
/** A member that is away; only when no live one is there. */
const COST_AWAY = 2e9;
/** A member that has no room; only when no other has. */
const COST_FULL = 3e9;

/** Chooses members of shared subscriptions. One a broker. */
export class MemberChooser {
  readonly #core: Core;
  /** The QoS of the message that is to be given away. */
  #qos: QoS = 0;
  /** Its topic, once somebody has asked for it. */
  #topic: string | undefined;
  #publication: Publication | undefined;

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
    this.#publication = publication;
    this.#topic = undefined;
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

  /** Whether there are members that take the message, and none has room. */
  isFull(group: SharedGroup<Connection>, publication: Publication): boolean {
    this.#qos = publication.qos;
    this.#publication = publication;
    this.#topic = undefined;
    let least = Infinity;
    for (const member of group.members) {
      least = Math.min(least, this.#cost(member));
    }
    return least >= COST_FULL && least < Infinity;
  }

  /** What a member has in hand already; more where it can't take any now. */
  readonly #cost = (member: Member<Connection>): number => {
    const { subscriber, grant } = member;
    const { connection } = subscriber;
    if (member.isChecked && !subscriber.rights.mayRead(this.#topicName())) {
      return Infinity;
    }
    const qos = this.#qos < grant.qos ? this.#qos : grant.qos;
    if (subscriber.handler !== undefined) return 0;
    if (connection === null) {
      const waits = subscriber.persistent &&
        (qos > 0 || this.#core.options.queueQos0);
      if (!waits) return Infinity;
      const cost = this.#isFull(subscriber) ? COST_FULL : COST_AWAY;
      return cost + subscriber.backlogLength;
    }
    const load = subscriber.inflightSize + subscriber.backlogLength;
    const takes = !subscriber.hasWaiting &&
      hasRoom(connection, subscriber, qos);
    if (takes) return load;
    return (this.#isFull(subscriber) ? COST_FULL : COST_BUSY) + load;
  };

  /** Only looked at where it makes a difference to the publisher. */
  #isFull(session: ClientSession): boolean {
    return this.#core.options.queueOverflow === "refuse" && this.#qos > 0 &&
      isFull(this.#core, session, this.#publication!.message.size);
  }

  #topicName(): string {
    const { bytes, topicAt, topicEnd } = this.#publication!;
    return this.#topic ??= decodeText(bytes, topicAt + 2, topicEnd);
  }

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
  // Found once for each group: messages and members may both be many.
  const takers = new Map<string, readonly Member<Connection>[]>([["", []]]);
  const isWanted = ({ message, share }: Delivery) => {
    let others = takers.get(share);
    if (others === undefined) {
      others = takersOf(core.groups.get(share), session, mayTake);
      takers.set(share, others);
    }
    return others.some(({ subscriber, isChecked }) =>
      !isChecked || subscriber.rights.mayRead(message.topic)
    );
  };
  if (session.inflightSize > 0) {
    const { inflight } = session;
    for (const { packetId, state, delivery } of inflight.inOrder()) {
      const isTaken = state === PUBACK_DUE && delivery !== undefined &&
        isWanted(delivery);
      if (!isTaken) continue;
      taken.push(delivery);
      inflight.release(packetId);
      if (session.isStored) core.journal?.done(session.clientId, packetId);
    }
  }
  if (session.backlogLength > 0) {
    const extracted = session.backlog.extract((delivery, before) => {
      const isTaken = isWanted(delivery);
      if (isTaken && session.isStored) {
        core.journal?.waitsNoMore(session.clientId, before);
      }
      return isTaken;
    });
    taken.push(...extracted);
  }
  return taken;
}

/** The other members, or one that may read all: then that is enough. */
function takersOf(
  group: SharedGroup<Connection> | undefined,
  session: ClientSession,
  mayTake: (other: ClientSession) => boolean,
): readonly Member<Connection>[] {
  const others = (group?.members ?? []).filter(({ subscriber }) =>
    subscriber !== session && mayTake(subscriber)
  );
  const free = others.find(({ isChecked }) => !isChecked);
  return free === undefined ? others : [free];
}
