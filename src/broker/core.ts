/**
 * The broker without sockets, clock and disk: sessions, subscriptions,
 * retained messages, and the turn.
 *
 * The three laws of a turn: **receive** changes memory only
 * (`Connection.receive`), **commit** writes what must survive, **flush**
 * sends (both {@linkcode Core.endTurn}). So nothing is acknowledged before
 * it is kept, and many packets cost one commit and one write a receiver.
 *
 * @module
 */

import { Deadlines } from "../base/deadlines.ts";
import { Ring } from "../base/ring.ts";
import type { LogFields, LogLevel } from "../base/logger.ts";
import { Framer } from "../codec/framer.ts";
import { OutgoingPublish } from "../codec/outgoing_publish.ts";
import { PublishView } from "../codec/publish.ts";
import { Counters } from "../metrics/counters.ts";
import { Measures } from "../metrics/measures.ts";
import { BufferPool } from "../queue/buffer_pool.ts";
import { RetainedMessages } from "../router/retained.ts";
import { Router } from "../router/router.ts";
import type { Session, SessionTotals } from "../session/session.ts";
import type { SharedGroup } from "../session/shared_group.ts";
import type { Journal } from "../session/store.ts";
import { Addresses } from "./addresses.ts";
import { obstacleTo } from "./arrival.ts";
import type { Away } from "./away.ts";
import { Bans } from "./bans.ts";
import { Connection } from "./connection.ts";
import { Endings } from "./endings.ts";
import { Housekeeping } from "./housekeeping.ts";
import { LongTurns } from "./long_turns.ts";
import type { BrokerOptions, ChangeableOptions } from "./options.ts";
import { Publication } from "./publication.ts";
import { PublishRun } from "./publish_run.ts";
import { Reconnects } from "./reconnects.ts";
import { RetainedTurns } from "./retained_turns.ts";
import { restore } from "./restore.ts";
import type { RetainedExpiry } from "./retain.ts";
import { Scratch } from "./scratch.ts";
import { MemberChooser } from "./share.ts";
import type { Timed } from "./timed.ts";
import type { Transport } from "./transport.ts";
import { UserSessions } from "./user_sessions.ts";

/** A session of this broker. */
export type ClientSession = Session<Connection>;

