/**
 * A session: what the broker knows of a client beyond its connection (MQTT
 * 3.1.1 section 3.1.2.4). It knows nothing of sockets; who moves messages
 * through it is `broker/deliver.ts` and `broker/pump.ts`.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { Message } from "../codec/message.ts";
import { ALL_RIGHTS, type Rights } from "../topic/rights.ts";
import type { Subscriber } from "../topic/subscription.ts";
import { Backlog, type BacklogTotal } from "./backlog.ts";
import type { Drops } from "./drops.ts";
import { Inflight } from "./inflight.ts";
import { ReceivedIds } from "./received_ids.ts";
import { Subscriptions } from "./subscriptions.ts";
import { RetainedFeed, type RetainedPending } from "./retained_feed.ts";
import type { SharedGroup } from "./shared_group.ts";

/** What all sessions of a broker hold together. */
export interface SessionTotals extends BacklogTotal, RetainedPending {}

/** Takes a message inside of the process; it must not call the broker. */
export type MessageHandler = (message: Message, retain: boolean) => void;

/**
 * One client's session. The parts are made when they are needed first: an
 * idle subscriber owns its subscription and nothing else.
 *
 * `C` is the connection, which this room does not know.
 */
export class Session<C> implements Subscriber {
  /** See {@linkcode Subscriber}. */
  get wantsEach(): boolean {
    return this.group !== undefined;
  }
  /** See {@linkcode Subscriber}. */
  routeMark = 0;
  /** See {@linkcode Subscriber}. */
  routeIndex = 0;
  /** The client identifier. */
  readonly clientId: string;
  /**
   * How long it outlives its connection: 0 for not at all, as with clean
   * session 1; `Infinity` for ever, as with clean session 0.
   */
  expiryMs: number;
  /**
   * Whether a store keeps it: from its beginning to its end, also when the
   * client comes back and says that this connection is its last.
   */
  isStored = false;
  /** What the client may do. */
  rights: Rights = ALL_RIGHTS;
  /** Whether the rights came with the login, and not from the rules. */
  hasOwnRights = false;
  /**
   * Whose it is: the user name, if the client gave one or has proved it. It
   * stays with who has begun the session.
   */
  readonly userName: string | undefined;
  /** The connection, while there is one. */
  connection: C | null = null;
  /** Greater than that of all sessions begun before. */
  number = 0;
  /** What takes the messages inside of the process, without connection. */
  handler: MessageHandler | undefined;
  /** What it has lost for want of room; `undefined` when nothing. */
  drops: Drops | undefined;
  /** Who takes them in turn, when this stands for a shared subscription. */
  group: SharedGroup<C> | undefined;
  readonly #totals: SessionTotals;
  #subscriptions: Subscriptions<Session<C>> | undefined;
  #inflight: Inflight | undefined;
  #backlog: Backlog | undefined;
  #received: ReceivedIds | undefined;
  #feed: RetainedFeed<Session<C>> | undefined;

  /** A session without subscriptions and messages. */
  constructor(
    clientId: string,
    userName: string | undefined,
    expiryMs: number,
    totals: SessionTotals,
  ) {
    this.clientId = clientId;
    this.userName = userName;
    this.expiryMs = expiryMs;
    this.#totals = totals;
  }

  /** Whether it outlives its connection. */
  get persistent(): boolean {
    return this.expiryMs > 0;
  }

  /** The subscriptions by filter. */
  get subscriptions(): Subscriptions<Session<C>> {
    return this.#subscriptions ??= new Subscriptions();
  }

  /** Messages sent and not yet acknowledged. */
  get inflight(): Inflight {
    return this.#inflight ??= new Inflight(this.#totals);
  }

  /** Messages that wait to be sent. */
  get backlog(): Backlog {
    return this.#backlog ??= new Backlog(this.#totals);
  }

  /** Retained messages that wait to be sent. */
  get feed(): RetainedFeed<Session<C>> {
    return this.#feed ??= new RetainedFeed(this.#totals);
  }

  /** QoS 2 packet ids received and not yet released. */
  get received(): ReceivedIds {
    return this.#received ??= new ReceivedIds();
  }

  /** How many messages wait, without making a place for them. */
  get backlogLength(): number {
    return this.#backlog === undefined ? 0 : this.#backlog.length;
  }

  /** What the waiting messages take, bytes. */
  get backlogBytes(): number {
    return this.#backlog === undefined ? 0 : this.#backlog.bytes;
  }

  /** For how many subscriptions retained messages are pending. */
  get feedLength(): number {
    return this.#feed === undefined ? 0 : this.#feed.length;
  }

  /** How many messages are in flight. */
  get inflightSize(): number {
    return this.#inflight === undefined ? 0 : this.#inflight.size;
  }

  /** What the messages in flight that are kept take, bytes. */
  get inflightBytes(): number {
    return this.#inflight === undefined ? 0 : this.#inflight.bytes;
  }

  /** How many QoS 2 packet ids the client has not released. */
  get receivedSize(): number {
    return this.#received === undefined ? 0 : this.#received.size;
  }

  /** How many subscriptions there are. */
  get subscriptionsSize(): number {
    return this.#subscriptions === undefined ? 0 : this.#subscriptions.size;
  }

  /** Whether messages wait that may go out when there is room. */
  get hasWaiting(): boolean {
    return this.backlogLength > 0 || this.feedLength > 0;
  }

  /** Drops all messages; subscriptions are the router's to remove. */
  clearMessages(): void {
    this.#backlog?.clear();
    this.#feed?.clear();
    this.#inflight?.clear();
    this.#received = undefined;
  }

  /** Asserts what always holds. */
  checkInvariants(inflightMax: number): void {
    assert(this.inflightSize <= inflightMax, "window within its limit");
    assert(this.backlogBytes >= 0, "backlog counts down to zero");
    assert(
      this.backlogLength > 0 || this.backlogBytes === 0,
      "an empty backlog holds no bytes",
    );
    for (const subscription of this.#subscriptions?.values() ?? []) {
      const { filter } = subscription;
      assert(this.subscriptions.get(filter) === subscription, "by its filter");
      assert(subscription.subscriber === this, "own subscription");
    }
  }
}
