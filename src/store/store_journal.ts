/**
 * The journal of a durable store: takes what the broker tells it, forgets
 * what has come to nothing, and writes the rest into a batch.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import type { QoS } from "../base/qos.ts";
import type { Will } from "../codec/connect.ts";
import type { Message } from "../codec/message.ts";
import type { Delivery } from "../session/delivery.ts";
import type { Journal } from "../session/store.ts";
import type { Grant } from "../topic/subscription.ts";
import type { BatchWriter } from "./batch_writer.ts";
import {
  expiresAt,
  extraOf,
  headOf,
  optionsOf,
  willValues,
} from "./row_format.ts";
import {
  type FreshRow,
  put,
  SessionRows,
  type SharedMessage,
} from "./session_rows.ts";

/** A larger message does not lie among the rows that are looked through. */
const ROW_BODY_BYTES_MAX = 1024;

/** See above. */
export class StoreJournal implements Journal {
  readonly #sessions = new Map<string, SessionRows>();
  readonly #touched: SessionRows[] = [];
  /** Sessions of the file that are to go. */
  readonly #ended: number[] = [];
  readonly #retained = new Map<string, Message | undefined>();
  /** The last message of which a row was made, and that row. */
  #lastMessage: Message | undefined;
  #lastRow: FreshRow | undefined;
  /** QoS 1 messages in flight that are not written yet. */
  #fleeting = 0;
  /** Whether there is more to write on which somebody may wait. */
  #isLasting = false;
  /** Sessions for which it matters how long the broker lives. */
  #timed = 0;
  #lastSessionId = 0;
  #lastMessageId = 0;

  /** The file's greatest numbers of sessions and messages. */
  begin(sessionId: number, messageId: number): void {
    this.#lastSessionId = sessionId;
    this.#lastMessageId = messageId;
  }

  /** A session that the file has. */
  restore(rows: SessionRows): void {
    this.#sessions.set(rows.clientId, rows);
  }

  /** What a session has in the file, and not there yet. */
  rowsOf(clientId: string): SessionRows {
    return this.#sessions.get(clientId)!;
  }