/** The broker. */
export class Core {
  /** What it was made with. */
  readonly options: BrokerOptions;
  /** What it counts. */
  readonly counters: Counters = new Counters();
  /** The buffers of all write queues. */
  readonly pool: BufferPool = new BufferPool();
  /** What all sessions hold together. */
  readonly totals: SessionTotals = { backlogBytes: 0, retainedPending: 0 };
  /** The subscriptions. */
  readonly router: Router<ClientSession>;
  /** The retained messages. */
  readonly retained: RetainedMessages;
  /** All sessions by client identifier. */
  readonly sessions: Map<string, ClientSession> = new Map();
  /** How many of those that are kept each user has. */
  readonly userSessions: UserSessions = new UserSessions();
  /** All connections that are not closed. */
  readonly connections: Set<Connection> = new Set();
  /** All deadlines. */
  readonly deadlines: Deadlines<Timed> = new Deadlines();
  /** The message that is being routed, reused. */
  readonly publication: Publication = new Publication();
  /** A message that was kept, on its way out, reused. */
  readonly view: PublishView = new PublishView();
  /** How a receiver gets a message, reused. */
  readonly outgoing: OutgoingPublish = new OutgoingPublish();
  /** Packets that are written anew before they are routed. */
  readonly scratch: Scratch = new Scratch();
  /** Who of a shared subscription gets a message. */
  readonly chooser: MemberChooser = new MemberChooser(this);
  /** Shared subscriptions by their whole filter. */
  readonly groups: Map<string, SharedGroup<Connection>> = new Map();
  /** What becomes of sessions without a connection. */
  readonly away: Map<ClientSession, Away> = new Map();
  /** Sessions that have ended, until that is kept. */
  readonly endings: Endings;
  /** What is known of the hosts from which clients come. */
  readonly addresses: Addresses;
  /** Clients that the operator keeps out. */
  readonly bans: Bans = new Bans();
  /** Clients that come and go. */
  readonly reconnects: Reconnects = new Reconnects();
  /** Retained messages that have an end, by topic. */
  readonly retainedExpiries: Map<string, RetainedExpiry> = new Map();
  /** Who may look for retained messages now. */
  readonly retainedTurns: RetainedTurns = new RetainedTurns(this);
  /** Chunks that are more than a turn's work. */
  readonly longTurns: LongTurns = new LongTurns(this);
  /** Whether QoS 0 messages may wait somewhere: once so, always so. */
  keepsQos0: boolean;
  /** Whether the store has reached its limit: `broker/store_trouble.ts`. */
  isStoreFull = false;
  /** What the topic aliases of all clients take, bytes. */
  aliasBytes = 0;
  /** What the wills of all clients take, bytes. */
  willBytes = 0;
  /** What the names of shared subscriptions take, bytes. */
  groupBytes = 0;
  /** Sessions that have begun. */
  sessionsBegun = 0;
  /** Subscriptions of all sessions. */
  subscriptionCount = 0;
  /** Whether there is anything that a client may not publish. */
  readonly hasPublishRules: boolean;
  /** QoS 0 messages in a row that go the same way. */
  readonly run: PublishRun = new PublishRun();
  /** What is measured; `undefined` when nothing is. */
  readonly measures: Measures | undefined;
  /** When it began. */
  readonly startMs: number;
  /** The time of the turn, milliseconds on a clock that never steps. */
  nowMs: number;
  /** Half packets of all connections, bytes. */
  partialBytes = 0;
  readonly #dirty: Connection[] = [];
  /** Whether the journal was told anything in this turn. */
  #isTold = false;
  /** Commits on which somebody waits. */
  #commits = 0;
  /** Connections with bytes whose commit is done. */
  readonly #released = new Ring<Connection>();
  #isFlushing = false;
  /** One for all connections that have no half packet. */
  #framer: Framer | undefined;
  readonly #housekeeping: Housekeeping;

  /** A broker with the state that its store has kept. */
  constructor(options: BrokerOptions, nowMs: number) {
    this.options = options;
    this.nowMs = this.startMs = nowMs;
    this.endings = new Endings(options.store);
    this.measures = options.isMeasured ? new Measures() : undefined;
    this.keepsQos0 = options.queueQos0;
    this.router = new Router({
      ...options.limits,
      hashSeed: options.hashSeed,
      deliversEach: options.deliversEach,
    });
    this.retained = new RetainedMessages(options.limits);
    this.addresses = new Addresses(options.limits);
    const { features, checksPayloadFormat } = options;
    this.hasPublishRules = checksPayloadFormat || features.maximumQos < 2 ||
      !features.retain;
    this.#housekeeping = new Housekeeping(this);
    restore(this, options.store.load());
  }

  /** From here on these are the options. */
  change(options: ChangeableOptions): void {
    Object.assign(this.options, options);
    this.keepsQos0 ||= options.queueQos0;
  }

  /**
   * Where changes that must survive are told. Who asks for it tells it
   * something: the turn ends with a commit.
   */
  get journal(): Journal | undefined {
    const { journal } = this.options.store;
    if (journal !== undefined) {
      this.#isTold = true;
      this.longTurns.told();
    }
    return journal;
  }

  /** What this turn promises waits for what the journal was told before. */
  waitForStore(): void {
    if (this.options.store.journal !== undefined) this.#isTold = true;
  }

  /**
   * A new network connection; `undefined` when there are too many, and the
   * socket is to be closed.
   */
  open(transport: Transport, nowMs: number): Connection | undefined {
    this.nowMs = nowMs;
    const obstacle = obstacleTo(this, transport);
    if (obstacle !== undefined) {
      this.counters.connectionsRefused++;
      this.log("warn", "connection_refused", obstacle, {
        address: transport.address,
        listener: transport.door.name,
      });
      return undefined;
    }
    this.counters.connectionsOpened++;
    const connection = new Connection(this, transport);
    this.connections.add(connection);
    return connection;
  }

