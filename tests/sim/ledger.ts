/**
 * What is owed to whom in the simulated world: every message that reached
 * the broker, who was subscribed then, and what came of it. It judges and
 * changes nothing.
 */

import { isMatch } from "../router/model.ts";
import type { Delivery, Outgoing, SimClient } from "./client.ts";

/** A message, and with which QoS a subscriber is to get it. */
interface Debt {
  payload: string;
  /** Sent again by its publisher it may meet another grant. */
  qosLeast: number;
  qosMost: number;
  /** Whether a loss is a fault, or bad luck of a QoS 0 message. */
  isSafe: boolean;
  /**
   * It came to the broker again, behind others: when this one was not
   * subscribed before, or has lost the first.
   */
  isLate: boolean;
}

/** Whether a client may publish on a topic, or read it. */
export type May = (
  clientId: string,
  action: "read" | "write",
  topic: string,
) => boolean;

export class Ledger {
  /** What each topic retains. */
  readonly retained = new Map<string, string>();
  readonly #debts = new Map<SimClient, Map<string, Debt>>();
  /** How often each message reached the broker. */
  readonly #arrivals = new Map<string, number>();
  /** QoS 2 messages of which the sender has to be asked only once. */
  readonly #taken = new Set<string>();
  /** Clients which did not read at some time in this connection. */
  readonly #stuck = new Set<SimClient>();
  readonly #may: May;

  constructor(may: May) {
    this.#may = may;
  }

  /** `message` reaches the broker; `sessions` are alive there. */
  arrives(message: Outgoing, sessions: Iterable<SimClient>): void {
    const { topic, payload, qos, retain } = message;
    if (qos === 2) {
      if (this.#taken.has(payload)) return;
      this.#taken.add(payload);
    }
    this.#arrivals.set(payload, (this.#arrivals.get(payload) ?? 0) + 1);
    if (retain) this.retained.set(topic, payload);
    for (const client of sessions) this.#owe(client, topic, payload, qos);
  }

  /** The client does not read: QoS 0 may get lost for it. */
  gotStuck(client: SimClient): void {
    this.#stuck.add(client);
    for (const debt of this.#debts.get(client)?.values() ?? []) {
      if (debt.qosMost === 0) debt.isSafe = false;
    }
  }

  /** A connection has ended: QoS 0 messages on their way are lost. */
  hungUp(client: SimClient): void {
    this.#stuck.delete(client);
    for (const debt of this.#debts.get(client)?.values() ?? []) {
      if (debt.qosMost === 0) debt.isSafe = false;
    }
  }

  /** A clean session has ended: nothing is owed to it any more. */
  ended(client: SimClient): void {
    for (const debt of this.#debts.get(client)?.values() ?? []) {
      debt.isSafe = false;
    }
  }

  /** Fails unless everybody got what is owed, as often as the QoS says. */
  settle(clients: readonly SimClient[]): void {
    for (const client of clients) this.#settleOne(client);
  }

  #owe(
    client: SimClient,
    topic: string,
    payload: string,
    published: number,
  ): void {
    if (!this.#may(client.clientId, "read", topic)) return;
    let granted = -1;
    for (const [filter, qos] of client.filters) {
      if (isMatch(filter, topic)) granted = Math.max(granted, qos);
    }
    if (granted < 0) return;
    const qos = Math.min(granted, published);
    const isSafe = qos > 0 || client.isConnected && !this.#stuck.has(client);
    let debts = this.#debts.get(client);
    if (debts === undefined) this.#debts.set(client, debts = new Map());
    const before = debts.get(payload);
    const isLate = this.#arrivals.get(payload)! > 1;
    if (before === undefined) {
      const grant = { qosLeast: qos, qosMost: qos };
      debts.set(payload, { payload, ...grant, isSafe, isLate });
      return;
    }
    before.isLate ||= isLate;
    before.qosLeast = Math.min(before.qosLeast, qos);
    before.qosMost = Math.max(before.qosMost, qos);
  }

  #settleOne(client: SimClient): void {
    const debts = this.#debts.get(client) ?? new Map<string, Debt>();
    const counts = new Map<string, number>();
    for (const { topic, payload, retain, qos, dup } of client.received) {
      const who = `${client.clientId}, message ${short(payload)}`;
      if (!this.#may(client.clientId, "read", topic)) {
        throw new Error(`${who}: not to be read`);
      }
      if (retain) continue;
      const debt = debts.get(payload);
      if (debt === undefined) throw new Error(`${who}: not subscribed to`);
      if (qos < debt.qosLeast || qos > debt.qosMost) {
        throw new Error(`${who}: QoS ${qos}`);
      }
      if (dup && qos === 0) throw new Error(`${who}: QoS 0 with DUP`);
      counts.set(payload, (counts.get(payload) ?? 0) + 1);
    }
    for (const { payload, qosLeast, qosMost, isSafe } of debts.values()) {
      const count = counts.get(payload) ?? 0;
      const arrivals = this.#arrivals.get(payload)!;
      const who = `${client.clientId}, message ${short(payload)}, ` +
        `QoS ${qosLeast} to ${qosMost}`;
      if (count === 0 && isSafe) throw new Error(`${who}: never came`);
      const mayRepeat = qosLeast <= 1 && qosMost >= 1;
      if (count > arrivals && !mayRepeat) {
        throw new Error(`${who}: came ${count} times`);
      }
    }
    checkOrder(client, debts);
  }
}

/** [MQTT-4.6.0-6]: by publisher, topic and QoS, when they come first. */
function checkOrder(
  client: SimClient,
  debts: ReadonlyMap<string, Debt>,
): void {
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  for (const delivery of client.received) {
    if (delivery.retain || seen.has(delivery.payload)) continue;
    seen.add(delivery.payload);
    // Sent again behind later ones: its place in the order is no fault.
    if (debts.get(delivery.payload)!.isLate) continue;
    const { publisher, sequence } = originOf(delivery);
    const lane = `${publisher} ${delivery.topic} ${delivery.qos}`;
    if (sequence < (latest.get(lane) ?? -1)) {
      throw new Error(
        `${client.clientId}: ${
          short(delivery.payload)
        } came after ${publisher}:` +
          `${latest.get(lane)} on ${delivery.topic}`,
      );
    }
    latest.set(lane, sequence);
  }
}

/** Without the padding, for people. */
function short(payload: string): string {
  return payload.replace(/:\.*$/, "");
}

/** Payloads of the world are `publisher:sequence` and padding. */
function originOf({ payload }: Delivery): {
  publisher: string;
  sequence: number;
} {
  const [publisher, sequence] = payload.split(":");
  return { publisher: publisher!, sequence: Number.parseInt(sequence!) };
}
