/**
 * A store that believes its journal and nothing else: it keeps rows as a
 * durable store would, from what it is told, and gives them back on `load`.
 * It is the proof that the port says enough; it has no disk.
 */

import type {
  Journal,
  Store,
  StoredSession,
  StoredState,
} from "../../src/session/store.ts";
import type { QoS } from "../../src/base/qos.ts";
import type { Will } from "../../src/codec/connect.ts";
import type { Message } from "../../src/codec/message.ts";
import type { Delivery } from "../../src/session/delivery.ts";
import type { Grant } from "../../src/topic/subscription.ts";

interface InflightRow {
  packetId: number;
  delivery: Delivery | undefined;
}

class SessionRows {
  expiryMs = 0;
  userName: string | undefined;
  hasOwnRights = false;
  leftMs: number | undefined;
  will: Will | undefined;
  readonly subscriptions = new Map<string, Grant>();
  waiting: Delivery[] = [];
  inflight: InflightRow[] = [];
  readonly receivedIds = new Set<number>();
}

/** Refuses what can't be true: told twice, or told of what is not there. */
function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`the journal was told nonsense: ${what}`);
}

class Rows implements Journal {
  readonly sessions = new Map<string, SessionRows>();
  readonly retainedMessages = new Map<string, Message>();

  sessionBegan(clientId: string, expiryMs: number): void {
    check(!this.sessions.has(clientId), "a session begins twice");
    check(expiryMs > 0, "a session that is not kept");
    this.sessions.set(clientId, new SessionRows());
    this.sessionExpires(clientId, expiryMs);
  }

  sessionExpires(clientId: string, expiryMs: number): void {
    this.#of(clientId).expiryMs = expiryMs;
  }

  sessionTaken(
    clientId: string,
    userName: string | undefined,
    hasOwnRights: boolean,
    will: Will | undefined,
  ): void {
    const rows = this.#of(clientId);
    Object.assign(rows, { userName, hasOwnRights, leftMs: undefined, will });
  }

  sessionLeft(clientId: string, atMs: number, will: Will | undefined): void {
    const rows = this.#of(clientId);
    check(rows.leftMs === undefined, "a session is left twice");
    rows.leftMs = atMs;
    rows.will = will;
  }

  willPublished(clientId: string): void {
    const rows = this.#of(clientId);
    check(rows.will !== undefined, "no will waits");
    rows.will = undefined;
  }

  sessionEnded(clientId: string): void {
    check(this.sessions.delete(clientId), "no such session ends");
  }

  subscribed(clientId: string, filter: string, grant: Grant): void {
    this.#of(clientId).subscriptions.set(filter, grant);
  }

  unsubscribed(clientId: string, filter: string): void {
    const { subscriptions } = this.#of(clientId);
    check(subscriptions.delete(filter), "no such subscription ends");
  }

  waits(clientId: string, delivery: Delivery): void {
    this.#of(clientId).waiting.push(delivery);
  }

  inFlight(clientId: string, packetId: number, delivery: Delivery): void {
    const { inflight } = this.#of(clientId);
    check(!inflight.some((row) => row.packetId === packetId), "id in use");
    inflight.push({ packetId, delivery });
  }

  waited(clientId: string, qos: QoS, packetId: number): void {
    const first = this.#of(clientId).waiting.shift();
    check(first !== undefined, "nothing waits");
    check(qos === first.qos, "another message");
    check((packetId === 0) === (qos === 0), "QoS 0 has no packet id");
    if (packetId !== 0) this.inFlight(clientId, packetId, first);
  }

  waitsNoMore(clientId: string, index: number): void {
    const gone = this.#of(clientId).waiting.splice(index, 1);
    check(gone.length === 1, "not so many wait");
  }

  received(clientId: string, packetId: number): void {
    const rows = this.#of(clientId);
    const row = rows.inflight.find((row) => row.packetId === packetId);
    check(row?.delivery?.qos === 2, "received before sent");
    // The PUBREL goes out behind what was sent before it.
    rows.inflight = rows.inflight.filter((other) => other !== row);
    rows.inflight.push({ packetId, delivery: undefined });
  }

  done(clientId: string, packetId: number): void {
    const rows = this.#of(clientId);
    const before = rows.inflight.length;
    rows.inflight = rows.inflight.filter((row) => row.packetId !== packetId);
    check(rows.inflight.length === before - 1, "done before sent");
  }

  idReceived(clientId: string, packetId: number): void {
    const { receivedIds } = this.#of(clientId);
    check(!receivedIds.has(packetId), "an id is received twice");
    receivedIds.add(packetId);
  }

  idReleased(clientId: string, packetId: number): void {
    const { receivedIds } = this.#of(clientId);
    check(receivedIds.delete(packetId), "released before received");
  }

  retained(topic: string, message: Message): void {
    check(message.topic === topic, "a message of another topic");
    this.retainedMessages.set(topic, message);
  }

  retainedCleared(topic: string): void {
    this.retainedMessages.delete(topic);
  }

  #of(clientId: string): SessionRows {
    const rows = this.sessions.get(clientId);
    check(rows !== undefined, `no session ${clientId}`);
    return rows;
  }
}

/** Keeps in memory what it is told, for the broker that comes after. */
export class RecordingStore implements Store {
  readonly #rows = new Rows();
  readonly journal: Journal = this.#rows;
  readonly isBroken = false;
  /** How many of those that wait are in memory after a start. */
  inMemory = Infinity;

  load(): StoredState {
    const sessions: StoredSession[] = [];
    for (const [clientId, rows] of this.#rows.sessions) {
      const { subscriptions, inflight, waiting, receivedIds } = rows;
      sessions.push({
        clientId,
        expiryMs: rows.expiryMs,
        userName: rows.userName,
        hasOwnRights: rows.hasOwnRights,
        leftMs: rows.leftMs,
        will: rows.will,
        subscriptions: [...subscriptions].map(([filter, grant]) => ({
          filter,
          grant,
        })),
        inflight: inflight.map((row) => ({ ...row })),
        waiting: waiting.slice(0, this.inMemory),
        onDisk: Math.max(waiting.length - this.inMemory, 0),
        onDiskBytes: waiting.slice(this.inMemory)
          .reduce((sum, { message }) => sum + message.size, 0),
        receivedIds: [...receivedIds],
      });
    }
    return { sessions, retained: [...this.#rows.retainedMessages.values()] };
  }

  commit(done: (() => void) | undefined): void {
    done?.();
  }

  page(
    clientId: string,
    skip: number,
    max: number,
    take: (page: readonly Delivery[], nowMs: number) => void,
  ): void {
    const { waiting } = this.#rows.sessions.get(clientId)!;
    take(waiting.slice(skip, skip + max), 0);
  }

  close(done: () => void): void {
    done();
  }
}
