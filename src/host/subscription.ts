/**
 * Subscriptions inside of the process: messages as an async iterable or by
 * a function, always after the turn in which they were routed.
 *
 * @module
 */

import { Ring } from "../base/ring.ts";
import type { ClientSession, Core } from "../broker/core.ts";
import { subscribeLocal } from "../broker/local.ts";
import { endSession } from "../broker/sessions.ts";
import type { Properties } from "../codec/properties.ts";
import type { Message } from "../codec/message.ts";
import type { QoS } from "../base/qos.ts";

/** How to subscribe inside of the process. */
export interface SubscriptionOptions {
  /** Called with each message, in place of iterating. */
  onMessage?: (message: ReceivedMessage) => void;
  /** How many messages may wait; further ones are dropped. 10,000. */
  waitingMax?: number;
}

/**
 * A message, as a subscriber inside of the process sees it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Broker } from "@x/broker";
 *
 * await using broker = new Broker();
 * broker.publish("lamp", '{"on":true}', { retain: true });
 * for await (const message of broker.subscribe("lamp")) {
 *   assertEquals(JSON.parse(message.text()), { on: true });
 *   assertEquals([message.topic, message.retain], ["lamp", true]);
 *   break;
 * }
 * ```
 */
export class ReceivedMessage {
  /** The topic name. */
  readonly topic: string;
  /** The payload: shared with other receivers, not to be changed. */
  readonly payload: Uint8Array;
  /** The QoS with which it was published. */
  readonly qos: QoS;
  /** Whether it is a retained message, sent because of the subscribing. */
  readonly retain: boolean;
  /** What came along: content type, user properties and the like. */
  readonly properties: Properties;

  /** Made by the broker. */
  constructor(message: Message, retain: boolean) {
    this.topic = message.topic;
    this.payload = message.payload;
    this.qos = message.qos;
    this.retain = retain;
    this.properties = message.properties;
  }

  /** The payload as text. */
  text(): string {
    return new TextDecoder().decode(this.payload);
  }
}

const WAITING_MAX = 10_000;

/**
 * A subscription of {@linkcode Broker.subscribe}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Broker } from "@x/broker";
 *
 * await using broker = new Broker();
 * const subscription = broker.subscribe("room/+", { waitingMax: 1 });
 * broker.publish("room/1", "20");
 * broker.publish("room/2", "21"); // more than may wait
 * subscription.close();
 * const messages = await Array.fromAsync(subscription);
 * assertEquals([messages.length, subscription.dropped], [1, 1]);
 * ```
 */
export class Subscription implements AsyncIterable<ReceivedMessage> {
  /** Messages dropped because too many waited. */
  dropped = 0;
  readonly #core: Core;
  readonly #session: ClientSession;
  readonly #waiting = new Ring<ReceivedMessage>();
  readonly #waitingMax: number;
  readonly #onMessage: ((message: ReceivedMessage) => void) | undefined;
  readonly #onClose: () => void;
  #wake: (() => void) | undefined;
  #isClosed = false;

  /** Made by `Broker.subscribe`. */
  constructor(
    core: Core,
    name: string,
    filter: string,
    options: SubscriptionOptions,
    onClose: () => void,
  ) {
    this.#core = core;
    this.#onClose = onClose;
    this.#waitingMax = options.waitingMax ?? WAITING_MAX;
    this.#onMessage = options.onMessage;
    this.#session = subscribeLocal(
      core,
      name,
      filter,
      (message, retain) => this.#take(message, retain),
    );
  }

  /** Ends the subscription; what waits is still iterated. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    endSession(this.#core, this.#session);
    this.#onClose();
    this.#wake?.();
  }

  /** The messages, until the subscription is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedMessage> {
    try {
      for (;;) {
        const message = this.#waiting.shift();
        if (message !== undefined) yield message;
        else if (this.#isClosed) return;
        else await new Promise<void>((done) => this.#wake = done);
      }
    } finally {
      this.close();
    }
  }

  #take(message: Message, retain: boolean): void {
    const received = new ReceivedMessage(message, retain);
    if (this.#onMessage !== undefined) {
      const onMessage = this.#onMessage;
      queueMicrotask(() => onMessage(received));
      return;
    }
    if (this.#waiting.length >= this.#waitingMax) {
      this.dropped++;
      return;
    }
    this.#waiting.push(received);
    this.#wake?.();
  }
}
