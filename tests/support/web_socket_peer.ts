/**
 * A WebSocket client at a whole pure broker, with a socket that exists in
 * memory only: it does with the link what the sockets of both runtimes do,
 * those that take bytes at once and those whose writes go on for a while.
 */

import type { Connection } from "../../src/broker/connection.ts";
import { plainDoor } from "../../src/broker/door.ts";
import { Driver } from "../../src/net/driver.ts";
import type { Entrance } from "../../src/net/entrance.ts";
import type { Piece } from "../../src/net/link.ts";
import { type Peer, Socket } from "../../src/net/socket.ts";
import {
  WebSocketLink,
  type WebSocketOptions,
} from "../../src/net/web_socket_link.ts";
import { assert, assertEquals } from "./std_assert.ts";
import { TestBroker, type TestBrokerOptions } from "./test_broker.ts";
import {
  clientFrame,
  type ServerFrame,
  serverFrames,
  upgradeRequest,
} from "./web_socket.ts";

const OPEN: WebSocketOptions = { path: "/mqtt", origins: [] };

/** A client and the socket between it and the broker. */
export class WebSocketPeer extends Socket {
  declare connection: Connection;
  /** All is sent and the broker's side has ended. */
  isEnded = false;
  /** While false, the socket takes nothing. */
  reading = true;
  /** How much a write takes at most, bytes. */
  writeBytesMax = Infinity;
  /** Whether a write goes on until {@linkcode endWrite}. */
  isAsync = false;
  #received: number[] = [];
  #writing: { piece: Piece; copy: Uint8Array } | null = null;
  #isFlushing = false;

  constructor(driver: Driver, options: WebSocketOptions = OPEN) {
    super(driver, entranceOf(options));
    assert(this.enter(), "the broker lets it in");
  }

  /** See `Socket`. */
  protected override get peer(): Peer {
    return { hostname: "192.0.2.7", port: 5000 };
  }

  /** See `Socket`: there is no TLS here. */
  override secure(): void {}

  /** The client sends `bytes`, which are spoilt behind the turn. */
  send(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const chunk = new Uint8Array(bytes.length + 7);
    chunk.set(bytes);
    this.link.received(chunk, bytes.length);
    chunk.fill(0xee);
  }

  /** Asks for the WebSocket and expects to get it. */
  upgrade(): this {
    this.send(upgradeRequest());
    const text = new TextDecoder().decode(this.take());
    assert(text.startsWith("HTTP/1.1 101 "), text);
    return this;
  }

  /** A message of one frame. */
  sendBinary(bytes: Uint8Array): void {
    this.send(clientFrame(2, bytes));
  }

  /** What has come from the broker since the last call. */
  take(): Uint8Array {
    const bytes = Uint8Array.from(this.#received);
    this.#received = [];
    return bytes;
  }

  /** The same as frames. */
  takeFrames(): ServerFrame[] {
    return serverFrames(this.take());
  }

  /** The write that goes on is done: `length` bytes of it have left. */
  endWrite(length = Infinity): boolean {
    const writing = this.#writing;
    if (writing === null) return false;
    const { piece, copy } = writing;
    const { bytes, start, end } = piece;
    assertEquals(bytes.slice(start, end), copy, "what is under way stays");
    this.#writing = null;
    this.#sent(piece, length);
    this.flush();
    return true;
  }

  /** See `Transport`. */
  flush(): void {
    if (this.isClosed || this.#writing !== null || this.#isFlushing) return;
    this.#isFlushing = true;
    while (this.reading) {
      const piece = this.link.next();
      if (piece === null) {
        const { phase, queue } = this.connection;
        this.isEnded ||= phase === "closed" && queue.head === null;
        break;
      }
      assert(!this.isEnded, "nothing is sent behind the end");
      assert(piece.start < piece.end, "there is something to write");
      if (this.isAsync) {
        this.link.pin();
        const { bytes, start, end } = piece;
        this.#writing = { piece, copy: bytes.slice(start, end) };
        break;
      }
      this.#sent(piece, this.writeBytesMax);
    }
    this.#isFlushing = false;
  }

  /** See `Transport`. */
  pause(): void {}

  /** See `Transport`. */
  resume(): void {}

  /** See `Socket`. */
  destroy(): void {
    this.isClosed = true;
  }

  #sent({ bytes, start, end }: Piece, most: number): void {
    const length = Math.min(end - start, most);
    for (let i = 0; i < length; i++) this.#received.push(bytes[start + i]!);
    this.link.sent(length);
  }
}

function entranceOf(options: WebSocketOptions): Entrance {
  return {
    ...plainDoor("ws"),
    security: "none",
    join: (driver, connection) =>
      new WebSocketLink(driver, connection, options),
  };
}

/** Runs `run` with a broker and stops its timer behind it. */
export function withDriver(
  run: (driver: Driver, broker: TestBroker) => void,
  options: TestBrokerOptions = {},
): void {
  const broker = new TestBroker(options);
  const driver = new Driver(broker.core);
  try {
    run(driver, broker);
  } finally {
    driver.stop();
  }
}
