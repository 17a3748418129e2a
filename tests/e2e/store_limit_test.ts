/**
 * `--store-bytes-max` with a real file: what has to be kept is refused when
 * it is reached, the rest goes on, queues drain, and then there is room
 * again; it is told once and can be watched.
 */

import { assert, assertEquals } from "@std/assert";
import { within } from "../support/deadline.ts";
import { testRuntime } from "../support/e2e.ts";
import {
  assertServes,
  Client,
  leaveReader,
  numbered,
  readAll,
} from "../support/keeping_clients.ts";
import { BrokerProcess } from "../support/process.ts";

const QUOTA_EXCEEDED = 0x97;
const LIMIT = 2 << 20;

/** Publishes one by one until one is refused; how many were not. */
async function fill(port: number, bytes?: number): Promise<number> {
  using client = await Client.connected(port, { clientId: "writer" });
  for (let number = 1;; number++) {
    await client.send(numbered(number, bytes));
    const { reason, properties } = await client.next("puback");
    if (reason === 0) continue;
    assertEquals(reason, QUOTA_EXCEEDED);
    assertEquals(
      properties.reasonString,
      "the store is full (storeBytesMax)",
    );
    return number - 1;
  }
}

/** There is room by itself: somebody asks until it is so. */
async function untilKept(port: number): Promise<void> {
  using client = await Client.connected(port, { clientId: "again" });
  const asking = async () => {
    while (await client.told(9) === QUOTA_EXCEEDED);
  };
  const giveUp = () => client[Symbol.dispose]();
  await within(asking(), "room in the store", giveUp);
}

/** A sample of `/metrics`. */
async function metric(broker: BrokerProcess, name: string): Promise<number> {
  const { url } = await broker.logged("http_listening");
  const answer = await fetch(new URL("/metrics", `${url}`));
  const line = (await answer.text()).split("\n").find((one) =>
    one.startsWith(`${name} `)
  );
  return Number(line?.slice(name.length));
}

testRuntime("a store has a limit, drains and has room", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "broker-limit-" });
  const args = [
    ["--data", folder],
    ["--store-bytes-max", `${LIMIT}`],
    ["--http-listen", "127.0.0.1:0"],
  ].flat();
  try {
    await using broker = await BrokerProcess.start({ runtime, args });
    await leaveReader(broker.port);
    const count = await fill(broker.port);
    // Each takes five pages of the file.
    assert(count > 80 && count <= 110, `${count} of 20 kB in 2 MiB`);
    await assertServes(broker.port);
    const bytes = await metric(broker, "mqtt_store_bytes");
    assert(bytes >= LIMIT && bytes < LIMIT * 1.2, `${bytes} bytes`);
    const refused = 'mqtt_refused_total{what="store"}';
    assertEquals(await metric(broker, refused), 1);
    const { size } = await Deno.stat(`${folder}/broker.db`);
    assert(size < LIMIT * 1.2, `a file of ${size} bytes`);
    const numbers = await readAll(broker.port, count);
    assertEquals(numbers.size, count);
    await untilKept(broker.port);
    await broker.logged("store_has_room");
    const events = ["store_full", "store_has_room"].map((event) =>
      broker.log.filter((line) => line.event === event)
        .map(({ level }) => level)
    );
    assertEquals(events, [["error"], ["warn"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testRuntime("so it does with small messages, by a log", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "broker-limit-" });
  const args = ["--data", folder, "--store-bytes-max", "300000"];
  try {
    await using broker = await BrokerProcess.start({ runtime, args });
    await leaveReader(broker.port);
    const count = await fill(broker.port, 64);
    assertEquals((await readAll(broker.port, count)).size, count);
    await untilKept(broker.port);
    await broker.logged("store_has_room");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
