/**
 * A request at a door that takes all: for a WebSocket of MQTT, or for what
 * else is served by HTTP. The path in its first line tells.
 *
 * @module
 */

import type { Link, Piece } from "./link.ts";
import type { Socket } from "./socket.ts";

/** A first line that is longer is nobody's: the WebSocket's side says so. */
const LINE_BYTES_MAX = 8 << 10;
const LF = 0x0a;
const EMPTY = new Uint8Array(0);

/** Where requests at `/*` go that are surely none of MQTT. */
const OTHERS = /^\/(?:$|api\/|metrics$|healthz$|readyz$)/;

/** The two that may take over. */
export interface WebChoice {
  /** The path of the WebSocket; `/*` for any. */
  readonly path: string;
  /** MQTT in WebSocket. */
  webSocket(): Link;
  /** All else. */
  http(): Link;
}

/** Takes bytes until the first line is there. */
export class WebChoiceLink implements Link {
  readonly #socket: Socket;
  readonly #choice: WebChoice;
  #kept: Uint8Array = EMPTY;

  /** A connection that has just begun. */
  constructor(socket: Socket, choice: WebChoice) {
    this.#socket = socket;
    this.#choice = choice;
  }

  /** See {@linkcode Link}. */
  received(chunk: Uint8Array, length: number): void {
    const kept = new Uint8Array(this.#kept.length + length);
    kept.set(this.#kept);
    kept.set(chunk.subarray(0, length), this.#kept.length);
    const end = kept.indexOf(LF);
    if (end < 0 && kept.length < LINE_BYTES_MAX) {
      this.#kept = kept;
      return;
    }
    const line = new TextDecoder("latin1").decode(kept.subarray(0, end));
    const isMqtt = end < 0 || isForMqtt(line, this.#choice.path);
    const link = isMqtt ? this.#choice.webSocket() : this.#choice.http();
    this.#socket.link = link;
    link.received(kept, kept.length);
  }

  /** See {@linkcode Link}. */
  next(): Piece | null {
    return null;
  }

  /** See {@linkcode Link}. */
  pin(): void {}

  /** See {@linkcode Link}. */
  sent(): void {}
}

/** By the line `GET /path?query HTTP/1.1`. */
function isForMqtt(line: string, path: string): boolean {
  const [, target = ""] = line.split(" ");
  const [asked = ""] = target.split("?");
  return path === "/*" ? !OTHERS.test(asked) : asked === path;
}
