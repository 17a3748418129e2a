/**
 * A broker on a disk in trouble: one that fills up and is freed again, one
 * that turns read-only under it or is so at its start, files that are cut
 * off or have other bytes. What needs no disk goes on, nothing is
 * acknowledged that is not kept, one loud line says so, and it is over by
 * itself when the trouble is.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testRuntime } from "../support/e2e.ts";
import {
  assertServes,
  Client,
  Flood,
  KEPT,
  leaveReader,
  numbered,
  readAll,
} from "../support/keeping_clients.ts";
import { BrokerProcess, runBroker, type Runtime } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { SmallDisk } from "../support/small_disk.ts";
import * as v3 from "../support/wire.ts";
import { connect, decode, frame } from "../support/wire5.ts";

const SERVER_UNAVAILABLE = 0x88;
const QUOTA_EXCEEDED = 0x97;

/** The disk is what is too small, and nothing else. */
function started(runtime: Runtime, folder: string): Promise<BrokerProcess> {
  const args = ["--data", folder, "--backlog-bytes-max", "1GiB"];
  return BrokerProcess.start({ runtime, args });
}

/** What has to be kept is refused, in words where there are any. */
async function assertRefuses(port: number): Promise<void> {
  using client = await Client.connected(port, { clientId: "refused" });
  await client.send(numbered(60_000));
  const answer = await client.next("puback");
  assertEquals(answer.reason, QUOTA_EXCEEDED);
  const { reasonString } = answer.properties;
  assertEquals(reasonString, "the disk can't keep it at the moment");
  using old = await RawClient.connected(port, { clientId: "old" });
  await old.send(v3.publish({ topic: "q/x", qos: 1, packetId: 1 }));
  assertEquals((await old.untilClosed()).length, 0);
  using keeper = await RawClient.open(port);
  await keeper.send(connect({ clientId: "keeper", properties: KEPT }));
  const { firstByte, body } = await keeper.frame();
  const [connack] = decode(frame(firstByte, body));
  assert(connack?.type === "connack", "a refusal");
  assertEquals(connack.reason, SERVER_UNAVAILABLE);
}

function loudLines({ log }: BrokerProcess): string[] {
  const lines = log.filter(({ event }) => event === "store_failed");
  return lines.map(({ level }) => level);
}

/** Everything that was promised comes, and nothing that was refused. */
async function assertKept(
  runtime: Runtime,
  folder: string,
  promised: readonly number[],
): Promise<void> {
  await using broker = await started(runtime, folder);
  assertEquals(
    broker.log.map(({ event }) => event).includes("store_damaged"),
    false,
  );
  const numbers = await readAll(broker.port, promised.length);
  assertEquals(promised.filter((one) => !numbers.has(one)), []);
  assertEquals(numbers.has(60_000), false);
}

