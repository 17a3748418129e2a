/**
 * MQTT in WebSocket: the request that begins it, then frames both ways, then
 * the Close frames. The connection's queue and parser are those of TCP; what
 * is added here is memory only while bytes are under way.
 *
 * ```text
 *   handshake ──101──► open ──Close sent──► ended
 *       └──────────────refused────────────────┘
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { Connection } from "../broker/connection.ts";
import {
  PACKET_TOO_LARGE,
  SERVER_MOVED,
  SERVER_SHUTTING_DOWN,
  SUCCESS,
  UNSPECIFIED_ERROR,
  USE_ANOTHER_SERVER,
} from "../codec/reason_code.ts";
import type { Segment } from "../queue/buffer_pool.ts";
import type { WriteQueue } from "../queue/write_queue.ts";
import type { Driver } from "./driver.ts";
import type { Link, Piece } from "./link.ts";
import {
  BINARY,
  CLOSE_GOING_AWAY,
  CLOSE_INTERNAL_ERROR,
  CLOSE_NORMAL,
  CLOSE_POLICY_VIOLATION,
  CLOSE_TOO_BIG,
  CONTROL_BYTES_MAX,
  type Ending,
  FrameDecoder,
  frameHeadBytes,
  writeClose,
  writeFrameHead,
  writePong,
} from "./web_socket_frames.ts";
import { Handshake, type WebSocketOptions } from "./web_socket_handshake.ts";

export type { WebSocketOptions };

/** A control frame whole. */
const CONTROL_FRAME_BYTES_MAX = 2 + CONTROL_BYTES_MAX;
/**
 * Where payload begins in what goes out, with room for a pong and a head
 * before it. Queues begin at the start of their memory, and a copy to a few
 * bytes further on in its page takes over ten times as long on many
 * processors; this far it does not.
 */
const PAYLOAD_AT = 192;
/**
 * So much of the queue goes into a frame at most: with a Close behind, it
 * all fits into a buffer of the pool. A multiple of 64, to stay aligned.
 */
const PAYLOAD_BYTES_MAX = (256 << 10) - PAYLOAD_AT - 192;

/** The way of the bytes of one WebSocket. */
export class WebSocketLink implements Link {
  readonly #driver: Driver;
  readonly #connection: Connection;
  readonly #decoder = new FrameDecoder();
  #state: "handshake" | "open" | "ended" = "handshake";
  /** Null once the request is answered. */
  #handshake: Handshake | null;
  /** The answer to the request, until it is under way. */
  #response: Uint8Array | null = null;
  /** What is under way. */
  #piece: Segment | null = null;
  /** Where that ends which stands in the connection's queue as well. */
  #payloadEnd = 0;

