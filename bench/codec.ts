/**
 * The codec bench: how fast packets of each type are parsed and encoded,
 * beside `npm:mqtt-packet` and in turn with it, and what parsing a PUBLISH
 * allocates.
 *
 *     deno run -A bench/codec.ts
 *     bun run bench/codec.ts
 *
 * Both parse the same bytes, which come in chunks of 64 KiB as from a busy
 * socket. Ours does what the broker does: it leaves a PUBLISH where it lies,
 * topic included. One row has the topic made into text as well, since
 * `mqtt-packet` always does that. Both encode packets that are ready as
 * objects; ours goes into a buffer that is there, as a connection's queue is,
 * and theirs returns a buffer of its own.
 */

import { columns, short, times } from "./support/columns.ts";
import type { Allocation } from "./support/codec_heap.ts";
import { measureApart } from "./support/heap.ts";
import { interleave, type Pace, type Way } from "./support/interleave.ts";
import { loadMqttPacket, type MqttPacket } from "./support/oracles.ts";
import {
  PACKET_BYTES_MAX,
  publishSamples,
  type Sample,
  SAMPLE_PACKETS,
  samples,
  streamOf,
} from "./support/packets.ts";
import { samples5 } from "./support/packets_5.ts";
import {
  last,
  ourParser,
  type ReadFrame,
  readFrame,
  readFrameAndTopic,
  readPublish5,
  theirParser,
} from "./support/parsers.ts";

/** What one packet takes, ns; theirs is 0 where it can't be had. */
export interface CodecRow {
  readonly what: "parse" | "encode";
  readonly packet: string;
  readonly oursNs: number;
  readonly theirsNs: number;
}

export interface CodecResult {
  readonly rows: readonly CodecRow[];
  readonly allocations: readonly Allocation[];
}

interface Plan extends Pace {
  readonly streamBytes: number;
  readonly heapPackets: number;
}

const CHUNK_BYTES = 64 << 10;
const FULL: Plan = {
  rounds: 5,
  roundMs: 60,
  streamBytes: 1 << 20,
  heapPackets: 4_000_000,
};
const TINY: Plan = {
  rounds: 1,
  roundMs: 0,
  streamBytes: 4 << 10,
  heapPackets: 1_000,
};

/** `tiny` shows in a second or two that all of this still works. */
export async function run(size: "tiny" | "full"): Promise<CodecResult> {
  const plan = size === "tiny" ? TINY : FULL;
  const oracle = await loadMqttPacket();
  const rows = samples().map((it) => parseRow(plan, oracle, it, readFrame));
  const [smallest] = publishSamples() as [Sample];
  rows.push({
    ...parseRow(plan, oracle, smallest, readFrameAndTopic),
    packet: `${smallest.name}, topic as text`,
  });
  rows.push(
    ...samples5().map((it) => parseRow(plan, oracle, it, readPublish5)),
  );
  const all = [...samples(), ...samples5()];
  rows.push(...all.map((it) => encodeRow(plan, oracle, it)));
  const script = new URL("./support/codec_heap.ts", import.meta.url);
  const found = measureApart(script, [`${plan.heapPackets}`]);
  return { rows, allocations: found as Allocation[] };
}

function parseRow(
  plan: Plan,
  oracle: MqttPacket | undefined,
  sample: Sample,
  read: ReadFrame,
): CodecRow {
  const stream = streamOf(sample, plan.streamBytes, CHUNK_BYTES);
  const parsers = [ourParser(stream, read)];
  if (oracle !== undefined) {
    parsers.push(theirParser(oracle, stream, sample.level));
  }
  for (const parse of parsers) {
    const count = parse();
    if (count === stream.count) continue;
    throw new Error(`${sample.name}: ${count} of ${stream.count} parsed`);
  }
  return rowOf("parse", sample, interleave(parsers.map(wayOf), plan));
}

function encodeRow(
  plan: Plan,
  oracle: MqttPacket | undefined,
  sample: Sample,
): CodecRow {
  const out = new Uint8Array(PACKET_BYTES_MAX);
  const encoders = [(): number => {
    let end = 0;
    for (let i = 0; i < SAMPLE_PACKETS; i++) end += sample.write(out, 0, i);
    last.read = end;
    return SAMPLE_PACKETS;
  }];
  if (oracle !== undefined) {
    checkSameBytes(oracle, sample, out);
    const options = { protocolVersion: sample.level };
    encoders.push((): number => {
      for (const packet of sample.packets) {
        last.read = oracle.generate(packet, options);
      }
      return SAMPLE_PACKETS;
    });
  }
  return rowOf("encode", sample, interleave(encoders.map(wayOf), plan));
}

/** A fast wrong answer is none. */
function checkSameBytes(
  oracle: MqttPacket,
  sample: Sample,
  out: Uint8Array,
): void {
  const options = { protocolVersion: sample.level };
  for (const [index, packet] of sample.packets.entries()) {
    const ours = out.subarray(0, sample.write(out, 0, index));
    if (ours.join() === oracle.generate(packet, options).join()) continue;
    throw new Error(`${sample.name}: encoded differently`);
  }
}

function wayOf(run: () => number): Way {
  return { run };
}

function rowOf(
  what: CodecRow["what"],
  { name }: Sample,
  [oursNs = 0, theirsNs = 0]: number[],
): CodecRow {
  return { what, packet: name, oursNs, theirsNs };
}

function tables({ rows, allocations }: CodecResult): string {
  const head = ["", "packet", "ours ns", "mqtt-packet ns", "ours faster by"];
  const speeds = rows.map(({ what, packet, oursNs, theirsNs }) => [
    what,
    packet,
    short(oursNs),
    theirsNs > 0 ? short(theirsNs) : "-",
    times(theirsNs, oursNs),
  ]);
  const bytes = allocations.map(({ what, packets, bytesPerPacket }) => [
    what,
    `${packets}`,
    bytesPerPacket.toFixed(2),
  ]);
  return [
    columns([head, ...speeds], 2),
    "",
    columns([["allocated while parsing", "packets", "B/packet"], ...bytes], 1),
  ].join("\n");
}

if (import.meta.main) console.log(tables(await run("full")));