  /** See `Journal`. */
  sessionBegan(clientId: string, expiryMs: number): void {
    const rows = new SessionRows(++this.#lastSessionId, clientId);
    this.#sessions.set(clientId, rows);
    this.sessionExpires(clientId, expiryMs);
  }

  /** See `Journal`. */
  sessionExpires(clientId: string, expiryMs: number): void {
    this.#changed(clientId).expiryMs = expiryMs;
  }

  /** See `Journal`. */
  sessionTaken(
    clientId: string,
    userName: string | undefined,
    hasOwnRights: boolean,
    will: Will | undefined,
  ): void {
    const rows = this.#changed(clientId);
    rows.userName = userName;
    rows.hasOwnRights = hasOwnRights;
    rows.leftMs = undefined;
    rows.will = will;
  }

  /** See `Journal`. */
  sessionLeft(clientId: string, atMs: number, will: Will | undefined): void {
    const rows = this.#changed(clientId);
    rows.leftMs = atMs;
    rows.will = will;
  }

  /** See `Journal`. */
  willPublished(clientId: string): void {
    this.#changed(clientId).will = undefined;
  }

  /** See `Journal`. */
  sessionEnded(clientId: string): void {
    const rows = this.#touch(clientId);
    this.#sessions.delete(clientId);
    rows.end();
    if (rows.isWritten) this.#ended.push(rows.id);
  }

  /** See `Journal`. */
  subscribed(clientId: string, filter: string, grant: Grant): void {
    const rows = this.#touch(clientId);
    rows.grants = put(rows.grants, filter, grant);
  }

  /** See `Journal`. */
  unsubscribed(clientId: string, filter: string): void {
    const rows = this.#touch(clientId);
    rows.grants = put(rows.grants, filter, undefined);
  }

  /** See `Journal`. */
  waits(clientId: string, delivery: Delivery): void {
    this.#share(delivery.message, this.#touch(clientId).wait(delivery));
  }

  /** See `Journal`. */
  inFlight(clientId: string, packetId: number, delivery: Delivery): void {
    const rows = this.#touch(clientId, delivery.qos !== 1);
    if (delivery.qos === 1) this.#fleeting++;
    this.#share(delivery.message, rows.fly(packetId, delivery));
  }

  /** See `Journal`. */
  waited(clientId: string, qos: QoS, packetId: number): void {
    this.#touch(clientId).waited(qos, packetId);
  }

  /** See `Journal`. */
  waitsNoMore(clientId: string, index: number): void {
    const rows = this.#touch(clientId);
    rows.remove(rows.waiting.takeAt(index));
  }

  /** See `Journal`. */
  received(clientId: string, packetId: number): void {
    const rows = this.#touch(clientId);
    rows.land(packetId);
    rows.fly(packetId, undefined);
  }

  /** See `Journal`. */
  done(clientId: string, packetId: number): void {
    // Nobody waits for the end of a row that is written.
    if (this.#touch(clientId, false).land(packetId)) this.#fleeting--;
  }

  /** See `Journal`. */
  idReceived(clientId: string, packetId: number): void {
    this.#touch(clientId).receive(packetId);
  }

  /** See `Journal`. */
  idReleased(clientId: string, packetId: number): void {
    this.#touch(clientId).release(packetId);
  }

  /** See `Journal`. */
  retained(topic: string, message: Message): void {
    this.#isLasting = true;
    this.#retained.set(topic, message);
  }

  /** See `Journal`. */
  retainedCleared(topic: string): void {
    this.#isLasting = true;
    this.#retained.set(topic, undefined);
  }

  /**
   * Writes what has changed since the last time.
   *
   * @param offsetMs To be added to the broker's time for that of the file.
   */
  write(batch: BatchWriter, offsetMs: number): void {
    /** Of which something is written the next time. */
    const unsettled: SessionRows[] = [];
    for (const id of this.#ended.splice(0)) {
      batch.add("endSession", id);
      batch.add("endSubscriptions", id);
      batch.add("endReceived", id);
      batch.add("endQueue", id);
    }
    for (const rows of this.#touched.splice(0)) {
      if (rows.isChanged || rows.isEnded) this.#countTimed(rows);
      if (rows.isEnded) continue;
      if (rows.isChanged) writeSession(batch, rows, offsetMs);
      writeParts(batch, rows);
      rows.fresh.forEach((row, at) => {
        if (row === undefined) return;
        this.#writeRow(batch, rows.id, rows.freshAt + at, row, offsetMs);
      });
      rows.settle();
      if ((rows.moved?.size ?? 0) > 0) unsettled.push(rows);
    }
    for (const rows of unsettled) this.#mark(rows);
    for (const [topic, message] of this.#retained) {
      if (message === undefined) batch.add("deleteRetained", topic);
      else {
        const head = headOf(message, message.qos, true);
        const expires = expiresAt(message, offsetMs);
        batch.add("putRetained", topic, head, expires, message.bytes);
      }
    }
    this.#retained.clear();
    this.#lastMessage = this.#lastRow = undefined;
    this.#fleeting = 0;
    this.#isLasting = false;
  }

  /** Whether it matters to a session that was written: `LifeNotes`. */
  get needsTime(): boolean {
    return this.#timed > 0;
  }

  /**
   * What there is to write on which somebody may wait: "nothing",
   * "fleeting" as long as all of it is in flight at QoS 1, and done with as
   * soon as clients answer.
   */
  get outlook(): "nothing" | "fleeting" | "lasting" {
    if (this.#isLasting) return "lasting";
    return this.#fleeting === 0 ? "nothing" : "fleeting";
  }

  #writeRow(
    batch: BatchWriter,
    session: number,
    place: number,
    { delivery, flight, shared }: FreshRow,
    offsetMs: number,
  ): void {
    if (delivery === undefined) {
      batch.add("putQueue", session, place, flight, 0, null, null, null, null);
      return;
    }
    const { message, qos, retain } = delivery;
    const { bytes } = message;
    const isApart = (shared?.uses ?? 1) > 1 ||
      bytes.length > ROW_BODY_BYTES_MAX;
    const id = isApart ? this.#writeMessage(batch, bytes, shared) : null;
    batch.add(
      "putQueue",
      session,
      place,
      flight,
      headOf(message, qos, retain),
      expiresAt(message, offsetMs),
      extraOf(delivery),
      id,
      isApart ? null : bytes,
    );
  }

  /** Once for all who wait for it; returns its number. */
  #writeMessage(
    batch: BatchWriter,
    bytes: Uint8Array,
    shared: SharedMessage = { uses: 1, id: 0 },
  ): number {
    if (shared.id === 0) {
      shared.id = ++this.#lastMessageId;
      batch.add("putMessage", shared.id, shared.uses, bytes);
    }
    return shared.id;
  }

  /** Those who get the same message in the same turn come in a row. */
  #share(message: Message, row: FreshRow): void {
    if (message === this.#lastMessage) {
      const last = this.#lastRow!;
      const shared = last.shared ??= { uses: last.isGone ? 0 : 1, id: 0 };
      shared.uses++;
      row.shared = shared;
    }
    this.#lastMessage = message;
    this.#lastRow = row;
  }

