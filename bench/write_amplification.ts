/**
 * How many bytes brokers write to a disk for what they keep:
 *
 *     TMPDIR=/data deno run -A bench/write_amplification.ts --write
 *
 * prints a table, and with `--write` puts it into the README. Each row is the
 * whole life of a broker on an empty folder below `TMPDIR`, from its start to
 * its orderly end, less what the same broker writes for the same clients when
 * they publish nothing.
 *
 * Linux counts the bytes: pages that a process makes dirty (`write_bytes` in
 * `/proc/self/io`, which has those of children that have ended). What a file
 * system writes beside, its own journal say, is not in it. How busy the
 * machine is has hardly a say: only what shares a commit depends on it.
 */

import { readFileSync } from "node:fs";
import type { QoS } from "../src/base/qos.ts";
import { Client } from "../src/client/client.ts";
import { NO_PROPERTIES } from "../src/codec/properties.ts";
import type { DialAddress } from "../src/net/dial_address.ts";
import { freePort } from "../tests/support/free_port.ts";
import { contenders } from "./load/contenders.ts";
import type { Contender } from "./load/contenders.ts";
import { OPEN_TCP } from "./load/doors.ts";
import { NO_EQUIPMENT } from "./load/equipment.ts";
import { machineText } from "./load/machine.ts";
import { type Saved, withMeasured } from "./load/measured.ts";
import { ON_DISK } from "./load/variants.ts";
import {
  type Written,
  type WrittenRow,
  writtenTable,
} from "./load/written_table.ts";

/** What is published, and to whom. */
interface Task {
  readonly what: string;
  readonly qos: QoS;
  readonly payloadBytes: number;
  readonly retain: boolean;
  readonly publishers: number;
  /** How many messages a publisher has on their way. */
  readonly window: number;
  /** How many sessions there are, each for its topic. */
  readonly sessions: number;
  /** Whether these are there, or come back at last, or not at all. */
  readonly readers: "there" | "back" | "away";
  readonly topics: number;
  readonly messages: number;
}

const queued = {
  qos: 1,
  payloadBytes: 64,
  retain: false,
  publishers: 10,
  window: 1_000,
  sessions: 50,
  readers: "away",
  topics: 50,
  messages: 400_000,
} as const;
const ONE_BY_ONE = { publishers: 1, window: 1, messages: 40_000 };
const passed = { ...queued, readers: "there", window: 20 } as const;
const retained = { ...queued, sessions: 0, retain: true, topics: 1_000 };
const large = { ...queued, payloadBytes: 16_384, window: 20, messages: 10_000 };

const TASKS: readonly Task[] = [
  { ...queued, what: "queued" },
  { ...queued, ...ONE_BY_ONE, what: "queued, one by one" },
  { ...queued, readers: "back", what: "queued, and delivered later" },
  { ...passed, what: "delivered at once" },
  { ...passed, ...ONE_BY_ONE, what: "delivered at once, one by one" },
  { ...passed, qos: 2, what: "delivered at once, QoS 2" },
  { ...retained, what: "retained" },
  { ...retained, ...ONE_BY_ONE, what: "retained, one by one" },
  { ...large, what: "queued, 16 KiB" },
  {
    ...large,
    ...ONE_BY_ONE,
    messages: 2_000,
    what: "queued, 16 KiB, one by one",
  },
];

const README = new URL("../README.md", import.meta.url);
const MEASURED = new URL("measured.json", import.meta.url);
const BROKERS = ["deno", "bun"];
/** Some for each publisher, and for each session. */
const TINY_MESSAGES = 100;

/** Runs all of it; `tiny` with our broker on Deno, and few messages. */
export async function run(size: "tiny" | "full"): Promise<WrittenRow[]> {
  const isTiny = size === "tiny";
  const names = isTiny ? ["deno"] : BROKERS;
  const rows: WrittenRow[] = [];
  for (const contender of contenders) {
    if (!names.includes(contender.name)) continue;
    for (const whole of TASKS) {
      // With one publisher all else is the same.
      if (isTiny && whole.window === 1) continue;
      const task = isTiny ? { ...whole, messages: TINY_MESSAGES } : whole;
      const { what, payloadBytes } = task;
      if (!isTiny) console.error(`${contender.name}: ${what}`);
      const bytesPerMessage = Math.round(await costOf(contender, task));
      rows.push({
        what,
        contender: contender.name,
        payloadBytes,
        bytesPerMessage,
      });
    }
  }
  return rows;
}

