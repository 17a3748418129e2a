/**
 * One network connection: from its first byte to its last. It takes bytes
 * apart into packets, gives each to its handler, and is the one place where
 * a peer's fault ends a connection.
 *
 * ```text
 *   connecting ──CONNECT──► authenticating ──allowed──► open ──► closed
 *       └──── fault, time-out, refusal, end of the socket ────────┘
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { Connect } from "../codec/connect.ts";
import type { Framer } from "../codec/framer.ts";
import type { Message } from "../codec/message.ts";
import {
  CONNECT,
  FIRST_BYTE_VALID,
  FIRST_BYTE_VALID_3_1,
  PACKET_NAMES,
  PUBLISH,
} from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR, QUOTA_EXCEEDED } from "../codec/reason_code.ts";
import { WriteQueue } from "../queue/write_queue.ts";
import type { ClientSession, Core } from "./core.ts";
import { endConnection } from "./disconnect.ts";
import { CLEAR, CONGESTED, type Flow, relax } from "./flow.ts";
import { reportFault } from "./faults.ts";
import { handleConnect } from "./handle_connect.ts";
import { handlePacket } from "./handle_packet.ts";
import { flushRun, handlePublish } from "./handle_publish.ts";
import { pump } from "./pump.ts";
import type { Timed } from "./timed.ts";
import { handleDue, nextDueMs } from "./timeouts.ts";
import type { Transport } from "./transport.ts";

/** Where a connection stands. Changed in `Connection` only. */
export type Phase = "connecting" | "authenticating" | "open" | "closed";

/**
 * A packet of which more than this is missing, or comes at a time, keeps its
 * client alive by each chunk; a smaller one only when it is complete
 * [MQTT-3.1.2-24].
 */
