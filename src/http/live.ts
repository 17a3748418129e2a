/**
 * Messages as they come, for who looks at them through a WebSocket: at a
 * bounded rate, and what is too much is counted. A viewer costs the broker
 * what a subscriber inside of the process does.
 *
 * @module
 */

import { listenLocal } from "../broker/local.ts";
import { endSession } from "../broker/sessions.ts";
import type { ClientSession } from "../broker/core.ts";
import type { Message } from "../codec/message.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import type { ApiHost } from "./api_host.ts";
import { cutPayload } from "./payload_json.ts";
import {
  CLOSE_POLICY_VIOLATION,
  type WebSocketPeer,
} from "./web_socket_peer.ts";

/** Viewers at a time. */
const VIEWERS_MAX = 16;
/** Messages are gathered so long. */
const EVERY_MS = 100;
/** So many of them go to a viewer, the rest is counted. */
const MESSAGES_EACH = 50;
/** What of a payload goes to a viewer, bytes. */
const PAYLOAD_BYTES_MAX = 16 << 10;
/** Retained messages that a viewer gets at first. */
const RETAINED_MAX = 100;
const RETAINED_NODES_MAX = 10_000;
/** How long a viewer may take to say who it is. */
const LOGIN_MS = 5000;

/** All viewers of one broker. */
export class Live {
  readonly #host: ApiHost;
  #viewers = 0;
  #names = 0;

  /** Nobody looks yet. */
  constructor(host: ApiHost) {
    this.#host = host;
  }

  /** Somebody has come. */
  welcome(peer: WebSocketPeer, address: string): void {
    if (this.#viewers >= VIEWERS_MAX) {
      peer.close(CLOSE_POLICY_VIOLATION, "too many viewers");
      return;
    }
    this.#viewers++;
    const name = `\0live-${++this.#names}`;
    const viewer = new Viewer(this.#host, peer, name, address);
    peer.onText = (text) => viewer.told(text);
    peer.onEnd = () => {
      this.#viewers--;
      viewer.end();
    };
  }
}

/** One of them. */
class Viewer {
  readonly #host: ApiHost;
  readonly #peer: WebSocketPeer;
  readonly #name: string;
  readonly #address: string;
  readonly #patience: ReturnType<typeof setTimeout>;
  #isKnown = false;
  #session: ClientSession | undefined;
  #waiting: [Message, boolean][] = [];
  #skipped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: ApiHost,
    peer: WebSocketPeer,
    name: string,
    address: string,
  ) {
    this.#host = host;
    this.#peer = peer;
    this.#name = name;
    this.#address = address;
    this.#patience = setTimeout(
      () => this.#refuse("nobody has said who this is"),
      LOGIN_MS,
    );
  }

  /** It has sent a text. */
  told(text: string): void {
    const { filter, token } = orderIn(text);
    if (!this.#isKnown) {
      if (!this.#admits(token)) return this.#refuse("the token is not good");
      this.#isKnown = true;
      clearTimeout(this.#patience);
    }
    if (filter === undefined) return this.#refuse("a filter is needed");
    this.#subscribe(filter);
  }

  /** It is gone. */
  end(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#unsubscribe();
  }

  #admits(token: string | undefined): boolean {
    const { access } = this.#host;
    if (token !== undefined && access.admits(token, Date.now())) return true;
    access.failed(this.#address, Date.now());
    return false;
  }

  #refuse(reason: string): void {
    this.#peer.close(CLOSE_POLICY_VIOLATION, reason);
  }

  #subscribe(filter: string): void {
    const { core, turn } = this.#host;
    this.#unsubscribe();
    try {
      turn(() => {
        this.#session = listenLocal(
          core,
          this.#name,
          filter,
          (message, retain) => this.#take(message, retain),
        );
        this.#takeRetained(filter);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  #unsubscribe(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    this.#host.turn(() => endSession(this.#host.core, session));
  }

  #takeRetained(filter: string): void {
    const walk = this.#host.core.retained.walk(filter);
    const budget = { nodesLeft: RETAINED_NODES_MAX };
    for (let i = 0; i < RETAINED_MAX; i++) {
      const message = walk.next(budget)?.message;
      if (message === undefined) return;
      this.#send(message, true);
    }
  }

  /** In the turn of the broker: quick. */
  #take(message: Message, retain: boolean): void {
    if (this.#waiting.length >= MESSAGES_EACH) this.#skipped++;
    else this.#waiting.push([message, retain]);
    this.#timer ??= setTimeout(() => this.#flush(), EVERY_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [message, retain] of waiting) this.#send(message, retain);
    if (this.#skipped === 0 || !this.#peer.isReady) return;
    this.#peer.send(JSON.stringify({ skipped: this.#skipped }));
    this.#skipped = 0;
  }

  #send(message: Message, retain: boolean): void {
    if (!this.#peer.isReady) {
      this.#skipped++;
      return;
    }
    const { payload, qos, topic } = message;
    this.#peer.send(JSON.stringify({
      topic,
      ...cutPayload(payload, PAYLOAD_BYTES_MAX),
      qos,
      retain,
      at: new Date().toISOString(),
    }));
  }
}

/** What a viewer wants; nothing for what is not understood. */
function orderIn(text: string): { filter?: string; token?: string } {
  try {
    const { filter, token } = JSON.parse(text);
    return {
      ...(typeof filter === "string" && { filter }),
      ...(typeof token === "string" && { token }),
    };
  } catch {
    return {};
  }
}
