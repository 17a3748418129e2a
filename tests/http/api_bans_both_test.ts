/**
 * Who is kept out: how many there may be, and the file that outlives the
 * broker. What becomes of it at a start is in `tests/e2e/bans_test.ts`, too.
 */

import { mkdir, readFile, stat } from "node:fs/promises";
import { BAN_SECONDS_MAX, Bans, BANS_MAX } from "../../src/broker/bans.ts";
import { bansJson, takeBans } from "../../src/http/bans_json.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertThrows } from "../support/std_assert.ts";
import { TestBroker } from "../support/test_broker.ts";
import { type ApiWorld, withApi } from "./api_world.ts";

const fileOf = ({ folder }: ApiWorld) => `${folder}/bans.json`;

/** Whom the file names. */
async function keptIn(world: ApiWorld): Promise<string[]> {
  const { items } = JSON.parse(await readFile(fileOf(world), "utf8"));
  return items.map(({ clientId }: { clientId: string }) => clientId);
}

test("there are so many bans at a time", () => {
  const bans = new Bans();
  for (let i = 0; i < BANS_MAX; i++) assert(bans.add(`${i}`, 1000 + i, 0));
  assert(!bans.add("one more", 5000, 999));
  assert(bans.add("7", 5000, 999), "one that is there may change");
  assert(bans.add("one more", 5000, 1000), "one has ended");
  assertEquals(bans.all(1000).length, BANS_MAX);
});

test("a ban is written down, for its owner only, and its end too", async () => {
  await withApi(async (world) => {
    const names = Array.from({ length: 50 }, (_, i) => `ä ${i}`);
    const path = (name: string) => `/clients/${encodeURIComponent(name)}/ban`;
    const order = { seconds: 60 };
    await Promise.all(names.map(async (name) => {
      const { body, status } = await world.ask("POST", path(name), order);
      assertEquals([status, body.clientId], [201, name]);
      assert((await keptIn(world)).includes(name), "it stays once it is said");
    }));
    assertEquals((await keptIn(world)).sort(), [...names].sort());
    assertEquals((await stat(fileOf(world))).mode & 0o777, 0o600);
    await world.ask("DELETE", `/bans/${encodeURIComponent(names[3]!)}`);
    assertEquals((await keptIn(world)).includes(names[3]!), false);
    // Those that have ended are in the way of nobody.
    world.broker.advance(60_000);
    await world.ask("POST", path("late"));
    assertEquals(await keptIn(world), ["late"]);
  });
});

test("a ban that can't be written down counts, and is no success", async () => {
  await withApi(async (world) => {
    await mkdir(fileOf(world));
    const eve = world.client({ clientId: "eve" });
    const { body, status } = await world.ask("POST", "/clients/eve/ban");
    assertEquals([status, body.error.code, eve.closed], [409, "failed", true]);
    const { message } = body.error;
    assert(message.startsWith("it counts until the broker stops: "), message);
    assertEquals((await world.ask("GET", "/bans")).body.items.length, 1);
    assertEquals((await world.ask("DELETE", "/bans/eve")).status, 409);
    assertEquals((await world.ask("GET", "/bans")).body.items, []);
  });
});

test("who was kept out is kept out for what is left of it", () => {
  const { core } = new TestBroker();
  const after = (ms: number) => new Date(Date.now() + ms).toISOString();
  const items = [
    { clientId: "over", until: after(-1) },
    { clientId: "a while", until: after(60_000) },
    { clientId: "a clock that is behind", until: after(1e14) },
  ];
  takeBans(core, JSON.stringify({ items }));
  const left = core.bans.all(core.nowMs)
    .map(([name, untilMs]) => [name, untilMs - core.nowMs] as const);
  assertEquals(left.map(([name]) => name), [
    "a while",
    "a clock that is behind",
  ]);
  assert(left[0]![1] > 50_000 && left[0]![1] <= 60_000);
  assertEquals(left[1]![1], BAN_SECONDS_MAX * 1000);
  assertEquals(bansJson(core).items.length, 2);
});

test("what is no such file keeps nobody out", () => {
  const good = '{"clientId":"a","until":"2999-01-01T00:00:00.000Z"}';
  for (
    const text of [
      "",
      "{",
      "[]",
      '{"items":{}}',
      `{"items":[${good},{"clientId":"b"}]}`,
      `{"items":[${good},{"clientId":"b","until":"soon"}]}`,
      `{"items":[${good},{"clientId":1,"until":"2999-01-01"}]}`,
    ]
  ) {
    const { core } = new TestBroker();
    assertThrows(() => takeBans(core, text), TypeError);
    assertEquals(core.bans.all(core.nowMs), [], text);
  }
});
