/**
 * What a session has in the store's file, and what of it may be written
 * later. Runs under Deno and Bun.
 */

import { makeMessage } from "../../src/codec/message.ts";
import { Delivery } from "../../src/session/delivery.ts";
import { SessionRows } from "../../src/store/session_rows.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";

const DELIVERY = new Delivery(makeMessage("a", Uint8Array.of(1), 1), 1);

/** Two messages wait, and the file has them. */
function written(): SessionRows {
  const rows = new SessionRows(1, "a");
  rows.wait(DELIVERY);
  rows.wait(DELIVERY);
  rows.settle();
  return rows;
}

test("that a message of the file is in flight is written later", () => {
  const rows = written();
  rows.waited(1, 1);
  rows.waited(1, 2);
  assertEquals([...rows.moved?.keys() ?? []], []);
  rows.settle();
  assertEquals([...rows.moved?.keys() ?? []], [1, 2]);
});

test("but not later than of one that is behind them", () => {
  const waiting = written();
  waiting.wait(DELIVERY);
  for (const packetId of [1, 2, 3]) waiting.waited(1, packetId);
  const flying = written();
  for (const packetId of [1, 2]) flying.waited(1, packetId);
  flying.fly(3, DELIVERY);
  for (const rows of [waiting, flying]) {
    assertEquals([...rows.moved?.keys() ?? []], [1, 2]);
    rows.land(1);
    assertEquals([...rows.moved?.keys() ?? []], [2]);
  }
});
