/**
 * The broker as a library: the pure core joined with sockets, a clock and a
 * store. Several may live in one process.
 *
 * @module
 */

import { VERSION } from "../base/version.ts";
import { renewAccess } from "../broker/access.ts";
import type { Core } from "../broker/core.ts";
import { type Limits, limitsWith } from "../broker/limits.ts";
import { publishLocal } from "../broker/local.ts";
import { readingsOf } from "../broker/readings.ts";
import { StatusReporter } from "../broker/status_reporter.ts";
import { NO_PROPERTIES } from "../codec/properties.ts";
import type { DoorReadings, Readings } from "../metrics/readings.ts";
import { Driver, monotonicMs } from "../net/driver.ts";
import { type BrokerEvents, Events } from "./events.ts";
import type { ListenOptions, OpenDoor } from "./listen_options.ts";
import { newCore, statisticsOf } from "./new_core.ts";
import { type OpenedDoor, openListener } from "./open_listener.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";
import type {
  BrokerSettings,
  BrokerStatistics,
  ChangeableSettings,
  PublishOptions,
} from "./broker_settings.ts";

/** What the broker consists of, for what is served beside it. */
export interface Insides {
  /** The pure broker. */
  readonly core: Core;
  /** Brings it the time, and runs its turns. */
  readonly driver: Driver;
}

/** Not for users of the library: what is in there changes. */
export let insidesOf: (broker: Broker) => Insides;

/**
 * An MQTT broker.
 *
 * @example Start, publish and receive in the process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Broker } from "@x/broker";
 *
 * const broker = new Broker();
 * const { port } = await broker.listen({ hostname: "127.0.0.1", port: 0 });
 * assertEquals(port > 0, true); // clients may connect now
 *
 * const subscription = broker.subscribe("room/+");
 * broker.publish("room/1", "20.5", { retain: true });
 * for await (const message of subscription) {
 *   assertEquals(message.topic, "room/1");
 *   assertEquals(message.text(), "20.5");
 *   break; // ends the subscription
 * }
 * await broker.close();
 * ```
 */
