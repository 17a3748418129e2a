/**
 * A publisher's messages, encoded once: a tape of PUBLISH frames that is sent
 * in long slices, again and again. Before a slice is sent only its timestamps
 * and packet ids are written. The caller must have sent a slice before it
 * takes the next one, because slices share the tape's bytes. Where an alias
 * stands for the topic, the first frame alone has both, and is sent once.
 *
 * A tape can be made masked, each byte XORed with the same one: what WebSocket
 * asks of a client is then done once, but for what is written into a slice.
 *
 * @module
 */

import { encodePublish } from "../codec/encode_publish.ts";
import { propertiesSize } from "../codec/properties.ts";
import type { Load } from "./scenarios.ts";

/** How much a publisher hands to the socket at once. */
const SLICE_BYTES_MAX = 65_536;

/** A time stamp, taken apart into two words. */
const stamp = new DataView(new ArrayBuffer(8));

/** The messages of one publisher. */
export class Tape {
  /** Messages in the slice taken last. */
  taken = 0;
  /** How long the longest message is, with all. */
  readonly frameBytesMax: number;
  #bytes: Uint8Array;
  #view: DataView;
  /** Start of each frame, and the end of the last. */
  #starts: Uint32Array;
  #stampBytes: number;
  /** From a packet id to the payload behind it. */
  #packetIdBytes: number;
  #hasPacketIds: boolean;
  /** The mask, once for each of two and four bytes. */
  #mask16: number;
  #mask32: number;
  #sliceMax: number;
  /** Where the tape begins again. */
  #loopFrom: number;
  #position = 0;
  #packetId = 0;

  /** Those of the publisher of that number. */
  constructor(load: Load, publisher: number, mask = 0) {
    const frames = framesOf(load, publisher);
    this.frameBytesMax = Math.max(...frames.map(({ length }) => length));
    this.#starts = new Uint32Array(frames.length + 1);
    let bytes = 0;
    for (const [index, frame] of frames.entries()) {
      this.#starts[index] = bytes;
      bytes += frame.length;
    }
    this.#starts[frames.length] = bytes;
    this.#bytes = new Uint8Array(bytes);
    for (const [index, frame] of frames.entries()) {
      this.#bytes.set(frame, this.#starts[index]!);
    }
    this.#mask16 = mask * 0x0101;
    this.#mask32 = mask * 0x01010101;
    for (let at = 0; mask > 0 && at < bytes; at++) this.#bytes[at]! ^= mask;
    this.#view = new DataView(this.#bytes.buffer);
    this.#stampBytes = load.payloadBytes;
    this.#packetIdBytes = 2 + propertyBytes(load);
    this.#hasPacketIds = load.qos > 0;
    this.#loopFrom = hasAlias(load) ? 1 : 0;
    this.#sliceMax = Math.ceil(SLICE_BYTES_MAX * frames.length / bytes);
  }

  /** The next frames, at most `countMax` and one slice, stamped `nowMs`. */
  take(countMax: number, nowMs: number): Uint8Array {
    const starts = this.#starts;
    const frames = starts.length - 1;
    const from = this.#position;
    const to = Math.min(from + countMax, from + this.#sliceMax, frames);
    const view = this.#view;
    stamp.setFloat64(0, nowMs);
    const high = stamp.getUint32(0) ^ this.#mask32;
    const low = stamp.getUint32(4) ^ this.#mask32;
    for (let frame = from; frame < to; frame++) {
      const stampAt = starts[frame + 1]! - this.#stampBytes;
      view.setUint32(stampAt, high);
      view.setUint32(stampAt + 4, low);
      if (!this.#hasPacketIds) continue;
      const packetId = this.#nextId() ^ this.#mask16;
      view.setUint16(stampAt - this.#packetIdBytes, packetId);
    }
    this.taken = to - from;
    this.#position = to === frames ? this.#loopFrom : to;
    return this.#bytes.subarray(starts[from]!, starts[to]!);
  }

  #nextId(): number {
    this.#packetId = this.#packetId === 65_535 ? 1 : this.#packetId + 1;
    return this.#packetId;
  }
}

// As many frames as a slice holds, or one round of all topics.
function framesOf(load: Load, publisher: number): Uint8Array[] {
  const { topic, topics, qos, payloadBytes, dialect } = load;
  const payload = new Uint8Array(payloadBytes).fill("x".charCodeAt(0));
  const { level, properties } = dialect;
  const message = { payload, qos, retain: false, packetId: 0, properties };
  const frameOf = (name: string): Uint8Array =>
    encodePublish({ ...message, topic: name }, level);
  if (topics > 0) {
    return Array.from(
      { length: topics },
      (_, index) => frameOf(withIndex(topic, index)),
    );
  }
  const first = frameOf(withIndex(topic, publisher));
  const frame = hasAlias(load) ? frameOf("") : first;
  const count = Math.max(1, Math.ceil(SLICE_BYTES_MAX / frame.length));
  const frames = Array.from({ length: count }, () => frame);
  return frame === first ? frames : [first, ...frames];
}

function hasAlias({ dialect }: Load): boolean {
  return dialect.properties.topicAlias !== undefined;
}

/** What stands between packet id and payload. */
function propertyBytes({ dialect: { level, properties } }: Load): number {
  return level < 5 ? 0 : propertiesSize(properties);
}

/** A topic or filter template with the client's index in it. */
export function withIndex(template: string, index: number): string {
  return template.replace("%d", String(index));
}