  #touch(clientId: string, isLasting = true): SessionRows {
    if (isLasting) this.#isLasting = true;
    const rows = this.#sessions.get(clientId);
    assert(rows !== undefined, "a session that the journal knows");
    this.#mark(rows);
    return rows;
  }

  #countTimed(rows: SessionRows): void {
    const { isTimed, needsTime } = rows;
    this.#timed += Number(needsTime) - Number(isTimed);
    rows.isTimed = needsTime;
  }

  #mark(rows: SessionRows): void {
    if (rows.isTouched) return;
    rows.isTouched = true;
    this.#touched.push(rows);
  }

  /** Whether the next batch has something of this one. */
  get isUnsettled(): boolean {
    return this.#touched.length + this.#ended.length + this.#retained.size > 0;
  }

  #changed(clientId: string): SessionRows {
    const rows = this.#touch(clientId);
    rows.isChanged = true;
    return rows;
  }
}

function writeSession(
  batch: BatchWriter,
  rows: SessionRows,
  offsetMs: number,
): void {
  const { expiryMs, leftMs } = rows;
  batch.add(
    "putSession",
    rows.id,
    rows.clientId,
    expiryMs === Infinity ? null : expiryMs,
    leftMs === undefined ? null : Math.round(leftMs + offsetMs),
    rows.userName ?? null,
    rows.hasOwnRights ? 1 : 0,
    ...willValues(rows.will),
  );
}

/** What of a session is not a message to it. */
function writeParts(batch: BatchWriter, rows: SessionRows): void {
  const { id, grants, moved, receivedIds, removed } = rows;
  for (const [filter, grant] of grants ?? []) {
    if (grant === undefined) {
      batch.add("endSubscription", id, filter);
      continue;
    }
    const { subscriptionIds } = grant;
    const ids = subscriptionIds.length === 0
      ? null
      : JSON.stringify(subscriptionIds);
    batch.add("putSubscription", id, filter, optionsOf(grant), ids);
  }
  for (const [packetId, state] of receivedIds ?? []) {
    if (state !== "in") batch.add("deleteReceived", id, packetId);
    if (state !== "out") batch.add("putReceived", id, packetId);
  }
  for (const [place, flight] of moved ?? []) {
    batch.add("setFlight", flight, id, place);
  }
  for (let at = 0; at < removed.length; at += 2) {
    batch.add("deleteQueue", id, removed[at]!, removed[at + 1]!);
  }
}