  /** A framer, lent for a chunk or for as long as it holds a half packet. */
  takeFramer(): Framer {
    const framer = this.#framer ?? new Framer(0);
    this.#framer = undefined;
    return framer;
  }

  /** Takes a framer back that holds nothing. */
  giveFramer(framer: Framer): void {
    this.#framer = framer;
  }

  /** Remembers that `connection` has something to send. */
  markDirty(connection: Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#dirty.push(connection);
    this.#housekeeping.wake();
  }

  /** One of those that have something to send: the `place`th, in a ring. */
  dirtyAt(place: number): Connection | undefined {
    return this.#dirty[place % this.#dirty.length];
  }

  /** Commits, then sends: laws two and three of a turn. */
  endTurn(): void {
    if (this.#isTold || this.#commits > 0) this.#flushCommitted();
    else this.#flushDirty();
  }

  /**
   * Sends what is queued for `connection` before the turn ends: a large
   * message is on its way while the next is being read. Not where the queue
   * may hold an acknowledgement that has to wait for a commit.
   */
  flushEarly(connection: Connection): void {
    if (this.#isTold || connection.queue.isHeld) return;
    connection.queue.releaseAll();
    connection.transport.flush();
  }

  /** When {@linkcode tick} is to be called next; `Infinity` for never. */
  get nextDeadlineMs(): number {
    return this.deadlines.nextMs;
  }

  /** Does what is due. A turn of its own: it ends with `endTurn`. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    for (;;) {
      const due = this.deadlines.takeDue(nowMs);
      if (due === undefined) break;
      due.onDeadline();
    }
    this.endTurn();
  }

  /** Writes a log line, if its level is written. */
  log(
    level: LogLevel,
    event: string,
    message: string,
    fields: LogFields,
  ): void {
    const { logger } = this.options;
    if (logger.enabled(level)) logger.log(level, event, message, fields);
  }

  #flushDirty(): void {
    // A socket that takes its bytes at once may make others dirty.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    for (;;) {
      // Who was touched last goes first: an acknowledgement sets the
      // publisher to work while its messages are still on their way.
      const connection = this.#dirty.pop();
      if (connection === undefined) break;
      connection.dirty = connection.promises = false;
      connection.queue.releaseAll();
      this.#flush(connection);
    }
    this.#isFlushing = false;
  }

  /**
   * What promises something leaves when its commit is done, and so does what
   * stands behind that in the same queue. The rest leaves now.
   */
  #flushCommitted(): void {
    const isTold = this.#isTold;
    this.#isTold = false;
    const held: { connection: Connection; bytes: number }[] = [];
    for (const connection of this.#dirty.splice(0).reverse()) {
      const { promises, queue } = connection;
      connection.dirty = connection.promises = false;
      if ((isTold && promises) || queue.isHeld) {
        held.push({ connection, bytes: queue.hold() });
      } else {
        queue.releaseAll();
        this.#released.push(connection);
      }
    }
    const { store } = this.options;
    if (held.length > 0) {
      this.#commits++;
      store.commit(() => {
        this.#commits--;
        for (const { connection, bytes } of held) {
          connection.queue.release(bytes);
          this.#released.push(connection);
        }
        this.#flushReleased();
      });
    } else if (isTold) store.commit(undefined);
    if (isTold) this.endings.commit();
    this.#flushReleased();
  }

  #flushReleased(): void {
    // A flush may begin a turn whose commit is done at once.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    for (;;) {
      const connection = this.#released.shift();
      if (connection === undefined) break;
      this.#flush(connection);
    }
    this.#isFlushing = false;
  }

  #flush(connection: Connection): void {
    try {
      connection.transport.flush();
    } catch (error) {
      connection.fail(error);
    }
  }
}
