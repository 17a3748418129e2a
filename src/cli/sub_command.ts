/**
 * `broker sub`: prints messages as they come, as `mosquitto_sub` does. A
 * connection that is lost is made again, after longer and longer times.
 *
 * @module
 */

import { Client, type ClientOptions } from "../client/client.ts";
import { ConnectionLost } from "../client/faults.ts";
import type { ReceivedMessage } from "../client/received_message.ts";
import { NO_PROPERTIES } from "../codec/properties.ts";
import { DialError } from "../net/dial_address.ts";
import { matches } from "../topic/topic.ts";
import {
  type ClientRun,
  EXIT_DONE,
  EXIT_TIMED_OUT,
  runClient,
} from "./client_run.ts";
import type { HostProcess } from "./host_process.ts";
import { printed } from "./print_message.ts";
import { subscribeAll } from "./subscribe_all.ts";

const DELAY_LEAST_MS = 1000;
const DELAY_MOST_MS = 30_000;

/**
 * Runs the command, which ends the process.
 *
 * @param args The arguments behind `sub`.
 */
export async function subCommand(
  host: HostProcess,
  args: readonly string[],
): Promise<void> {
  await runClient(host, "sub", args, (run) => new Following(run).follow());
}

/** One run, over all its connections. */
class Following {
  readonly #run: ClientRun;
  readonly #options: ClientOptions;
  readonly #done = Promise.withResolvers<number>();
  #client: Client | undefined;
  #isDone = false;
  #count = 0;

  constructor(run: ClientRun) {
    this.#run = run;
    this.#options = { ...run.options, receivedIds: new Set() };
  }

  /** Returns the exit code. */
  async follow(): Promise<number> {
    const { settings, say, onSignal } = this.#run;
    onSignal(() => this.#end(EXIT_DONE));
    const { timeoutMs } = settings;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
      if (!this.#isDone) say("timed out");
      this.#end(EXIT_TIMED_OUT);
    }, timeoutMs);
    try {
      return await Promise.race([this.#done.promise, this.#connections()]);
    } finally {
      clearTimeout(timer);
      this.#isDone = true;
      await this.#client?.disconnect(undefined, settings.properties.DISCONNECT);
    }
  }

  /** One connection after the other. */
  async #connections(): Promise<number> {
    let delayMs = DELAY_LEAST_MS;
    // Where there is no broker at the beginning, there is a mistake.
    let lost = await this.#connection();
    while (!this.#isDone) {
      const { say } = this.#run;
      say(`${lost.message}; trying again in ${delayMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (this.#isDone) break;
      delayMs = Math.min(delayMs * 2, DELAY_MOST_MS);
      try {
        lost = await this.#connection(() => delayMs = DELAY_LEAST_MS);
      } catch (error) {
        const isPassing = error instanceof DialError ||
          error instanceof ConnectionLost;
        if (!isPassing) throw error;
        lost = new ConnectionLost(error.message);
      }
    }
    return await this.#done.promise;
  }

  /** Connects, subscribes, and waits for the end. */
  async #connection(opened = () => {}): Promise<ConnectionLost> {
    const { traced, settings } = this.#run;
    const client = await Client.connect(this.#options, {
      traced,
      received: (message) => this.#take(message),
    });
    this.#client = client;
    opened();
    const code = await subscribeAll(this.#run, client);
    if (code !== undefined) this.#end(code);
    else if (settings.endsWhenSubscribed) this.#end(EXIT_DONE);
    const lost = await client.closed;
    const isFinal = lost.reason !== undefined && !this.#isDone;
    if (isFinal && !PASSING.has(lost.reason!)) throw lost;
    return lost;
  }

  #take(message: ReceivedMessage): void {
    const { settings, host } = this.#run;
    if (this.#isDone) return;
    const { topic, retain } = message;
    if (settings.isRetainedOnly && !retain) return this.#end(EXIT_DONE);
    if (retain && !settings.takesRetained) return;
    if (settings.filtersOut.some((filter) => matches(filter, topic))) return;
    if (retain && settings.removesRetained) this.#remove(topic);
    if (!host.output(printed(message, settings, new Date()))) {
      return this.#end(EXIT_DONE); // nobody reads it any more
    }
    this.#count++;
    if (this.#count === settings.countMax) this.#end(EXIT_DONE);
  }

  #remove(topic: string): void {
    this.#client?.publish({
      topic,
      payload: new Uint8Array(0),
      qos: 0,
      retain: true,
      properties: NO_PROPERTIES,
    }).catch(() => {}); // the loss is told elsewhere
  }

  #end(code: number): void {
    this.#isDone = true;
    this.#done.resolve(code);
  }
}

/** It is shutting down, busy, or was silent: it may be back. */
const PASSING: ReadonlySet<number> = new Set([0x00, 0x89, 0x8b, 0x8d]);
