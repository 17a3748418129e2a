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
import type { Message } from "../../src/codec/message.ts";
import type { QoS } from "../../src/base/qos.ts";

interface InflightRow {
  packetId: number;
  message: Message | undefined;
  qos: QoS;
  isRetained: boolean;
}

class SessionRows {
  readonly subscriptions = new Map<string, QoS>();
  waiting: { message: Message; qos: QoS }[] = [];
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

  sessionBegan(clientId: string): void {
    check(!this.sessions.has(clientId), "a session begins twice");
    this.sessions.set(clientId, new SessionRows());
  }

  sessionEnded(clientId: string): void {
    check(this.sessions.delete(clientId), "no such session ends");
  }

  subscribed(clientId: string, filter: string, qos: QoS): void {
    this.#of(clientId).subscriptions.set(filter, qos);
  }

  unsubscribed(clientId: string, filter: string): void {
    const { subscriptions } = this.#of(clientId);
    check(subscriptions.delete(filter), "no such subscription ends");
  }

  waits(clientId: string, message: Message, qos: QoS): void {
    this.#of(clientId).waiting.push({ message, qos });
  }

  inFlight(
    clientId: string,
    packetId: number,
    message: Message,
    qos: QoS,
    isRetained: boolean,
  ): void {
    const { inflight } = this.#of(clientId);
    check(!inflight.some((row) => row.packetId === packetId), "id in use");
    inflight.push({ packetId, message, qos, isRetained });
  }

  waited(clientId: string, packetId: number): void {
    const first = this.#of(clientId).waiting.shift();
    check(first !== undefined, "nothing waits");
    check((packetId === 0) === (first.qos === 0), "QoS 0 has no packet id");
    if (packetId === 0) return;
    const { message, qos } = first;
    this.inFlight(clientId, packetId, message, qos, false);
  }

  received(clientId: string, packetId: number): void {
    const rows = this.#of(clientId);
    const row = rows.inflight.find((row) => row.packetId === packetId);
    check(row?.qos === 2 && row.message !== undefined, "received before sent");
    // The PUBREL goes out behind what was sent before it.
    rows.inflight = rows.inflight.filter((other) => other !== row);
    rows.inflight.push({ ...row, message: undefined });
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

  load(): StoredState {
    const sessions: StoredSession[] = [];
    for (const [clientId, rows] of this.#rows.sessions) {
      const { subscriptions, inflight, waiting, receivedIds } = rows;
      sessions.push({
        clientId,
        subscriptions: [...subscriptions].map(([filter, qos]) => ({
          filter,
          qos,
        })),
        inflight: inflight.map((row) => ({ ...row })),
        waiting: [...waiting],
        receivedIds: [...receivedIds],
      });
    }
    return { sessions, retained: [...this.#rows.retainedMessages.values()] };
  }

  commit(done: () => void): void {
    done();
  }

  close(): void {}
}