  /** Joins a socket and `connection`; the client has to ask first. */
  constructor(
    driver: Driver,
    connection: Connection,
    options: WebSocketOptions,
  ) {
    this.#driver = driver;
    this.#connection = connection;
    this.#handshake = new Handshake(options);
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    // Whatever comes behind the end is for nobody: RFC 6455 section 1.4.
    if (this.#connection.phase === "closed") return;
    const used = this.#handshake === null
      ? 0
      : this.#takeRequest(this.#handshake, chunk, length);
    if (used === 0) this.#takeFrames(chunk, length);
    else if (this.#state === "open") {
      this.#takeFrames(chunk.subarray(used, length), length - used);
    }
  }

  /** See {@linkcode Link}. */
  next(): Piece | null {
    if (this.#piece !== null) return this.#piece;
    const { pool } = this.#driver.core;
    if (this.#response !== null) {
      const response = this.#response;
      this.#response = null;
      this.#piece = pool.refer(response, 0, response.length);
    } else if (this.#state === "open") this.#writePiece();
    return this.#piece;
  }

  /** See {@linkcode Link}: what goes out is a copy, and stays as it is. */
  pin(): void {}

  /** See {@linkcode Link}. */
  sent(length: number): void {
    const piece = this.#piece;
    assert(piece !== null, "sent is what next gave");
    const start = Math.max(piece.start, PAYLOAD_AT);
    piece.start += length;
    const payload = Math.min(piece.start, this.#payloadEnd) - start;
    if (piece.start === piece.end) {
      this.#piece = null;
      this.#driver.core.pool.give(piece);
    }
    // The queue of a connection that the client has ended is empty.
    const queued = Math.min(payload, this.#connection.queue.bytes);
    if (queued > 0) this.#driver.sent(this.#connection, queued);
  }

  /** Returns how much of the chunk belongs to the request. */
  #takeRequest(
    handshake: Handshake,
    chunk: Uint8Array,
    length: number,
  ): number {
    const used = handshake.read(chunk, length);
    const { answer } = handshake;
    this.#driver.keepApart(this.#connection, handshake.keptCapacity);
    if (answer === null) return used;
    this.#handshake = null;
    this.#response = answer.response;
    if (answer.status === 101) {
      this.#state = "open";
      return used;
    }
    this.#state = "ended";
    this.#driver.core.counters.upgradesRefused++;
    const reason = `no WebSocket (${answer.status}): ${answer.refusal}`;
    this.#driver.turn(() => this.#connection.close("no_web_socket", reason));
    return used;
  }

  #takeFrames(chunk: Uint8Array, length: number): void {
    const connection = this.#connection;
    const decoder = this.#decoder;
    decoder.decode(chunk, length);
    const { start, end } = decoder;
    // What comes before an end is good and goes its way.
    if (end > start) {
      const payload = start === 0 ? chunk : chunk.subarray(start, end);
      this.#driver.received(connection, payload, end - start);
    }
    if (decoder.ending !== null) this.#end(decoder.ending);
    // A pong takes no turn: pings are nothing to MQTT and its keep alive.
    else if (decoder.pingBytes >= 0 || this.#response !== null) {
      connection.transport.flush();
    }
  }

  /** The client has sent a Close frame, or what it may not send. */
  #end({ code, fault }: Ending): void {
    const connection = this.#connection;
    if (connection.phase === "closed") return;
    if (fault !== "") this.#driver.fault(connection, `WebSocket: ${fault}`);
    else {
      const said = code === 0 ? "" : ` (${code})`;
      this.#driver.closed(connection, `the client closed the WebSocket${said}`);
    }
  }

  /** A pong, a frame of what is queued, and the end: what there is of it. */
  #writePiece(): void {
    const { phase, queue } = this.#connection;
    const decoder = this.#decoder;
    const payload = Math.min(queue.sendableBytes, PAYLOAD_BYTES_MAX);
    const hasPong = decoder.pingBytes >= 0;
    const isLast = phase === "closed" && payload === queue.bytes;
    if (payload === 0 && !hasPong && !isLast) return;
    const piece = this.#driver.core.pool.take(
      PAYLOAD_AT + payload + (isLast ? CONTROL_FRAME_BYTES_MAX : 0),
    );
    const out = piece.bytes;
    const headAt = PAYLOAD_AT - (payload > 0 ? frameHeadBytes(payload) : 0);
    piece.start = headAt;
    if (hasPong) {
      piece.start -= frameHeadBytes(decoder.pingBytes) + decoder.pingBytes;
      writePong(out, piece.start, decoder.ping, decoder.pingBytes);
      decoder.pingBytes = -1;
    }
    if (payload > 0) writeFrameHead(out, headAt, BINARY, payload);
    copyQueued(queue, out, PAYLOAD_AT, payload);
    let at = PAYLOAD_AT + payload;
    this.#payloadEnd = at;
    if (isLast) {
      at = this.#writeClose(out, at);
      this.#state = "ended";
    }
    piece.end = at;
    this.#piece = piece;
  }

  #writeClose(out: Uint8Array, at: number): number {
    const { ending } = this.#decoder;
    if (ending !== null) return writeClose(out, at, ending.code, ending.fault);
    return writeClose(
      out,
      at,
      closeCodeOf(this.#connection.extras.closeCode),
      "",
    );
  }
}

/** Copies the first `length` bytes that wait in `queue` to `out`. */
function copyQueued(
  queue: WriteQueue,
  out: Uint8Array,
  at: number,
  length: number,
): void {
  const end = at + length;
  for (let segment = queue.head; at < end; segment = segment!.next) {
    const { bytes, start } = segment!;
    const here = Math.min(segment!.end - start, end - at);
    out.set(bytes.subarray(start, start + here), at);
    at += here;
  }
}

/** What the broker's reason to close is among the codes of WebSocket. */
function closeCodeOf(reason: number): number {
  switch (reason) {
    case SUCCESS:
      return CLOSE_NORMAL;
    case SERVER_SHUTTING_DOWN:
    case USE_ANOTHER_SERVER:
    case SERVER_MOVED:
      return CLOSE_GOING_AWAY;
    case PACKET_TOO_LARGE:
      return CLOSE_TOO_BIG;
    case UNSPECIFIED_ERROR:
      return CLOSE_INTERNAL_ERROR;
    default:
      return CLOSE_POLICY_VIOLATION;
  }
}
