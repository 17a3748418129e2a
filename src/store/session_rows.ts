/**
 * One persistent session as the store's file has it, and what has changed
 * since the last batch of changes. It knows the places of messages, not the
 * messages: those it holds only until they are written.
 *
 * What comes and goes between two batches is never written.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { QoS } from "../base/qos.ts";
import type { Will } from "../codec/connect.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Grant } from "../topic/subscription.ts";
import { SeqRuns } from "./seq_runs.ts";

/** `flight` = order × this + packet id. */
export const FLIGHT_ORDER = 65_536;

/** A message that several wait for. */
export interface SharedMessage {
  /** For how many rows of this batch it is; the rest never was. */
  uses: number;
  /** Its number in the file, once it is written. */
  id: number;
}

/** A row that is not written yet. */
export interface FreshRow {
  /** What waits or is in flight; `undefined` when PUBREL is out. */
  readonly delivery: Delivery | undefined;
  /** 0 while it waits. */
  flight: number;
  /** The message, when others wait for it too. */
  shared: SharedMessage | undefined;
  /** Whether it went before it was written. */
  isGone: boolean;
}

/** See above. The fields are the journal's to write out. */
export class SessionRows {
  /** The number in the file. */
  readonly id: number;
  /** The client identifier. */
  readonly clientId: string;
  /** See `StoredSession`. */
  expiryMs = Infinity;
  /** See `StoredSession`; `undefined` while it has a connection. */
  leftMs: number | undefined;
  /** See `StoredSession`. */
  userName: string | undefined;
  /** See `StoredSession`. */
  hasOwnRights = false;
  /** See `StoredSession`. */
  will: Will | undefined;
  /** Whether the file knows it. */
  isWritten = false;
  /** Whether it has ended. */
  isEnded = false;
  /** Whether anything is to be written. */
  isTouched = false;
  /** Whether the row of the session itself is. */
  isChanged = false;
  /** Whether it counts among those that need to know the broker's end. */
  isTimed = false;
  /** Where the messages lie that wait. */
  readonly waiting = new SeqRuns();
  /** Where those lie that are in flight, by packet id. */
  inflight: Map<number, number> | undefined;
  /** Subscriptions that were made, changed or, `undefined`, ended. */
  grants: Map<string, Grant | undefined> | undefined;
  /** QoS 2 packet ids: received, released, or released and received. */
  receivedIds: Map<number, "in" | "out" | "again"> | undefined;
  /** The rows of this batch, from {@linkcode freshAt} on. */
  fresh: (FreshRow | undefined)[] = [];
  /** The place of the first of them. */
  freshAt = 1;
  /**
   * Rows of the file that are in flight now, at QoS 1: places and `flight`.
   * They are written a batch later: most of them are done with by then.
   */
  moving: Map<number, number> | undefined;
  /** Those that are to be written: of the batch before, or QoS 2. */
  moved: Map<number, number> | undefined;
  /** Rows of the file that are to go: from, to. */
  removed: number[] = [];
  #nextOrder = 1;

  /** A session without messages. */
  constructor(id: number, clientId: string) {
    this.id = id;
    this.clientId = clientId;
  }

  /** The file has it like this. */
  restored(places: { next: number; order: number }): void {
    this.isWritten = true;
    this.freshAt = places.next;
    this.#nextOrder = places.order;
  }

  /** Whether it matters when the connection ends, if nobody tells. */
  get needsTime(): boolean {
    const { expiryMs, isEnded, leftMs, will } = this;
    if (isEnded || leftMs !== undefined || expiryMs === 0) return false;
    const delaySeconds = will?.properties.willDelaySeconds ?? 0;
    return expiryMs < Infinity || delaySeconds > 0;
  }

  /** A message waits; returns its row. */
  wait(delivery: Delivery): FreshRow {
    this.waiting.push(this.freshAt + this.fresh.length);
    return this.#add(delivery, 0);
  }

  /** A message is in flight; `undefined` when the client has it. */
  fly(packetId: number, delivery: Delivery | undefined): FreshRow {
    assert(!this.inflight?.has(packetId), "a packet id once in flight");
    if (delivery !== undefined) this.#keepOrder();
    const place = this.freshAt + this.fresh.length;
    this.inflight = put(this.inflight, packetId, place);
    return this.#add(delivery, this.#flight(packetId));
  }

