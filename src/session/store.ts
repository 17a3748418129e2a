/**
 * The store port: what a durable store must keep, told as rows. The store
 * knows rows only; routing and delivery are not its business.
 *
 * The broker calls a {@linkcode Journal} while it receives (law 1 of a
 * turn), then {@linkcode Store.commit} (law 2), and sends (law 3) only when
 * that has called back. Only persistent sessions and retained messages are
 * told: the rest is not meant to survive.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Will } from "../codec/connect.ts";
import type { Message } from "../codec/message.ts";
import type { StoreFigures } from "../metrics/store_figures.ts";
import type { Grant } from "../topic/subscription.ts";
import type { Delivery } from "./delivery.ts";

/** A change of what must survive. */
export interface Journal {
  /** A persistent session begins; it outlives its connection that long. */
  sessionBegan(clientId: string, expiryMs: number): void;
  /**
   * How long a persistent session outlives its connection has changed; 0
   * for not at all, and then it is kept until that ends.
   */
  sessionExpires(clientId: string, expiryMs: number): void;
  /**
   * A client has the session from now on: no will of it waits any more.
   *
   * @param hasOwnRights Whether what it may do came with its login.
   * @param will What is published if nobody tells that it has left.
   */
  sessionTaken(
    clientId: string,
    userName: string | undefined,
    hasOwnRights: boolean,
    will: Will | undefined,
  ): void;
  /**
   * The session has no connection since `atMs`.
   *
   * @param will What is published when its delay is over.
   */
  sessionLeft(clientId: string, atMs: number, will: Will | undefined): void;
  /** The will that waited is published. */
  willPublished(clientId: string): void;
  /** A persistent session ends, with all that belongs to it. */
  sessionEnded(clientId: string): void;
  /** A subscription is made, or what it grants changes. */
  subscribed(clientId: string, filter: string, grant: Grant): void;
  /** A subscription ends. */
  unsubscribed(clientId: string, filter: string): void;
  /** A message waits for a session, behind those that wait already. */
  waits(clientId: string, delivery: Delivery): void;
  /** A message that did not wait is in flight with this packet id. */
  inFlight(clientId: string, packetId: number, delivery: Delivery): void;
  /**
   * The first message that waits is in flight with this QoS and packet id;
   * at QoS 0 it is done with. At QoS 1 the store may take its time: if that
   * is lost, the message waits, and is sent again as it may be.
   */
  waited(clientId: string, qos: QoS, packetId: number): void;
  /**
   * The message `index` places from the first that waits waits no more: it
   * has expired, or another session gets it.
   */
  waitsNoMore(clientId: string, index: number): void;
  /** QoS 2: the client has received the message; PUBREL is out. */
  received(clientId: string, packetId: number): void;
  /** The client has acknowledged: the message is done with. */
  done(clientId: string, packetId: number): void;
  /** QoS 2 from the client: this packet id is passed on, not released. */
  idReceived(clientId: string, packetId: number): void;
  /** QoS 2 from the client: this packet id is released. */
  idReleased(clientId: string, packetId: number): void;
  /** A topic's retained message. */
  retained(topic: string, message: Message): void;
  /** A topic has no retained message any more. */
  retainedCleared(topic: string): void;
}

/** A session as it was when the last commit was made. */
export interface StoredSession {
  /** The client identifier. */
  readonly clientId: string;
  /** Whose it is; nobody else gets what is in it. */
  readonly userName: string | undefined;
  /** How long it outlives its connection; `Infinity` for ever. */
  readonly expiryMs: number;
  /** Whether what that client might do came with its login. */
  readonly hasOwnRights: boolean;
  /**
   * Since when it has no connection, at the latest; `undefined` where nobody
   * knows, and it is now.
   */
  readonly leftMs: number | undefined;
  /**
   * What waits to be published because the client was lost, be it by the
   * broker's own end: MQTT 5.0 section 3.1.2.5 lets it wait for a restart.
   */
  readonly will: Will | undefined;
  /** Filters and what is granted. */
  readonly subscriptions: readonly { filter: string; grant: Grant }[];
  /** In flight, in the order in which they were sent. */
  readonly inflight: readonly {
    packetId: number;
    /** `undefined` once the client has received it: PUBREL is out. */
    delivery: Delivery | undefined;
  }[];
  /** Waiting, in order: those that have to be in memory. */
  readonly waiting: readonly Delivery[];
  /** How many wait behind those, to be asked for when it is their turn. */
  readonly onDisk: number;
  /** What those take in memory, bytes. */
  readonly onDiskBytes: number;
  /** QoS 2 packet ids received and not released. */
  readonly receivedIds: readonly number[];
}

/** Everything as it was when the last commit was made. */
export interface StoredState {
  /** The persistent sessions. */
  readonly sessions: Iterable<StoredSession>;
  /** The retained messages. */
  readonly retained: Iterable<Message>;
}

/** Where state is kept. */
export interface Store {
  /** Where to tell changes; `undefined` when nothing survives a stop. */
  readonly journal: Journal | undefined;
  /**
   * Whether nothing can be kept at the moment: commits are not done until
   * that is over.
   */
  readonly isBroken: boolean;
  /** What it counts; `undefined` where it has nothing to write. */
  readonly figures?: Readonly<StoreFigures>;
  /** What it takes on disk, bytes, about; unless given, nobody knows. */
  readonly bytes?: number;
  /** It is full: what has been let go of is to be given back soon. */
  makeRoom?(): void;
  /** What was kept: asked once, before the first connection. */
  load(): StoredState;
  /**
   * Makes durable what the journal was told; calls `done` when it is, at
   * once or later, in the order of the calls. Without `done` nobody waits
   * for it, and it may take its time.
   */
  commit(done: (() => void) | undefined): void;
  /**
   * Reads what waits for a session: at most `max` messages, from the one
   * `skip` places behind the first. Calls `take` with them, in order, and
   * with the time; at once or later.
   */
  page(
    clientId: string,
    skip: number,
    max: number,
    take: (page: readonly Delivery[], nowMs: number) => void,
  ): void;
  /** Ends the store's use; calls `done` when all is kept, or lost. */
  close(done: () => void): void;
}
