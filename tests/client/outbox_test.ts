/**
 * Packet ids and the window of a client, without a connection.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Outbox } from "../../src/client/outbox.ts";

Deno.test("packet ids begin at 1 and are not used twice", async () => {
  const outbox = new Outbox<string>();
  const ids: number[] = [];
  const note = (id: number) => void ids.push(id);
  const first = outbox.ask(note);
  const second = outbox.ask(note);
  assertEquals(ids, [1, 2]);
  outbox.answer(2, "b");
  outbox.answer(1, "a");
  assertEquals(await Promise.all([first, second]), ["a", "b"]);
});

Deno.test("after 65535 comes the next that is free", () => {
  const outbox = new Outbox<string>();
  void outbox.ask(() => {});
  let last = 0;
  for (let count = 2; count <= 65_535; count++) {
    void outbox.ask((id) => void (last = id));
    outbox.answer(last, "");
  }
  assertEquals(last, 65_535);
  void outbox.ask((id) => void (last = id));
  assertEquals(last, 2);
});

Deno.test("an answer to nothing is let go by", () => {
  const outbox = new Outbox<string>();
  outbox.answer(7, "a");
  assertEquals(outbox.has(7), false);
});

Deno.test("above the window a message waits for room", async () => {
  const outbox = new Outbox<string>();
  outbox.setWindow(1);
  await outbox.enter();
  let isIn = false;
  const second = outbox.enter().then(() => isIn = true);
  await Promise.resolve();
  assertEquals(isIn, false);
  outbox.leave();
  await second;
  assertEquals(isIn, true);
});

Deno.test("the end reaches what waits, and what comes later", async () => {
  const outbox = new Outbox<string>();
  outbox.setWindow(1);
  await outbox.enter();
  const waiting = [outbox.enter(), outbox.ask(() => {})];
  outbox.close(new RangeError("over"));
  waiting.push(outbox.enter(), outbox.ask(() => {}));
  for (const one of waiting) await assertRejects(() => one, RangeError, "over");
});

Deno.test("what can't be sent waits for nothing", async () => {
  const outbox = new Outbox<string>();
  const work = outbox.ask(() => {
    throw new RangeError("too large");
  });
  await assertRejects(() => work, RangeError);
  assertEquals(outbox.has(1), false);
});
