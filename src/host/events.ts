/**
 * Events of the library. Hooks of the core run inside of a turn and must
 * not call the broker; listeners may, because they run after it.
 *
 * @module
 */

import type { ClientInfo, Hooks, PublishInfo } from "../broker/hooks.ts";
import type { QoS } from "../base/qos.ts";

/** The events by name, with what comes along. */
export interface BrokerEvents {
  /** A client is connected. */
  connect: { readonly client: ClientInfo };
  /** A client is gone. */
  disconnect: { readonly client: ClientInfo; readonly reason: string };
  /** A client published, or its will was. */
  publish: PublishInfo;
  /** A client has a new subscription. */
  subscribe: {
    readonly client: ClientInfo;
    readonly filter: string;
    readonly qos: QoS;
  };
  /** A client gave a subscription back. */
  unsubscribe: { readonly client: ClientInfo; readonly filter: string };
}

type Listeners = {
  [Name in keyof BrokerEvents]: Set<(detail: BrokerEvents[Name]) => void>;
};

/** The listeners of one broker. */
export class Events {
  readonly #hooks: Hooks;
  readonly #listeners: Listeners = {
    connect: new Set(),
    disconnect: new Set(),
    publish: new Set(),
    subscribe: new Set(),
    unsubscribe: new Set(),
  };

  /** @param hooks The core's hooks, which are set while somebody listens. */
  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  /** Adds a listener; returns what removes it. */
  on<Name extends keyof BrokerEvents>(
    event: Name,
    listener: (detail: BrokerEvents[Name]) => void,
  ): () => void {
    const listeners = this.#listeners[event];
    listeners.add(listener);
    this.#setHooks();
    return () => {
      listeners.delete(listener);
      this.#setHooks();
    };
  }

  #emit<Name extends keyof BrokerEvents>(
    event: Name,
    detail: BrokerEvents[Name],
  ): void {
    for (const listener of this.#listeners[event]) {
      queueMicrotask(() => listener(detail));
    }
  }

  /** A hook that nobody needs is not set: it would cost. */
  #setHooks(): void {
    const hooks = this.#hooks;
    const { connect, disconnect, publish, subscribe, unsubscribe } =
      this.#listeners;
    delete hooks.onConnect;
    delete hooks.onDisconnect;
    delete hooks.onPublish;
    delete hooks.onSubscribe;
    delete hooks.onUnsubscribe;
    if (connect.size > 0) {
      hooks.onConnect = (client) => this.#emit("connect", { client });
    }
    if (disconnect.size > 0) {
      hooks.onDisconnect = (client, reason) =>
        this.#emit("disconnect", { client, reason });
    }
    if (publish.size > 0) {
      hooks.onPublish = (message) => this.#emit("publish", message);
    }
    if (subscribe.size > 0) {
      hooks.onSubscribe = (client, filter, qos) =>
        this.#emit("subscribe", { client, filter, qos });
    }
    if (unsubscribe.size > 0) {
      hooks.onUnsubscribe = (client, filter) =>
        this.#emit("unsubscribe", { client, filter });
    }
  }
}
