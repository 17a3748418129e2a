/**
 * Changes that are on disk, in the log, and not in the tables yet. What
 * comes and goes before it gets there never does: a message of QoS 2 that
 * goes through costs a few bytes of the log and no row.
 *
 * ```text
 *   batch ──► log (one row a commit)          that is the promise
 *     └─────► PendingChanges ──settle──► tables, and the log is empty again
 * ```
 *
 * Places of messages and numbers of sessions are never used twice, and a
 * message that several wait for comes in the batch of those who do: that is
 * why little is to be remembered.
 *
 * It runs in the thread that writes, from the text of the class: it must
 * name nothing from outside of itself.
 *
 * @module
 */

import type { ChangeApplier, Changes } from "./change_applier.ts";

/** A change, where it lies. */
interface Place {
  readonly changes: Changes;
  readonly at: number;
}

/** A row of the queue that is not in the table. */
interface Row extends Place {
  flight: number;
  /** The message that it shares with others; 0 for none. */
  readonly message: number;
}

/** What changes in the queue of one session. */
interface Queue {
  readonly rows: Map<number, Row>;
  /** Rows of the table that are in flight now. */
  readonly flights: Map<number, number>;
  /** Places in the table that go: from, to, and so on. */
  readonly removed: number[];
  /** The greatest place of which anything changes. */
  lastPlace: number;
}

/** A message that several rows share. */
interface SharedRow extends Place {
  uses: number;
}

/** A packet id: "new" is not in the table, "put" may be. */
type Received = "new" | "put" | "gone";

