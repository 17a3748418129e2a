/**
 * The in-flight window against a map: packet ids are never 0 and never in
 * use twice, states change as the flow has it, the order is kept. Runs under
 * Deno and Bun.
 */

import { InternalError } from "../../src/base/assert.ts";
import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import {
  FREE,
  Inflight,
  type InflightState,
  PUBACK_DUE,
  PUBCOMP_DUE,
  PUBREC_DUE,
} from "../../src/session/inflight.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";

function delivery(name: string, retain = false): Delivery {
  return new Delivery(makeMessage(name, new Uint8Array(), 2), 2, retain);
}

interface Row {
  packetId: number;
  state: InflightState;
  delivery: Delivery | undefined;
}

test("an empty window knows no packet id", () => {
  const inflight = new Inflight();
  assertEquals(inflight.size, 0);
  for (const id of [0, 1, 8, 65_535]) assertEquals(inflight.stateOf(id), FREE);
  assertEquals(inflight.inOrder(), []);
});

test("packet ids go round and leave out 0", () => {
  const inflight = new Inflight();
  for (let round = 0; round < 2; round++) {
    for (let id = 1; id <= 65_535; id++) {
      assertEquals(inflight.add(PUBACK_DUE, undefined), id);
      inflight.release(id);
    }
  }
});

test("an id that is taken is passed over, the last one as well", () => {
  for (const stuck of [1, 8, 65_535]) {
    const inflight = new Inflight();
    inflight.put(stuck, PUBACK_DUE, undefined);
    const seen = new Set<number>();
    for (let i = 0; i < 70_000; i++) {
      const id = inflight.add(PUBREC_DUE, undefined);
      assert(id !== stuck && id > 0 && id <= 65_535, `id ${id}`);
      seen.add(id);
      inflight.release(id);
    }
    assert(seen.size > 50_000);
  }
});

test("the largest window that the limits allow", () => {
  const inflight = new Inflight();
  const ids = new Set<number>();
  for (let i = 0; i < 32_768; i++) {
    ids.add(inflight.add(PUBACK_DUE, undefined));
  }
  assertEquals([ids.size, inflight.size], [32_768, 32_768]);
  assertEquals(inflight.inOrder().map(({ packetId }) => packetId), [...ids]);
});

test("the flow of QoS 2", () => {
  const inflight = new Inflight();
  const kept = delivery("kept", true);
  const id = inflight.add(PUBREC_DUE, kept);
  assertEquals(inflight.deliveryOf(id), kept);
  inflight.received(id);
  assertEquals(inflight.stateOf(id), PUBCOMP_DUE);
  assertEquals(inflight.deliveryOf(id), undefined, "it need not go again");
  assertThrows(() => inflight.received(id), InternalError, "PUBREC was due");
  inflight.release(id);
  assertEquals(inflight.stateOf(id), FREE);
  assertThrows(() => inflight.release(id), InternalError, "in flight");
  assertThrows(() => inflight.deliveryOf(id), InternalError, "in flight");
});

test("a QoS 1 message takes no PUBREC", () => {
  const inflight = new Inflight();
  const id = inflight.add(PUBACK_DUE, undefined);
  assertThrows(() => inflight.received(id), InternalError, "PUBREC was due");
});

test("ids that come back from a store keep their places", () => {
  const inflight = new Inflight();
  const ids = [65_535, 8, 16, 7, 32_768, 1];
  for (const id of ids) inflight.put(id, PUBACK_DUE, undefined);
  assertEquals(inflight.inOrder().map(({ packetId }) => packetId), ids);
  for (let i = 0; i < 200; i++) {
    const id = inflight.add(PUBACK_DUE, undefined);
    assert(!ids.includes(id));
    ids.push(id);
  }
  assertEquals(inflight.size, 206);
});

function step(random: Random, inflight: Inflight, model: Row[]): void {
  const state = random.pick([PUBACK_DUE, PUBREC_DUE] as const);
  const act = random.below(10);
  if (act < 5 || model.length === 0) {
    const kept = random.chance(50) ? delivery("m") : undefined;
    const packetId = inflight.add(state, kept);
    assert(packetId >= 1 && packetId <= 65_535);
    assert(model.every((row) => row.packetId !== packetId), "in use twice");
    model.push({ packetId, state, delivery: kept });
    return;
  }
  const at = random.below(model.length);
  const row = model[at]!;
  if (act < 7 && row.state === PUBREC_DUE) {
    inflight.received(row.packetId);
    // [MQTT-4.6.0-4]: PUBRELs follow the PUBRECs in their order.
    model.splice(at, 1);
    model.push({ ...row, state: PUBCOMP_DUE, delivery: undefined });
  } else {
    inflight.release(row.packetId);
    model.splice(at, 1);
  }
}

test("the window does what a map does", () => {
  forSeeds(200, (random) => {
    const inflight = new Inflight();
    const model: Row[] = [];
    for (let i = 0; i < 300; i++) {
      step(random, inflight, model);
      assertEquals(inflight.size, model.length);
      const any = random.between(1, 400);
      const row = model.find(({ packetId }) => packetId === any);
      assertEquals(inflight.stateOf(any), row?.state ?? FREE);
      if (i % 20 === 0) assertEquals<unknown>(inflight.inOrder(), model);
    }
    assertEquals<unknown>(inflight.inOrder(), model);
  });
});
