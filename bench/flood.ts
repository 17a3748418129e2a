/**
 * What a flood of connections costs those who are connected: the paced
 * scenario of the load bench (10,000 messages a second) alone, and while
 * another process opens 2,000 connections a second, sends CONNECT, waits for
 * the answer and leaves. Prints medians of p99 and p99.9, milliseconds.
 *
 *     deno run -A bench/flood.ts [deno|bun|mosquitto]...
 *
 * Generator, flooder and broker share the cores of one machine, so that all
 * three wait for each other where there are only two.
 */

import { silentProgress } from "../src/load/progress.ts";
import { scenarios } from "../src/load/scenarios.ts";
import { freePort } from "../tests/support/free_port.ts";
import { attached, type Contender, contenders } from "./load/contenders.ts";
import { OPEN_TCP } from "./load/doors.ts";
import { NO_EQUIPMENT } from "./load/equipment.ts";
import { measure } from "./load/measure.ts";
import { summarize } from "./load/report.ts";
import { IN_MEMORY } from "./load/variants.ts";

const SCENARIO = "paced10k_qos0";
const RATE = 2000;
const RUNS = 5;
/** What makes a process the flooder. */
const FLOOD = "--flood";
/** The flood comes in portions, a timer's tick each. */
const TICK_MS = 5;
const CONNECT = new TextEncoder().encode("\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0");
const CONNACK_BYTES = 4;

/** Opens connections until the process is ended. */
async function flood(port: number, rate: number): Promise<never> {
  const startMs = performance.now();
  let opened = 0;
  let served = 0;
  for (;;) {
    const dueCount = (performance.now() - startMs) / 1000 * rate;
    while (opened < dueCount) {
      opened++;
      visit(port).then((isServed) => {
        if (isServed && ++served % rate === 0) console.log(served);
      });
    }
    await new Promise((done) => setTimeout(done, TICK_MS));
  }
}

/** Connects, is let in, and leaves. */
async function visit(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(CONNECT);
    const connack = new Uint8Array(CONNACK_BYTES);
    return await connection.read(connack) === CONNACK_BYTES;
  } catch {
    return false; // turned away, which is an answer too
  }
}

/** One row: a broker, alone or flooded. */
async function row(
  contender: Contender,
  rate: number,
  runs: number,
): Promise<string> {
  const port = freePort();
  const running = await contender.start(
    { port, door: OPEN_TCP, setting: IN_MEMORY },
    NO_EQUIPMENT,
  );
  const flooder = rate === 0 ? undefined : new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename!, FLOOD, `${port}`, `${rate}`],
    stdout: "piped",
  }).spawn();
  try {
    const results = summarize(
      await measure(
        {
          scenarios: scenarios.filter(({ name }) => name === SCENARIO),
          levels: [4],
          doors: [OPEN_TCP],
          equipment: NO_EQUIPMENT,
          contenders: [attached(running.target, "tcp", running.pid)],
          runs,
          scale: 1,
          runMsMin: 1000,
          portBase: 0,
        },
        silentProgress(),
        new AbortController().signal,
      ),
      "url",
    );
    const { median, fault } = results[0]!;
    if (median === undefined) return fault ?? "no figures";
    const { p50Ms, p99Ms, p999Ms, lost } = median;
    return `p50 ${p50Ms}, p99 ${p99Ms}, p99.9 ${p999Ms} ms, ${lost} lost`;
  } finally {
    flooder?.kill("SIGKILL");
    await flooder?.output();
    await running.stop();
  }
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  if (first === FLOOD) await flood(Number(rest[0]), Number(rest[1]));
  for (const contender of contenders) {
    const { name } = contender;
    if (first !== undefined && !Deno.args.includes(name)) continue;
    for (const rate of [0, RATE]) {
      console.log(`${name}, ${rate}/s: ${await row(contender, rate, RUNS)}`);
    }
  }
}