  /** The first that waits is in flight, or with 0 done with. */
  waited(qos: QoS, packetId: number): void {
    const place = this.waiting.shift();
    if (qos === 0) return this.remove(place);
    const flight = this.#flight(packetId);
    this.inflight = put(this.inflight, packetId, place);
    if (place < this.freshAt) {
      // A QoS 2 message leaves after the batch that has its packet id.
      if (qos === 1) this.moving = put(this.moving, place, flight);
      else this.moved = put(this.moved, place, flight);
      return;
    }
    this.#keepOrder();
    this.fresh[place - this.freshAt]!.flight = flight;
  }

  /** A message is done with; false when the file has it. */
  land(packetId: number): boolean {
    const place = this.inflight?.get(packetId);
    assert(place !== undefined, "a packet id in flight");
    this.inflight!.delete(packetId);
    this.remove(place);
    return place >= this.freshAt;
  }

  /** The row at `place` goes. */
  remove(place: number): void {
    if (place >= this.freshAt) {
      const at = place - this.freshAt;
      vanish(this.fresh[at]!);
      this.fresh[at] = undefined;
      return;
    }
    if (!this.moving?.delete(place)) this.moved?.delete(place);
    const { removed } = this;
    const last = removed.length - 1;
    if (last > 0 && removed[last] === place) removed[last] = place + 1;
    else removed.push(place, place + 1);
  }

  /** A QoS 2 message from the client is passed on. */
  receive(packetId: number): void {
    const isOut = this.receivedIds?.get(packetId) === "out";
    const state = isOut ? "again" : "in";
    this.receivedIds = put(this.receivedIds, packetId, state);
  }

  /** And released: what comes and goes in a batch never was. */
  release(packetId: number): void {
    if (this.receivedIds?.get(packetId) === "in") {
      this.receivedIds.delete(packetId);
    } else this.receivedIds = put(this.receivedIds, packetId, "out");
  }

  /** What waits from `place` on and is not written yet; at most `max`. */
  freshFrom(place: number, max: number): Delivery[] {
    const page: Delivery[] = [];
    const { fresh } = this;
    for (let at = place - this.freshAt; at < fresh.length; at++) {
      if (page.length === max) break;
      const row = fresh[at];
      if (row?.flight === 0) page.push(row.delivery!);
    }
    return page;
  }

  /** The session ends: what is not written yet never was. */
  end(): void {
    this.isEnded = true;
    for (const row of this.fresh) {
      if (row !== undefined) vanish(row);
    }
  }

  /** All is written. */
  settle(): void {
    this.isWritten = true;
    this.isTouched = this.isChanged = false;
    this.freshAt += this.fresh.length;
    if (this.fresh.length > 0) this.fresh = [];
    if (this.removed.length > 0) this.removed = [];
    this.moved = this.moving;
    this.moving = this.grants = this.receivedIds = undefined;
  }

  /**
   * A message of this batch is in flight behind those that are on the move.
   * So these are written with it: after a start it would come before them.
   */
  #keepOrder(): void {
    if (this.moving === undefined) return;
    for (const [place, flight] of this.moving) {
      this.moved = put(this.moved, place, flight);
    }
    this.moving = undefined;
  }

  #add(delivery: Delivery | undefined, flight: number): FreshRow {
    const row = { delivery, flight, shared: undefined, isGone: false };
    this.fresh.push(row);
    return row;
  }

  #flight(packetId: number): number {
    return this.#nextOrder++ * FLIGHT_ORDER + packetId;
  }
}

/** Most sessions have no change to tell: a map is made for the first. */
export function put<Key, Value>(
  map: Map<Key, Value> | undefined,
  key: Key,
  value: Value,
): Map<Key, Value> {
  return (map ?? new Map<Key, Value>()).set(key, value);
}

function vanish(row: FreshRow): void {
  row.isGone = true;
  if (row.shared !== undefined) row.shared.uses--;
}
