/**
 * Messages as they come, by WebSocket. The token goes in the first frame:
 * an address would keep it in logs.
 *
 * @module
 */

import type { ApiClient } from "./api_client.ts";
import type { Message } from "./api_types.ts";

/** Who wants the messages. */
export interface LiveListener {
  /** It has begun. */
  opened(): void;
  /** A message. */
  took(message: Message): void;
  /** So many more than the broker sends to a page. */
  skipped(count: number): void;
  /** It has ended, by itself. */
  closed(sentence: string): void;
}

/** Its text is part of the page: see `page.ts`. */
export class LiveSocket {
  readonly #api: ApiClient;
  readonly #listener: LiveListener;
  #socket: WebSocket | undefined;

  /** @param listener Who wants the messages. */
  constructor(api: ApiClient, listener: LiveListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Begins with another filter. */
  open(filter: string): void {
    this.close();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/api/v1/live`;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ token: this.#api.token, filter }));
      this.#listener.opened();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#take(String(data));
    };
    socket.onclose = ({ reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      const words = reason || "the broker has ended it";
      this.#listener.closed(this.#api.asSentence(words));
    };
  }

  /** Ends it. */
  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #take(text: string): void {
    const told = JSON.parse(text) as Partial<Message> & {
      skipped?: number;
      error?: { message: string };
    };
    if (told.error !== undefined) {
      this.close();
      this.#listener.closed(told.error.message);
    } else if (told.skipped !== undefined) {
      this.#listener.skipped(told.skipped);
    } else if (told.topic !== undefined) {
      this.#listener.took(told as Message);
    }
  }
}
