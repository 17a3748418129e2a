/**
 * What parsing a PUBLISH allocates: started by `bench/codec.ts` in a process
 * of its own, prints its findings as JSON.
 *
 * The heap is read before and after stretches of packets, each of which
 * begins with a collection and is too short for another. Reading it, and a
 * runtime's housekeeping, allocate as well, but the same for a stretch of any
 * length: so stretches of two lengths are measured, and what the longer ones
 * have more is what their packets took. That this sees what is there is shown
 * by a parser that makes one small object a packet.
 */

import process from "node:process";
import { type Heap, openHeap } from "./heap.ts";
import { loadMqttPacket } from "./oracles.ts";
import {
  publishSamples,
  type Sample,
  type Stream,
  streamOf,
} from "./packets.ts";
import { samples5 } from "./packets_5.ts";
import {
  last,
  ourParser,
  type Parse,
  readFrame,
  readFrameAndTopic,
  readPublish5,
  theirParser,
} from "./parsers.ts";

export interface Allocation {
  readonly what: string;
  readonly packets: number;
  readonly bytesPerPacket: number;
}

/** What one row is about, and how much of it fits between collections. */
interface Subject {
  readonly what: string;
  readonly parse: Parse;
  readonly stretchPackets: number;
}

const STREAM_BYTES = 64 << 10;
/** For what allocates some bytes a packet at most. */
const LONG_STRETCH = 100_000;
/** For what allocates a kilobyte a packet. */
const SHORT_STRETCH = 2_000;

async function main(packets: number): Promise<void> {
  const heap = await openHeap();
  const found: Allocation[] = [];
  for (const subject of await subjects()) {
    found.push(measure(heap, subject, packets));
  }
  console.log(JSON.stringify(found));
}

async function subjects(): Promise<Subject[]> {
  const [qos0, qos1] = publishSamples() as [Sample, Sample];
  const [, withProperties] = samples5() as [Sample, Sample];
  const split = streamOf(qos0, 1 << 20, STREAM_BYTES);
  const oracle = await loadMqttPacket();
  const list: Subject[] = [
    ours(qos0.name, ourParser(whole(qos0), readFrame)),
    ours(qos1.name, ourParser(whole(qos1), readFrame)),
    ours(`${qos0.name}, in 64 KiB chunks`, ourParser(split, readFrame)),
    ours(withProperties.name, ourParser(whole(withProperties), readPublish5)),
    ours(
      `${qos0.name}, an object each, to see it seen`,
      ourParser(whole(qos0), (framer, view) => {
        readFrame(framer, view);
        last.read = { at: view.topicAt };
      }),
    ),
    {
      what: `${qos0.name}, topic as text`,
      parse: ourParser(whole(qos0), readFrameAndTopic),
      stretchPackets: SHORT_STRETCH,
    },
  ];
  if (oracle !== undefined) {
    list.push({
      what: `${qos0.name}, mqtt-packet`,
      parse: theirParser(oracle, whole(qos0)),
      stretchPackets: SHORT_STRETCH,
    });
  }
  return list;
}

function ours(what: string, parse: Parse): Subject {
  return { what, parse, stretchPackets: LONG_STRETCH };
}

/** One chunk of whole packets. */
function whole(sample: Sample): Stream {
  return streamOf(sample, STREAM_BYTES, Infinity);
}

function measure(heap: Heap, subject: Subject, packets: number): Allocation {
  const { what, parse, stretchPackets } = subject;
  const most = packets * stretchPackets / LONG_STRETCH;
  for (let warm = 0; warm < most;) warm += parse();
  let bytes = 0;
  let extra = 0;
  let done = 0;
  while (done < most) {
    const long = stretch(heap, parse, stretchPackets);
    const half = stretch(heap, parse, stretchPackets / 2);
    bytes += long.bytes - half.bytes;
    extra += long.packets - half.packets;
    done += long.packets + half.packets;
  }
  const bytesPerPacket = Math.max(0, bytes / extra);
  return { what, packets: done, bytesPerPacket };
}

function stretch(
  heap: Heap,
  parse: Parse,
  packets: number,
): { packets: number; bytes: number } {
  heap.collect();
  const before = heap.allocatedBytes();
  let done = 0;
  while (done < packets) done += parse();
  return { packets: done, bytes: heap.allocatedBytes() - before };
}

if (import.meta.main) await main(Number(process.argv[2]));