/** What a message costs, bytes. */
async function costOf(contender: Contender, task: Task): Promise<number> {
  const restBytes = await writtenBy(contender, { ...task, messages: 0 });
  const bytes = await writtenBy(contender, task);
  return Math.max(0, bytes - restBytes) / task.messages;
}

/** What a broker writes in its life. */
async function writtenBy(contender: Contender, task: Task): Promise<number> {
  const before = writtenBytes();
  const place = { port: freePort(), door: OPEN_TCP, setting: ON_DISK };
  const { target, stop } = await contender.start(place, NO_EQUIPMENT);
  try {
    await perform(task, target.address);
  } finally {
    await stop();
  }
  return writtenBytes() - before;
}

async function perform(task: Task, address: DialAddress): Promise<void> {
  const { messages, readers } = task;
  const reading = await Promise.all(
    Array.from({ length: task.sessions }, async (_, index) => {
      const reader = await connected(address, `reader-${index}`);
      await reader.subscribe([{ ...ENTRY, filter: topicOf(index) }]);
      if (readers !== "there") await reader.disconnect();
      return reader;
    }),
  );
  const each = messages / task.publishers;
  await Promise.all(
    Array.from({ length: task.publishers }, async (_, index) => {
      const id = `writer-${index}`;
      const publisher = await connected(address, id, task.window);
      await publish(publisher, task, index * each, each);
      await publisher.disconnect();
    }),
  );
  if (readers === "there") {
    await Promise.all(reading.map((reader) => reader.disconnect()));
  } else if (readers === "back" && messages > 0) {
    await takeAll(address, task);
  }
}

async function publish(
  client: Client,
  { qos, payloadBytes, retain, topics, window }: Task,
  from: number,
  count: number,
): Promise<void> {
  const payload = new Uint8Array(payloadBytes);
  let next = 0;
  await Promise.all(Array.from({ length: window }, async () => {
    while (next < count) {
      const topic = topicOf((from + next++) % topics);
      const properties = NO_PROPERTIES;
      await client.publish({ topic, payload, qos, retain, properties });
    }
  }));
}

/** They come back one after the other, and get what waits for them. */
async function takeAll(address: DialAddress, task: Task): Promise<void> {
  const each = task.messages / task.sessions;
  for (let index = 0; index < task.sessions; index++) {
    let left = each;
    const all = Promise.withResolvers<void>();
    const received = () => {
      if (--left === 0) all.resolve();
    };
    const id = `reader-${index}`;
    const reader = await connected(address, id, task.window, received);
    await all.promise;
    await reader.disconnect();
  }
}

const ENTRY = {
  qos: 2,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
} as const;

function topicOf(index: number): string {
  return `topic/${index}`;
}

function connected(
  address: DialAddress,
  clientId: string,
  inflightMax = 1,
  received = () => {},
): Promise<Client> {
  const connect = {
    level: 4,
    clientId,
    cleanSession: !clientId.startsWith("reader"),
    keepAliveSeconds: 0,
    will: undefined,
    userName: undefined,
    password: undefined,
    properties: NO_PROPERTIES,
  };
  return Client.connect({ address, connect, inflightMax }, { received });
}

/** By this process and by children that have ended. */
function writtenBytes(): number {
  const text = readFileSync("/proc/self/io", "utf8");
  return Number(/^write_bytes: (\d+)$/m.exec(text)![1]);
}

async function measured(): Promise<Written> {
  const rows = await run("full");
  const versions: Record<string, string> = {};
  for (const contender of contenders) {
    if (!BROKERS.includes(contender.name)) continue;
    versions[contender.name] = await contender.title();
  }
  const machine = await machineText(navigator.hardwareConcurrency);
  const date = new Date().toISOString().slice(0, 10);
  return { date, machine, versions, rows };
}

if (import.meta.main) {
  const written = await measured();
  console.log(writtenTable(written));
  if (Deno.args.includes("--write")) {
    const before: Saved = JSON.parse(await Deno.readTextFile(MEASURED));
    const saved: Saved = { ...before, written };
    await Deno.writeTextFile(MEASURED, JSON.stringify(saved, null, 2) + "\n");
    const readme = await Deno.readTextFile(README);
    await Deno.writeTextFile(README, withMeasured(readme, saved));
  }
}