/** The same of a copy, while another broker has the folder. */
async function assertCopyKept(
  runtime: Runtime,
  folder: string,
  promised: readonly number[],
): Promise<void> {
  const copy = await Deno.makeTempDir({ prefix: "broker-disk-" });
  try {
    for (const name of ["broker.db", "broker.db-wal"]) {
      await Deno.copyFile(`${folder}/${name}`, `${copy}/${name}`);
    }
    await assertKept(runtime, copy, [...promised]);
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

testRuntime("a disk that fills up, and is freed again", async (runtime) => {
  await using disk = await SmallDisk.inMemory("16m");
  const folder = `${disk.path}/state`;
  const broker = await started(runtime, folder);
  const promised: number[] = [];
  try {
    await leaveReader(broker.port);
    await disk.fill(13 << 20);
    await using flood = new Flood(
      await Client.connected(broker.port, { clientId: "writer" }),
    );
    await broker.logged("store_failed");
    await assertServes(broker.port);
    await assertRefuses(broker.port);
    const before = flood.promised.length;
    assert(before > 0, "some were kept before");
    // As it would be found if the machine stopped now.
    await assertCopyKept(runtime, folder, flood.promised);
    flood.isOver = true;
    await disk.free();
    await broker.logged("store_recovered");
    await flood.done();
    using client = await Client.connected(broker.port, { clientId: "again" });
    assertEquals(await client.told(59_999), 0);
    promised.push(...flood.promised, 59_999);
    assert(flood.promised.length > before, "what waited is kept now");
    assertEquals(loudLines(broker), ["error"]);
  } finally {
    await broker.kill();
  }
  await assertKept(runtime, folder, promised);
}, ["tmpfs"]);

testRuntime("a disk that turns read-only under it", async (runtime) => {
  await using disk = await SmallDisk.image("32M");
  const folder = `${disk.path}/state`;
  const promised = await filled(runtime, folder);
  const broker = await started(runtime, folder);
  try {
    using client = await Client.connected(broker.port, { clientId: "writer" });
    assertEquals(await client.told(7), 0);
    // While nothing is written: Linux says of what is under way that it is
    // on disk, and it is not.
    await disk.breakDown();
    await using flood = new Flood(
      await Client.connected(broker.port, { clientId: "later" }),
    );
    await broker.logged("store_failed");
    await assertServes(broker.port);
    await assertRefuses(broker.port);
    assertEquals(flood.promised, []);
    assertEquals(loudLines(broker), ["error"]);
  } finally {
    await broker.kill();
  }
  await disk.repair();
  await assertKept(runtime, folder, [...promised, 7]);
}, ["ext4"]);

testRuntime("a disk that is read-only at the start", async (runtime) => {
  await using disk = await SmallDisk.inMemory("6m");
  const folder = `${disk.path}/state`;
  {
    await using broker = await started(runtime, folder);
    await leaveReader(broker.port);
    using client = await Client.connected(broker.port, { clientId: "writer" });
    assertEquals(await client.told(1), 0);
  }
  await disk.remount("ro");
  const args = ["--host", "127.0.0.1", "--port", "0", "--data", folder];
  const { code, stderr } = await runBroker({ runtime, args });
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^broker: can't use .*: the file system is read-only; --data.*\n$/,
  );
  await disk.remount("rw");
  await assertKept(runtime, folder, [1]);
}, ["tmpfs"]);

/** A broker's file with a session and messages, and what was promised. */
async function filled(runtime: Runtime, folder: string): Promise<number[]> {
  await using broker = await started(runtime, folder);
  await leaveReader(broker.port);
  using client = await Client.connected(broker.port, { clientId: "writer" });
  const promised = [1, 2, 3, 4, 5, 6];
  for (const one of promised) assertEquals(await client.told(one), 0);
  return promised;
}

/** What is done to a file that no broker uses. */
const HARMS: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ["cut off", (path) => Deno.truncate(path, 3 * 4096)],
  ["emptied of its first page", (path) => flip(path, 0, 4096)],
  ["full of flipped bytes", (path) => flip(path, 4096, Infinity)],
];

async function flip(path: string, from: number, to: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  const end = Math.min(to, bytes.length);
  for (let i = from; i < end; i++) bytes[i] = bytes[i]! ^ 0xff;
  await Deno.writeFile(path, bytes);
}

for (const [what, harm] of HARMS) {
  testRuntime(`a file that is ${what} is set aside`, async (runtime) => {
    const folder = await Deno.makeTempDir({ prefix: "broker-disk-" });
    try {
      await filled(runtime, folder);
      const path = `${folder}/broker.db`;
      await harm(path);
      const before = await Deno.readFile(path);
      {
        await using broker = await started(runtime, folder);
        const lines = broker.log.filter(({ event }) =>
          event === "store_damaged"
        );
        assertEquals(lines.map(({ level }) => level), ["error"]);
        const [, aside] = /it is now (\S+),/.exec(lines[0]!.message)!;
        assertEquals(await Deno.readFile(aside!), before);
        await assertServes(broker.port);
        await leaveReader(broker.port);
        using client = await Client.connected(broker.port, { clientId: "w" });
        assertEquals(await client.told(7), 0);
      }
      // The new one is sound, and keeps what it has promised.
      await assertKept(runtime, folder, [7]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

testRuntime("a torn end of what was written last", async (runtime) => {
  const folder = await Deno.makeTempDir({ prefix: "broker-disk-" });
  try {
    const broker = await started(runtime, folder);
    await leaveReader(broker.port);
    using client = await Client.connected(broker.port, { clientId: "w" });
    for (const one of [1, 2, 3]) assertEquals(await client.told(one), 0);
    await broker.kill();
    // As of a write that a loss of power has torn: it was never promised.
    const wal = await Deno.open(`${folder}/broker.db-wal`, { append: true });
    await wal.write(new Uint8Array(10_000).fill(0x37));
    wal.close();
    await assertKept(runtime, folder, [1, 2, 3]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
