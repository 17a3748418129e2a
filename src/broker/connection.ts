/**
 * One network connection: from its first byte to its last. It takes bytes
 * apart into packets, gives each to its handler, and is the one place where
 * a peer's fault ends a connection.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { Will } from "../codec/connect.ts";
import type { Host } from "./addresses.ts";
import type { Admission } from "./admission.ts";
import { arrive, depart } from "./arrival.ts";
import type { Framer } from "../codec/framer.ts";
import { PUBLISH } from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { QUOTA_EXCEEDED, SUCCESS } from "../codec/reason_code.ts";
import type { EndCause } from "../metrics/end_cause.ts";
import { WriteQueue } from "../queue/write_queue.ts";
import type { ClientSession, Core } from "./core.ts";
import { endConnection } from "./disconnect.ts";
import {
  blockOnOwnQueue,
  CLEAR,
  type Flow,
  relax,
  unblockOnOwnQueue,
} from "./flow.ts";
import { endByFault, reportFault } from "./faults.ts";
import { flushRun } from "./forward_run.ts";
import { Extras, NO_EXTRAS } from "./extras.ts";
import { handleLogin } from "./handle_login.ts";
import { handlePacket } from "./handle_packet.ts";
import { handlePublish } from "./handle_publish.ts";
import { countPartial, forgetPartial, keepApart } from "./half_packets.ts";
import type { MountPoint } from "./mount_point.ts";
import type { Phase } from "./phase.ts";
import { pump } from "./pump.ts";
import { meter } from "./rate.ts";
import { setUp } from "./set_up.ts";
import { sendDisconnect } from "./send.ts";
import { applyTerms, type Terms } from "./terms.ts";
import type { Timed } from "./timed.ts";
import { countPublished, countReceived, countSent } from "./traffic.ts";
import { handleDue, isSlowPacket, nextDueMs } from "./timeouts.ts";
import type { Transport } from "./transport.ts";

/** A network connection. */
export class Connection implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  /** The broker. */
  readonly core: Core;
  /** The socket. */
  readonly transport: Transport;
  /** What stands before all topics of the client, unseen by it. */
  readonly mountPoint: MountPoint | undefined;
  /** What waits for the socket. */
  readonly queue: WriteQueue;
  /** Whether the broker's dirty list holds it. */
  dirty = false;
  /** Whether this turn has queued what may leave only after its commit. */
  promises = false;
  /** Whether the client keeps up: see `broker/flow.ts`. */
  flow: Flow = CLEAR;
  /** When publishers stop to wait for this client. */
  congestedUntilMs = 0;
  /** Who let the client in, and why: asked again when users change. */
  admission: Admission | undefined;
  /** From where it comes; unknown until a proxy has told. */
  host: Host | undefined;
  /** The protocol level: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
  level = 0;
  /** Whether it speaks MQTT 5.0. */
  isV5 = false;
  /** Whether each message is to be fitted for this client. */
  takesSingly = false;
  /** QoS 1 and 2 messages in flight to the client at most. */
  inflightMax = 0;
  /** Whether reason strings go with what is refused. */
  tellsProblems = true;
  /** Whether what the client sends is counted. */
  isMetered = false;
  /** The message to publish when the client is lost. */
  will: Will | undefined;
  /** The rarer state, to be read; see {@linkcode ownExtras}. */
  extras: Extras = NO_EXTRAS;
  /** Why it was closed, in words; empty while it is not. */
  closeReason = "";
  /** The session; null unless it is open. */
  session: ClientSession | null = null;
  /** 1.5 times the keep alive; 0 when there is none. */
  keepAliveMs = 0;
  /** When the last packet was complete, or the connection began. */
  receivedMs: number;
  /** When the last chunk came. */
  chunkMs: number;
  /** Counts the connections of the broker: greater than all before. */
  readonly number: number;
  /** When it began. */
  readonly openedMs: number;
  /** Bytes received. */
  bytesReceived = 0;
  /** Bytes sent. */
  bytesSent = 0;
  /** PUBLISH packets received. */
  publishReceived = 0;
  /** PUBLISH packets queued for it. */
  publishSent = 0;
  /** Since when it is not read from, if it is not. */
  blockedMs = 0;
  /** Whether it is not read from because it does not read itself. */
  blocksItself = false;
  /** Memory set aside for what is not complete, bytes. */
  partialBytes = 0;
  /** What of that is set aside outside of the framer. */
  apartBytes = 0;
  #phase: Phase = "connecting";
  #blockers = 0;
  #waiters: Set<Connection> | undefined;
  /** Lent by the core during a chunk, and while it holds a half packet. */
  #framer: Framer | undefined;

  /** Made by `Core.open`. */
  constructor(core: Core, transport: Transport) {
    this.core = core;
    this.transport = transport;
    this.queue = new WriteQueue(core.pool);
    this.number = core.counters.connectionsOpened;
    this.receivedMs = this.chunkMs = this.openedMs = core.nowMs;
    this.mountPoint = transport.door.mountPoint;
    arrive(this);
    this.schedule();
  }

  /** Where it stands. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Publishers that wait for this client. */
  get waiters(): Set<Connection> {
    return this.#waiters ??= new Set();
  }

  /** The rarer state, to be changed: made if there is none. */
  get ownExtras(): Extras {
    if (this.extras === NO_EXTRAS) this.extras = new Extras();
    return this.extras;
  }

  /** Whether it is not read from at the moment. */
  get isBlocked(): boolean {
    return this.#blockers > 0;
  }

  /**
   * The peer has sent `chunk[0, length)`, which is borrowed until this
   * returns. The caller ends the turn.
   */
  receive(chunk: Uint8Array, length: number, nowMs: number): void {
    const { core } = this;
    core.nowMs = nowMs;
    countReceived(this, length);
    if (this.#phase === "closed") return;
    this.chunkMs = nowMs;
    if (this.#phase === "authenticating" || this.extras.isPutOff) {
      this.guard(() => this.#stashAway(chunk.subarray(0, length)));
      return;
    }
    core.longTurns.begin();
    this.handle(chunk, length);
  }

  /** Handles what was received: a turn has begun. */
  handle(chunk: Uint8Array, length: number): void {
    const { core } = this;
    const published = core.counters.publishReceived;
    const framer = this.#framer ??= core.takeFramer();
    setUp(framer, this);
    try {
      framer.feed(chunk, length);
      this.#takeFrames(framer, length);
      flushRun(core, this);
    } catch (error) {
      // What came before the fault is good and goes its way.
      flushRun(core, this);
      this.fail(error);
    }
    core.scratch.clear();
    this.#putAway(framer);
    const messages = countPublished(this, published);
    if (this.#phase !== "open") return;
    blockOnOwnQueue(core, this);
    if (this.isMetered) meter(this, length - this.extras.stashBytes, messages);
  }

  /** The socket has ended; `reason` says how, in words. */
  transportClosed(reason: string, nowMs: number): void {
    this.core.nowMs = nowMs;
    if (this.extras.isPutOff) {
      this.extras.goneBecause = reason; // what it has sent counts
      return;
    }
    if (this.#phase !== "closed") this.close("network", reason);
    this.queue.clear();
  }

  /** `bytes` of the queue have left. */
  sent(bytes: number, nowMs: number): void {
    const { core } = this;
    core.nowMs = nowMs;
    countSent(this, bytes);
    this.queue.sent(bytes);
    if (this.#phase !== "open") return;
    if (this.session!.hasWaiting) this.guard(() => pump(core, this));
    if (this.flow !== CLEAR) relax(core, this);
    if (this.blocksItself) unblockOnOwnQueue(core, this);
  }

  /** CONNECT was accepted; the client is served on these terms. */
  opened(session: ClientSession, terms: Terms): void {
    assert(this.#phase === "authenticating", "only a login opens");
    this.#phase = "open";
    this.session = session;
    applyTerms(this, session, terms);
    if (this.#framer !== undefined) setUp(this.#framer, this);
    this.receivedMs = this.core.nowMs;
    this.schedule();
  }

  /** The login is being checked, and further bytes wait. */
  authenticating(): void {
    assert(
      this.#phase === "connecting" || this.#phase === "challenged",
      "one login a connection",
    );
    this.#phase = "authenticating";
  }

  /** The login needs more from the client, which is asked for it. */
  challenged(): void {
    assert(this.#phase === "authenticating", "a login goes on");
    this.#phase = "challenged";
    if (this.#framer !== undefined) setUp(this.#framer, this);
  }

  /** Bytes that came while the login was being checked are handled now. */
  receiveStashed(): void {
    const stash = this.extras.takeStash();
    keepApart(this, 0);
    this.transport.resume();
    if (stash !== undefined && this.#phase !== "closed") {
      countReceived(this, -stash.length);
      this.receive(stash, stash.length, this.core.nowMs);
    }
  }

  /** Runs what may throw: a fault ends this connection and no other. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Something was thrown: the peer's fault, or ours. */
  fail(error: unknown): void {
    if (this.#phase !== "closed") endByFault(this, error);
  }

  /**
   * Ends the connection: a 5.0 client is told why, the will is published,
   * the session is kept or ended, what is queued is sent, the socket is
   * closed.
   *
   * @param cause In a word, which is counted.
   * @param reason In words, for the log.
   * @param code A reason code; SUCCESS when the client is not to be told.
   * @param serverReference Another server, for the client to use.
   */
  close(
    cause: EndCause,
    reason: string,
    code = SUCCESS,
    serverReference = "",
  ): void {
    if (this.#phase === "closed") return;
    const phase = this.#phase;
    if (phase === "open" && this.isV5 && code !== SUCCESS) {
      sendDisconnect(this, code, reason, serverReference);
    }
    this.#phase = "closed";
    this.closeReason = reason;
    if (code !== SUCCESS) this.ownExtras.closeCode = code;
    forgetPartial(this);
    depart(this);
    try {
      endConnection(this, phase, cause);
    } catch (error) {
      reportFault(this, error); // a hook's: the connection ends all the same
    }
    this.session = null;
    this.core.markDirty(this);
  }

  /** Does what is due, and waits for the next. */
  onDeadline(): void {
    handleDue(this);
    if (this.#phase !== "closed") this.schedule();
  }

  /** Puts the soonest of its deadlines among the broker's. */
  schedule(): void {
    const dueMs = nextDueMs(this);
    if (dueMs === Infinity) this.core.deadlines.remove(this);
    else this.core.deadlines.set(this, dueMs);
  }

  /** One more reason not to read from this client. */
  block(): void {
    if (this.#blockers++ > 0) return;
    this.blockedMs = this.core.nowMs;
    this.transport.pause();
  }

  /** One reason less. */
  unblock(): void {
    assert(this.#blockers > 0, "blocked as often as unblocked");
    if (--this.#blockers > 0 || this.#phase === "closed") return;
    // The time in which we did not listen is not the client's silence.
    const deafMs = this.core.nowMs - this.blockedMs;
    this.receivedMs += deafMs;
    this.chunkMs += deafMs;
    this.schedule();
    this.transport.resume();
  }

  #takeFrames(framer: Framer, length: number): void {
    const { core } = this;
    let frames = 0;
    while (this.#phase !== "authenticating" && framer.next()) {
      core.counters.packetsReceived++;
      frames++;
      const type = framer.bytes[framer.start]! >> 4;
      if (this.#phase !== "open") handleLogin(this, type, framer);
      else if (type === PUBLISH) handlePublish(this, framer);
      else {
        flushRun(core, this);
        handlePacket(this, type, framer);
      }
      if (this.#phase === ("closed" as Phase)) return;
      if (core.longTurns.isOver) {
        flushRun(core, this);
        core.longTurns.putOff(this, framer.takeRest());
        break;
      }
    }
    if (this.#phase === "authenticating") {
      this.#stashAway(framer.takeRest());
      return;
    }
    const isAlive = frames > 0 || isSlowPacket(length, framer.missingBytes);
    if (isAlive && this.#phase === "open") this.receivedMs = core.nowMs;
    countPartial(this, framer.keptCapacity);
  }

  /** Gives the framer back, unless it holds a half packet. */
  #putAway(framer: Framer): void {
    if (this.#phase === "closed") framer.reset();
    if (framer.keptBytes > 0) return;
    this.#framer = undefined;
    this.core.giveFramer(framer);
  }

  /** What comes before the login is good counts as half packets do. */
  #stashAway(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.extras.isPutOff) {
      this.core.longTurns.stashAway(this, bytes);
      return;
    }
    keepApart(this, this.ownExtras.stashAway(bytes));
    const { packetBytesMax } = this.core.options.limits;
    if (this.extras.stashBytes <= packetBytesMax) return;
    const detail = "too much before the login ended";
    this.fail(new ProtocolError(QUOTA_EXCEEDED, detail));
  }
}
