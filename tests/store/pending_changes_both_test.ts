/**
 * What waits in the log and is brought into the tables later leaves them as
 * if each batch had been applied at once. Runs under Deno and Bun.
 */

import { DatabaseSync } from "node:sqlite";
import { BatchWriter } from "../../src/store/batch_writer.ts";
import {
  ChangeApplier,
  type Statement,
} from "../../src/store/change_applier.ts";
import { PendingChanges } from "../../src/store/pending_changes.ts";
import { CHANGE_NAMES, CHANGES, MIGRATIONS } from "../../src/store/schema.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";

const TABLES = ["session", "subscription", "received", "message", "queue"];

class Tables {
  readonly #database = new DatabaseSync(":memory:");
  readonly applier: ChangeApplier;

  constructor() {
    for (const step of MIGRATIONS) this.#database.exec(step);
    this.applier = new ChangeApplier(
      CHANGE_NAMES.map((name) =>
        this.#database.prepare(CHANGES[name]) as unknown as Statement
      ),
    );
  }

  /** All rows, but for messages that nobody is said to wait for. */
  get rows(): unknown {
    return [...TABLES, "retained"].map((table) =>
      this.#database.prepare(`SELECT * FROM ${table}`).all()
        .map((row) => JSON.stringify(row)).sort()
    );
  }

  close(): void {
    this.#database.close();
  }
}

interface Session {
  readonly id: number;
  place: number;
  /** Places of messages. */
  readonly rows: number[];
  readonly received: Set<number>;
}

/** Batches as a journal writes them. */
class Writer {
  readonly batch = new BatchWriter();
  readonly sessions: Session[] = [];
  readonly #random: Random;
  #lastId = 0;
  #lastMessage = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A batch of a few changes. */
  write(): Uint8Array {
    const random = this.#random;
    if (this.sessions.length < 2 || random.chance(5)) this.#begin();
    if (random.chance(3)) this.#end();
    for (const session of this.sessions) {
      this.#deleteSome(session);
      this.#receive(session);
      if (session.rows.length > 0 && random.chance(40)) {
        const place = random.pick(session.rows);
        const flight = random.between(1, 1 << 20);
        this.batch.add("setFlight", flight, session.id, place);
      }
    }
    for (let i = random.between(0, 4); i > 0; i--) this.#putSome();
    if (random.chance(20)) {
      const topic = `topic ${random.between(0, 3)}`;
      if (random.chance(50)) this.batch.add("deleteRetained", topic);
      else {
        const body = new Uint8Array(random.between(0, 9));
        this.batch.add("putRetained", topic, 1, null, body);
      }
    }
    return this.batch.take();
  }

  #begin(): void {
    const id = ++this.#lastId;
    this.sessions.push({ id, place: 1, rows: [], received: new Set() });
    const rest = [0, null, null, null, 0, null, null, null] as const;
    this.batch.add("putSession", id, `client ${id}`, ...rest.slice(1));
    this.batch.add("putSubscription", id, "a/#", 1, null);
  }

  #end(): void {
    const [session] = this.sessions.splice(
      this.#random.between(0, this.sessions.length - 1),
      1,
    );
    const { id } = session!;
    this.batch.add("endSession", id);
    this.batch.add("endSubscriptions", id);
    this.batch.add("endReceived", id);
    this.batch.add("endQueue", id);
  }

  /** As packet ids are told: put when not there, deleted when there. */
  #receive({ id, received }: Session): void {
    const packetId = this.#random.between(1, 3);
    if (this.#random.chance(50)) return;
    if (received.delete(packetId)) {
      this.batch.add("deleteReceived", id, packetId);
      if (this.#random.chance(80)) return;
    }
    received.add(packetId);
    this.batch.add("putReceived", id, packetId);
  }

  #deleteSome(session: Session): void {
    const { id, rows } = session;
    for (let i = this.#random.between(0, 3); i > 0 && rows.length > 0; i--) {
      const at = this.#random.between(0, rows.length - 1);
      const from = rows[at]!;
      let count = 1;
      while (rows[at + count] === from + count && this.#random.chance(50)) {
        count++;
      }
      rows.splice(at, count);
      this.batch.add("deleteQueue", id, from, from + count);
    }
  }

  /** A message for some of the sessions: shared, or in the row itself. */
  #putSome(): void {
    const receivers = this.sessions.filter(() => this.#random.chance(60));
    const body = new Uint8Array([this.#random.between(0, 255)]);
    const isShared = receivers.length > 1;
    const message = isShared ? ++this.#lastMessage : null;
    if (message !== null) {
      this.batch.add("putMessage", message, receivers.length, body);
    }
    for (const session of receivers) {
      const place = session.place++;
      const row = isShared ? [message, null] as const : [null, body] as const;
      const flight = this.#random.between(0, 1);
      session.rows.push(place);
      this.batch.add(
        "putQueue",
        session.id,
        place,
        flight,
        8,
        null,
        null,
        ...row,
      );
    }
  }
}

test("the log leaves the tables as its batches would have", () => {
  let count = 0;
  let left = 0;
  forSeeds(300, (random) => {
    const writer = new Writer(random);
    const atOnce = new Tables();
    const later = new Tables();
    const pending = new PendingChanges(CHANGE_NAMES);
    for (let step = 0; step < 60; step++) {
      const batch = writer.write();
      atOnce.applier.applyAll(batch);
      pending.add(batch);
      if (step < 59 && !random.chance(10)) continue;
      pending.settle(later.applier);
      count += pending.count;
      left += pending.left;
      pending.clear();
      assertEquals(later.rows, atOnce.rows);
    }
    atOnce.close();
    later.close();
  });
  assert(left < count / 2, `${left} of ${count} changes are left`);
});

test("it knows whose queue it changes, and how far", () => {
  const batch = new BatchWriter();
  const pending = new PendingChanges(CHANGE_NAMES);
  const body = new Uint8Array(3000);
  batch.add("putQueue", 1, 5, 0, 8, null, null, null, body);
  batch.add("deleteQueue", 2, 3, 9);
  batch.add("setFlight", 65_537, 3, 4);
  pending.add(batch.take());
  const asked = [[1, 5], [1, 6], [2, 8], [2, 9], [3, 4], [3, 5], [4, 0]];
  assertEquals(
    asked.map(([session, place]) => pending.concerns(session!, place!)),
    [true, false, true, false, true, false, false],
  );
  assertEquals(pending.longest, 3000);
  pending.clear();
  assertEquals(pending.concerns(1, 0), false);
  assertEquals([pending.bytes, pending.count, pending.longest], [0, 0, 0]);
});