/** See above. */
export class PendingChanges {
  /** How long the batches are together. */
  bytes = 0;
  /** How many changes they hold. */
  count = 0;
  /** The longest message among them, bytes. */
  longest = 0;
  /** How many changes are left of them; counted when they are settled. */
  left = 0;
  readonly #names: readonly string[];
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", {
    ignoreBOM: true,
  });
  readonly #queues = new Map<number, Queue>();
  readonly #messages = new Map<number, SharedRow>();
  readonly #received = new Map<number, Map<number, Received>>();
  /** The last change of each topic. */
  readonly #retained = new Map<string, Place>();
  /** All else, in order. */
  readonly #others: Place[] = [];
  /** The values of the change that is looked at: numbers, and where text is. */
  readonly #values: number[] = [];

  /** @param names What the changes are, by their number. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Adds a batch, whose memory stays the caller's. */
  add(batch: Uint8Array): void {
    const bytes = batch.slice();
    const { length } = bytes;
    const changes = { bytes, view: new DataView(bytes.buffer) };
    for (let at = 0; at < length; this.count++) {
      const end = this.#skim(changes, at);
      this.#take({ changes, at });
      at = end;
    }
    this.bytes += length;
  }

  /** Whether the queue of a session changes, from `place` on. */
  concerns(session: number, place: number): boolean {
    return (this.#queues.get(session)?.lastPlace ?? -1) >= place;
  }

  /** Forgets them: they are in the tables. */
  clear(): void {
    this.bytes = this.count = this.longest = 0;
    this.#others.length = 0;
    for (
      const map of [
        this.#queues,
        this.#messages,
        this.#received,
        this.#retained,
      ]
    ) map.clear();
  }

  /** Applies what is left of them. They stay until {@linkcode clear}. */
  settle(applier: ChangeApplier): void {
    this.left = this.#others.length + this.#retained.size;
    for (const { changes, at } of this.#others) {
      applier.read(changes, at);
      applier.run();
    }
    for (const { changes, at, uses } of this.#messages.values()) {
      applier.read(changes, at);
      applier.values[1] = uses;
      applier.run();
      this.left++;
    }
    for (const each of this.#queues) this.#settleQueue(applier, ...each);
    const put = this.#names.indexOf("putReceived");
    const remove = this.#names.indexOf("deleteReceived");
    for (const [session, ids] of this.#received) {
      for (const [id, state] of ids) {
        applier.apply(state === "gone" ? remove : put, session, id);
      }
      this.left += ids.size;
    }
    for (const { changes, at } of this.#retained.values()) {
      applier.read(changes, at);
      applier.run();
    }
  }

  #settleQueue(applier: ChangeApplier, session: number, queue: Queue): void {
    const { flights, removed, rows } = queue;
    const remove = this.#names.indexOf("deleteQueue");
    for (let i = 0; i < removed.length; i += 2) {
      applier.apply(remove, session, removed[i], removed[i + 1]);
    }
    const move = this.#names.indexOf("setFlight");
    for (const [place, flight] of flights) {
      applier.apply(move, flight, session, place);
    }
    for (const { changes, at, flight } of rows.values()) {
      applier.read(changes, at);
      applier.values[2] = flight;
      applier.run();
    }
    this.left += removed.length / 2 + flights.size + rows.size;
  }

  /** Looks over the change at `at`; returns where the next one is. */
  #skim({ bytes, view }: Changes, at: number): number {
    const count = bytes[at + 1]!;
    const values = this.#values;
    at += 2;
    for (let i = 0; i < count; i++) {
      const tag = bytes[at++]!;
      if (tag === 0) values[i] = 0;
      else if (tag === 1) {
        values[i] = view.getInt32(at, true);
        at += 4;
      } else if (tag === 2) {
        values[i] = view.getFloat64(at, true);
        at += 8;
      } else {
        values[i] = at;
        const length = view.getUint32(at, true);
        if (length > this.longest) this.longest = length;
        at += 4 + length;
      }
    }
    return at;
  }

  #take(place: Place): void {
    const { bytes } = place.changes;
    const values = this.#values;
    const first = values[0]!;
    const second = values[1]!;
    switch (this.#names[bytes[place.at]!]) {
      case "putQueue":
        this.#putRow(place);
        break;
      case "setFlight":
        this.#setFlight(second, values[2]!, first);
        break;
      case "deleteQueue":
        this.#deleteRows(first, second, values[2]!);
        break;
      case "putMessage":
        this.#messages.set(first, { ...place, uses: second });
        break;
      case "putReceived":
        this.#putReceived(first, second);
        break;
      case "deleteReceived":
        this.#deleteReceived(first, second);
        break;
      case "putRetained":
      case "deleteRetained":
        this.#retained.set(this.#text(place.changes, first), place);
        break;
      case "endQueue":
        this.#endQueue(first);
        this.#others.push(place);
        break;
      case "endReceived":
        this.#received.delete(first);
        this.#others.push(place);
        break;
      default:
        this.#others.push(place);
    }
  }

  #text({ bytes, view }: Changes, at: number): string {
    const end = at + 4 + view.getUint32(at, true);
    return this.#decoder.decode(bytes.subarray(at + 4, end));
  }

  #queueOf(session: number, place: number): Queue {
    let queue = this.#queues.get(session);
    if (queue === undefined) {
      const [rows, flights] = [new Map(), new Map()];
      queue = { rows, flights, removed: [], lastPlace: place };
      this.#queues.set(session, queue);
    } else if (place > queue.lastPlace) queue.lastPlace = place;
    return queue;
  }

  #putRow({ changes, at }: Place): void {
    const values = this.#values;
    const { rows } = this.#queueOf(values[0]!, values[1]!);
    const flight = values[2]!;
    const message = values[6]!;
    rows.set(values[1]!, { changes, at, flight, message });
  }

  #setFlight(session: number, place: number, flight: number): void {
    const { flights, rows } = this.#queueOf(session, place);
    const row = rows.get(place);
    if (row === undefined) flights.set(place, flight);
    else row.flight = flight;
  }

  /** Those that are not in the table are forgotten; the rest has to go. */
  #deleteRows(session: number, from: number, to: number): void {
    const queue = this.#queueOf(session, to - 1);
    const { flights, removed, rows } = queue;
    for (let place = from; place < to; place++) {
      const row = rows.get(place);
      if (row !== undefined) {
        rows.delete(place);
        this.#dropUse(row);
        continue;
      }
      flights.delete(place);
      const last = removed.length - 1;
      if (removed[last] === place) removed[last] = place + 1;
      else removed.push(place, place + 1);
    }
  }

  #endQueue(session: number): void {
    const queue = this.#queues.get(session);
    if (queue === undefined) return;
    for (const row of queue.rows.values()) this.#dropUse(row);
    this.#queues.delete(session);
  }

  #dropUse({ message }: Row): void {
    const shared = this.#messages.get(message);
    if (shared !== undefined && --shared.uses === 0) {
      this.#messages.delete(message);
    }
  }

  #idsOf(session: number): Map<number, Received> {
    let ids = this.#received.get(session);
    if (ids === undefined) this.#received.set(session, ids = new Map());
    return ids;
  }

  #putReceived(session: number, id: number): void {
    const ids = this.#idsOf(session);
    ids.set(id, ids.get(id) === undefined ? "new" : "put");
  }

  #deleteReceived(session: number, id: number): void {
    const ids = this.#idsOf(session);
    if (ids.get(id) === "new") ids.delete(id);
    else ids.set(id, "gone");
  }
}