const SLOW_PACKET_BYTES = 1000;

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
  /** What waits for the socket. */
  readonly queue: WriteQueue;
  /** Whether the broker's dirty list holds it. */
  dirty = false;
  /** Whether the client keeps up: see `broker/flow.ts`. */
  flow: Flow = CLEAR;
  /** When publishers stop to wait for this client. */
  congestedUntilMs = 0;
  /** The user name, if the client gave one. */
  userName: string | undefined;
  /** The protocol level: 3 is MQTT 3.1, 4 is 3.1.1. */
  level = 0;
  /** The message to publish when the client is lost. */
  will: Message | undefined;
  /** Whether the will is retained. */
  willRetain = false;
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
  /** Since when it is not read from, if it is not. */
  blockedMs = 0;
  /** Whether it is not read from because it does not read itself. */
  blocksItself = false;
  #phase: Phase = "connecting";
  #blockers = 0;
  #partialBytes = 0;
  #waiters: Set<Connection> | undefined;
  #stash: Uint8Array | undefined;
  /** Lent by the core during a chunk, and while it holds a half packet. */
  #framer: Framer | undefined;

  /** Made by `Core.open`. */
  constructor(core: Core, transport: Transport) {
    this.core = core;
    this.transport = transport;
    this.queue = new WriteQueue(core.pool);
    this.receivedMs = this.chunkMs = core.nowMs;
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

  /** Memory set aside for a half packet, bytes. */
  get partialBytes(): number {
    return this.#partialBytes;
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
    core.counters.bytesReceived += length;
    if (this.#phase === "closed") return;
    this.chunkMs = nowMs;
    if (this.#phase === "authenticating") {
      this.#stashAway(chunk.subarray(0, length));
      return;
    }
    const framer = this.#framer ??= core.takeFramer();
    this.#setUp(framer);
    try {
      framer.feed(chunk, length);
      this.#takeFrames(framer, length);
      flushRun(core, this);
    } catch (error) {
      // What came before the fault is good and goes its way.
      flushRun(core, this);
      this.fail(error);
    }
    this.#putAway(framer);
    if (this.#phase === "open") this.#blockOnOwnQueue();
  }

  /** The socket has ended; `reason` says how, in words. */
  transportClosed(reason: string, nowMs: number): void {
    this.core.nowMs = nowMs;
    if (this.#phase !== "closed") this.close(reason);
    this.queue.clear();
  }

  /** `bytes` of the queue have left. */
  sent(bytes: number, nowMs: number): void {
    const { core } = this;
    core.nowMs = nowMs;
    core.counters.bytesSent += bytes;
    this.queue.sent(bytes);
    if (this.#phase !== "open") return;
    if (this.session!.hasWaiting) this.guard(() => pump(core, this));
    if (this.flow !== CLEAR) relax(core, this);
    if (
      this.blocksItself &&
      this.queue.bytes <= core.options.limits.writeQueueHighBytes
    ) {
      this.blocksItself = false;
      this.unblock();
    }
  }

  /** CONNECT was accepted. */
  opened(session: ClientSession, connect: Connect): void {
    assert(this.#phase === "authenticating", "only a login opens");
    this.#phase = "open";
    this.session = session;
    this.userName = connect.userName;
    this.level = connect.level;
    // [MQTT-3.1.2-24]: one and a half times the keep alive.
    this.keepAliveMs = connect.keepAliveSeconds * 1500;
    if (this.#framer !== undefined) this.#setUp(this.#framer);
    this.receivedMs = this.core.nowMs;
    this.schedule();
  }

  /** The login is being checked, and further bytes wait. */
  authenticating(): void {
    assert(this.#phase === "connecting", "one login a connection");
    this.#phase = "authenticating";
  }

  /** Bytes that came while the login was being checked are handled now. */
  receiveStashed(): void {
    const stash = this.#stash;
    this.#stash = undefined;
    this.transport.resume();
    if (stash !== undefined && this.#phase === "open") {
      this.core.counters.bytesReceived -= stash.length;
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
    this.close(reportFault(this, error));
  }

  /**
   * Ends the connection: the will is published, the session is kept or
   * ended, what is queued is sent, the socket is closed.
   */
  close(reason: string): void {
    if (this.#phase === "closed") return;
    const phase = this.#phase;
    this.#phase = "closed";
    this.closeReason = reason;
    this.#stash = undefined;
    this.#countPartial(0);
    this.core.deadlines.remove(this);
    this.core.connections.delete(this);
    try {
      endConnection(this, phase);
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

  /** Asserts what always holds; for tests. */
  checkInvariants(): void {
    assert(this.#phase !== "closed", "a closed connection is forgotten");
    assert(
      (this.#phase === "open") === (this.session !== null),
      "open means a session",
    );
    assert(
      this.session === null || this.session.connection === this,
      "the session knows its connection",
    );
    assert(this.flow === CONGESTED || this.waiters.size === 0, "who waits");
  }

  /** What the peer may send differs before and after CONNECT, and by level. */
  #setUp(framer: Framer): void {
    const { limits } = this.core.options;
    framer.packetBytesMax = this.#phase === "open"
      ? limits.packetBytesMax
      : limits.connectPacketBytesMax;
    framer.firstBytes = this.level === 3
      ? FIRST_BYTE_VALID_3_1
      : FIRST_BYTE_VALID;
  }

  #takeFrames(framer: Framer, length: number): void {
    let frames = 0;
    while (this.#phase !== "authenticating" && framer.next()) {
      this.core.counters.packetsReceived++;
      frames++;
      const type = framer.bytes[framer.start]! >> 4;
      if (this.#phase !== "open") this.#takeConnect(type, framer);
      else if (type === PUBLISH) handlePublish(this, framer);
      else {
        flushRun(this.core, this);
        handlePacket(this, type, framer);
      }
      if (this.#phase === ("closed" as Phase)) return;
    }
    if (this.#phase === "authenticating") {
      this.#stashAway(framer.takeRest());
    }
    const alive = frames > 0 || framer.missingBytes > SLOW_PACKET_BYTES ||
      length > SLOW_PACKET_BYTES;
    if (alive && this.#phase === "open") this.receivedMs = this.core.nowMs;
    this.#countPartial(framer.keptCapacity);
  }

  /** Gives the framer back, unless it holds a half packet. */
  #putAway(framer: Framer): void {
    if (this.#phase === "closed") framer.reset();
    if (framer.keptBytes > 0) return;
    this.#framer = undefined;
    this.core.giveFramer(framer);
  }

  #takeConnect(type: number, framer: Framer): void {
    if (type !== CONNECT) {
      // [MQTT-3.1.0-1]
      throw new ProtocolError(
        PROTOCOL_ERROR,
        `${PACKET_NAMES[type]} before CONNECT`,
      );
    }
    const { bytes, body, end } = framer;
    handleConnect(this, bytes, body, end);
  }

  #stashAway(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const before = this.#stash ?? new Uint8Array(0);
    const length = before.length + bytes.length;
    if (length > this.core.options.limits.packetBytesMax) {
      this.fail(
        new ProtocolError(QUOTA_EXCEEDED, "too much before the login ended"),
      );
      return;
    }
    const stash = new Uint8Array(length);
    stash.set(before);
    stash.set(bytes, before.length);
    this.#stash = stash;
  }

  /** Half packets count against what all clients may have together. */
  #countPartial(kept: number): void {
    if (kept === this.#partialBytes) return;
    const { core } = this;
    const began = this.#partialBytes === 0;
    core.partialBytes += kept - this.#partialBytes;
    this.#partialBytes = kept;
    if (core.partialBytes > core.options.limits.partialBytesMax && kept > 0) {
      throw new ProtocolError(QUOTA_EXCEEDED, "too many half packets in all");
    }
    if (began && this.#phase === "open") this.schedule();
  }

  /** A client that does not read its acknowledgements is not read from. */
  #blockOnOwnQueue(): void {
    const { writeQueueBytesMax } = this.core.options.limits;
    if (this.blocksItself || this.queue.bytes < writeQueueBytesMax) return;
    this.blocksItself = true;
    this.block();
  }
}
