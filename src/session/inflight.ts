/**
 * The in-flight window: QoS 1 and 2 messages sent to a client and not yet
 * acknowledged, by packet id (MQTT 3.1.1 sections 2.3.1 and 4.3).
 *
 * A packet id's low bits are its slot: ids whose slot is taken are skipped
 * when the next one is chosen, so every look-up is one comparison and the
 * window needs no map.
 *
 * ```text
 *   QoS 1:  PUBACK_DUE ─PUBACK─► free
 *   QoS 2:  PUBREC_DUE ─PUBREC─► PUBCOMP_DUE ─PUBCOMP─► free
 * ```
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { BacklogTotal } from "./backlog.ts";
import type { Delivery } from "./delivery.ts";

/** The slot is not in use. */
export const FREE = 0;
/** A QoS 1 message is sent. */
export const PUBACK_DUE = 1;
/** A QoS 2 message is sent. */
export const PUBREC_DUE = 2;
/** A QoS 2 message is received by the client; PUBREL is sent. */
export const PUBCOMP_DUE = 3;

/** What the client has to answer to a message in flight. */
export type InflightState = 0 | 1 | 2 | 3;

/** One message in flight, as {@linkcode Inflight.inOrder} shows it. */
export interface InflightEntry {
  /** Its packet id. */
  readonly packetId: number;
  /** What the client has to answer. */
  readonly state: InflightState;
  /** What was sent; `undefined` when it need not be sent again. */
  readonly delivery: Delivery | undefined;
}

const PACKET_ID_MAX = 65_535;
const CAPACITY_FIRST = 8;

/** A window. */
export class Inflight {
  /** How many messages are in flight. */
  size = 0;
  /** What the messages that are kept take, bytes. */
  bytes = 0;
  readonly #total: BacklogTotal;
  #nextId = 1;
  #sequence = 0;
  #ids = new Uint16Array(0);
  #states: InflightState[] = [];
  #deliveries: (Delivery | undefined)[] = [];
  #order: number[] = [];

  /** @param total Where the bytes of all sessions are added up. */
  constructor(total: BacklogTotal = { backlogBytes: 0 }) {
    this.#total = total;
  }

  /**
   * Puts a message in flight; returns its packet id, which is not in use
   * [MQTT-2.3.1-2].
   *
   * @param delivery What to keep for a retransmission, if anything.
   */
  add(state: InflightState, delivery: Delivery | undefined): number {
    if (this.size * 2 >= this.#ids.length) this.#grow();
    const mask = this.#ids.length - 1;
    let id = this.#nextId;
    while (this.#states[id & mask] !== FREE) {
      id = id === PACKET_ID_MAX ? 1 : id + 1;
    }
    this.#fill(id, state, delivery);
    return id;
  }

  /** Puts a message in flight that had its packet id already, in order. */
  put(
    packetId: number,
    state: InflightState,
    delivery: Delivery | undefined,
  ): void {
    assert(this.stateOf(packetId) === FREE, "packet id not in flight yet");
    while (
      this.#ids.length === 0 ||
      this.#states[packetId & (this.#ids.length - 1)] !== FREE
    ) this.#grow();
    this.#fill(packetId, state, delivery);
  }

  /** What the client has to answer for `packetId`; FREE when nothing. */
  stateOf(packetId: number): InflightState {
    if (this.size === 0) return FREE;
    const slot = packetId & (this.#ids.length - 1);
    return this.#ids[slot] === packetId ? this.#states[slot]! : FREE;
  }

  /** What was sent with `packetId`, if it was kept. */
  deliveryOf(packetId: number): Delivery | undefined {
    assert(this.stateOf(packetId) !== FREE, "packet id in flight");
    return this.#deliveries[packetId & (this.#ids.length - 1)];
  }

  /** QoS 2: the client has the message, and PUBREL goes out. */
  received(packetId: number): void {
    assert(this.stateOf(packetId) === PUBREC_DUE, "PUBREC was due");
    const slot = packetId & (this.#ids.length - 1);
    this.#states[slot] = PUBCOMP_DUE;
    this.#forget(slot);
    // [MQTT-4.6.0-4]: PUBRELs go in the order of the PUBRECs.
    this.#order[slot] = this.#sequence++;
  }

  /** The client has answered all: the packet id is free again. */
  release(packetId: number): void {
    assert(this.stateOf(packetId) !== FREE, "packet id in flight");
    const slot = packetId & (this.#ids.length - 1);
    this.#states[slot] = FREE;
    this.#forget(slot);
    this.size--;
  }

  /** Forgets everything: the session ends. */
  clear(): void {
    this.#total.backlogBytes -= this.bytes;
    this.bytes = this.size = 0;
    this.#ids = new Uint16Array(0);
    this.#states = [];
    this.#deliveries = [];
    this.#order = [];
  }

  /** All messages in flight, in the order in which they were sent. */
  inOrder(): InflightEntry[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.#states.length; slot++) {
      if (this.#states[slot] !== FREE) slots.push(slot);
    }
    slots.sort((a, b) => this.#order[a]! - this.#order[b]!);
    return slots.map((slot) => ({
      packetId: this.#ids[slot]!,
      state: this.#states[slot]!,
      delivery: this.#deliveries[slot],
    }));
  }

  #fill(
    packetId: number,
    state: InflightState,
    delivery: Delivery | undefined,
  ): void {
    this.#nextId = packetId === PACKET_ID_MAX ? 1 : packetId + 1;
    const slot = packetId & (this.#ids.length - 1);
    this.#ids[slot] = packetId;
    this.#states[slot] = state;
    this.#deliveries[slot] = delivery;
    this.#order[slot] = this.#sequence++;
    this.size++;
    if (delivery !== undefined) this.#count(delivery.message.size);
  }

  #forget(slot: number): void {
    const delivery = this.#deliveries[slot];
    if (delivery === undefined) return;
    this.#deliveries[slot] = undefined;
    this.#count(-delivery.message.size);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#total.backlogBytes += bytes;
  }

  /** Twice the slots; ids that differ in fewer bits still do in more. */
  #grow(): void {
    const old = this.#ids.length;
    const capacity = old === 0 ? CAPACITY_FIRST : old * 2;
    const ids = new Uint16Array(capacity);
    const states: InflightState[] = new Array(capacity).fill(FREE);
    const deliveries: (Delivery | undefined)[] = new Array(capacity)
      .fill(undefined);
    const order: number[] = new Array(capacity).fill(0);
    for (let from = 0; from < old; from++) {
      if (this.#states[from] === FREE) continue;
      const slot = this.#ids[from]! & (capacity - 1);
      ids[slot] = this.#ids[from]!;
      states[slot] = this.#states[from]!;
      deliveries[slot] = this.#deliveries[from];
      order[slot] = this.#order[from]!;
    }
    this.#ids = ids;
    this.#states = states;
    this.#deliveries = deliveries;
    this.#order = order;
  }
}