export class Broker {
  static {
    insidesOf = (broker) => ({ core: broker.#core, driver: broker.#driver });
  }

  readonly #core: Core;
  readonly #driver: Driver;
  readonly #listening = new Set<OpenedDoor>();
  readonly #settings: BrokerSettings;
  #reporter: StatusReporter | undefined;
  readonly #events: Events;
  readonly #encoder = new TextEncoder();
  readonly #subscriptions = new Set<Subscription>();
  readonly #setClock = (): void => void (this.#core.nowMs = monotonicMs());
  #statusIntervalMs: number;
  #names = 0;
  #closing: Promise<void> | undefined;

  /**
   * Makes a broker that does not listen yet.
   *
   * @throws {RangeError} When a limit is out of its range.
   */
  constructor(settings: BrokerSettings = {}) {
    this.#settings = settings;
    this.#statusIntervalMs = settings.statusIntervalMs ?? 0;
    const hooks = {};
    this.#core = newCore(settings, hooks, this.#setClock);
    this.#driver = new Driver(this.#core);
    this.#events = new Events(hooks);
  }

  /**
   * Listens here, too.
   *
   * @returns The listener, with the port that was taken.
   * @throws {ListenError} When that is not possible.
   * @throws {RangeError} When an option is not as it should be.
   *
   * @example
   * ```ts
   * import { assert } from "@std/assert";
   * import { Broker } from "@x/broker";
   *
   * await using broker = new Broker();
   * const mqtt = await broker.listen({ hostname: "127.0.0.1", port: 0 });
   * const web = await broker.listen({ webSocket: { path: "/mqtt" } });
   * assert(mqtt.url.startsWith("mqtt://127.0.0.1:"));
   * assert(web.url.startsWith("ws://127.0.0.1:"));
   * ```
   */
  async listen(options: ListenOptions): Promise<OpenDoor> {
    if (this.#closing !== undefined) throw new TypeError("broker is closed");
    const opened = await openListener(
      this.#driver,
      options,
      this.#setClock,
    );
    const { close } = opened.door;
    const listening = {
      ...opened,
      door: {
        ...opened.door,
        close: () => {
          this.#listening.delete(listening);
          return close();
        },
      },
    };
    this.#listening.add(listening);
    this.#report();
    return listening.door;
  }

  /**
   * Users or access rules have changed: clients that their authenticator
   * admits no more are disconnected (5.0: 0x87), and what the others may do
   * is asked anew.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * const isAllowed = new Set(["ada"]);
   * const authorizer = {
   *   rightsOf: ({ userName = "" }) => {
   *     const mayAll = isAllowed.has(userName);
   *     return {
   *       mayPublish: () => mayAll,
   *       mayRead: () => mayAll,
   *       reach: () => mayAll ? "all" as const : "none" as const,
   *     };
   *   },
   * };
   * await using broker = new Broker({ authorizer });
   * isAllowed.delete("ada");
   * broker.renewAccess();
   * ```
   */
  renewAccess(): void {
    this.#driver.turn(() => renewAccess(this.#core));
  }

  /**
   * Other limits, from here on: those that are not named have their defaults.
   * What is there already stays, if it is above one. The limits of topics and
   * of the route cache are those that the broker was made with.
   *
   * @throws {RangeError} When a limit is out of its range.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * await using broker = new Broker();
   * broker.setLimits({ connectionsMax: 100 });
   * ```
   */
  setLimits(limits: Partial<Limits>): void {
    Object.assign(this.#core.options.limits, limitsWith(limits));
  }

  /**
   * Other settings, from here on.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * await using broker = new Broker();
   * broker.change({
   *   queueOverflow: "drop-oldest",
   *   queueQos0: true,
   *   responseInformation: "answers/%c",
   *   serverReference: "",
   *   shareStrategy: "hash-topic",
   *   statusIntervalMs: 60_000,
   *   strictClientIdLength: false,
   * });
   * ```
   */
  change({ statusIntervalMs, ...options }: ChangeableSettings): void {
    this.#statusIntervalMs = statusIntervalMs;
    this.#driver.turn(() => {
      this.#core.change(options);
      if (this.#reporter) this.#reporter.intervalMs = statusIntervalMs;
    });
    if (this.#listening.size > 0) this.#report();
  }

  /**
   * Publishes a message, as if a client had.
   *
   * @param payload Bytes, which are copied, or a text.
   * @throws {ProtocolError} When the topic or a property is malformed, the
   * topic is above a limit, or no packet has room for it all.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * const broker = new Broker();
   * broker.publish("lamp/set", "on", {
   *   qos: 1,
   *   properties: { contentType: "text/plain", userProperties: [["a", "b"]] },
   * });
   * await broker.close();
   * ```
   */
  publish(
    topic: string,
    payload: Uint8Array | string,
    options: PublishOptions = {},
  ): void {
    const bytes = typeof payload === "string"
      ? this.#encoder.encode(payload)
      : payload;
    const { qos = 0, retain = false, properties = NO_PROPERTIES } = options;
    this.#driver.turn(() => {
      publishLocal(this.#core, topic, bytes, qos, retain, properties);
    });
  }

  /**
   * Subscribes inside of the process: an async iterable of messages,
   * retained ones first. Leaving the loop ends the subscription.
   *
   * @throws {ProtocolError} When the filter is malformed.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Broker } from "@x/broker";
   *
   * const broker = new Broker();
   * const received: string[] = [];
   * const subscription = broker.subscribe("#", {
   *   onMessage: (message) => received.push(message.text()),
   * });
   * broker.publish("a/b", "hello");
   * await Promise.resolve(); // messages come after the turn
   * assertEquals(received, ["hello"]);
   * subscription.close();
   * await broker.close();
   * ```
   */
  subscribe(
    filter: string,
    options: SubscriptionOptions = {},
  ): Subscription {
    const subscription = new Subscription(
      this.#core,
      `\0local-${++this.#names}`,
      filter,
      options,
      () => this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Calls `listener` whenever `event` happens, after the turn in which it
   * does; returns a function that ends this.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * const broker = new Broker();
   * const off = broker.on("disconnect", ({ client, reason }) => {
   *   console.log(`${client.clientId} is gone: ${reason}`);
   * });
   * off();
   * await broker.close();
   * ```
   */
  on<Name extends keyof BrokerEvents>(
    event: Name,
    listener: (detail: BrokerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * What there is at the moment.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Broker } from "@x/broker";
   *
   * const broker = new Broker();
   * assertEquals(broker.statistics().connections, 0);
   * await broker.close();
   * ```
   */
  statistics(): BrokerStatistics {
    return statisticsOf(this.#core);
  }

  /**
   * What there is to know at the moment: what the metrics are made of.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Broker } from "@x/broker";
   *
   * const broker = new Broker();
   * await broker.listen({ port: 0 });
   * const [door] = Object.values(broker.readings().doors);
   * assertEquals(door?.connectionsOpened, 0);
   * await broker.close();
   * ```
   */
  readings(): Readings {
    this.#core.nowMs = monotonicMs();
    const doors: Record<string, DoorReadings> = {};
    for (const { door, readings } of this.#listening) {
      const read = readings();
      if (read !== undefined) doors[door.url] = read;
    }
    const memoryBytes = this.#settings.memoryBytes?.();
    return readingsOf(this.#core, { doors, memoryBytes });
  }

  /** Whether clients can connect: it listens, and is not about to stop. */
  get isReady(): boolean {
    return this.#listening.size > 0 && this.#closing === undefined;
  }

  /**
   * Stops: accepts no more, publishes wills, sends what is queued for at
   * most `shutdownMs`, closes all. Further calls wait for the same end.
   *
   * @example
   * ```ts
   * import { Broker } from "@x/broker";
   *
   * await using broker = new Broker();
   * await broker.listen({ hostname: "127.0.0.1", port: 0 });
   * // closed at the end of the block
   * ```
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The same as {@linkcode Broker.close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Begins to tell of itself, if it is to and does not yet. */
  #report(): void {
    const intervalMs = this.#statusIntervalMs;
    if (intervalMs === 0 || this.#reporter !== undefined) return;
    const reporter = new StatusReporter(this.#core, {
      intervalMs,
      version: VERSION,
      readings: () => this.readings(),
    });
    this.#reporter = reporter;
    this.#driver.turn(() => reporter.onDeadline());
  }

  async #close(): Promise<void> {
    for (const { door } of this.#listening) void door.close();
    const { shutdownMs } = this.#core.options.limits;
    await this.#driver.closeAll("the broker is shutting down", shutdownMs);
    for (const subscription of this.#subscriptions) subscription.close();
    this.#driver.stop();
    await new Promise<void>((done) => this.#core.options.store.close(done));
  }
}
