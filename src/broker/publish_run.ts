/**
 * QoS 0 messages in a row, from one chunk, that go the same way: they are
 * forwarded as one piece of memory instead of one by one. The bytes of such
 * a message need no change between receiving and sending, unless receivers
 * speak another version of MQTT: then one copy is made for all of those.
 *
 * @module
 */

import { Framer } from "../codec/framer.ts";
import { OutgoingPublish } from "../codec/outgoing_publish.ts";
import { PublishView, readPublish } from "../codec/publish.ts";
import type { BufferPool, Segment } from "../queue/buffer_pool.ts";
import type { Route, Targets } from "../router/route.ts";
import type { ClientSession } from "./core.ts";

const EMPTY = new Uint8Array(0);
/** The smallest frame of 3.1.1: with a property length it is a byte longer. */
const FRAME_BYTES_LEAST = 5;

/** A run. Reused: one a broker, empty between chunks. */
export class PublishRun {
  /** To whom it goes; null when it is empty. */
  targets: Targets<ClientSession> | null = null;
  /** The route of the last message: the next one may be on its topic. */
  route: Route<ClientSession> | null = null;
  /** The memory, borrowed. */
  bytes: Uint8Array = EMPTY;
  /** The first message's first byte. */
  start = 0;
  /** Behind the last message. */
  end = 0;
  /** How many messages. */
  count = 0;
  /** Whether they are packets of 5.0. */
  isV5 = false;
  /** Whether the memory is ours to keep, all of it. */
  isOwned = false;
  #shared: Segment | undefined;
  #translated: Uint8Array | undefined;

  /** Whether there are messages in it. */
  get active(): boolean {
    return this.targets !== null;
  }

  /** How many bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** Takes a message behind the others; false when it goes another way. */
  extend(route: Route<ClientSession>, view: PublishView): boolean {
    if (
      this.targets !== route.targets || this.end !== view.frameAt ||
      this.bytes !== view.bytes
    ) return false;
    this.route = route;
    this.end = view.end;
    this.count++;
    return true;
  }

  /** Begins with a message of a packet of 5.0 or not. */
  begin(
    route: Route<ClientSession>,
    view: PublishView,
    isV5: boolean,
  ): void {
    this.targets = route.targets;
    this.route = route;
    this.bytes = view.bytes;
    this.start = view.frameAt;
    this.end = view.end;
    this.count = 1;
    this.isV5 = isV5;
  }

  /** An owned copy of the memory, for all targets together. */
  shared(pool: BufferPool): Segment {
    return this.#shared ??= pool.share(this.bytes, this.start, this.end);
  }

  /** The messages in the other form: of 5.0 when they came without. */
  translated(): Uint8Array {
    return this.#translated ??= this.#translate();
  }

  /** Calls `show` with each message, seen through one view. */
  forEach(show: (view: PublishView) => void, view: PublishView): void {
    const { bytes, start, end } = this;
    const framer = new Framer(end - start);
    const level = this.isV5 ? 5 : 4;
    framer.feed(bytes.subarray(start, end), end - start);
    while (framer.next()) {
      const { start: frameAt, body } = framer;
      readPublish(framer.bytes, frameAt, body, framer.end, level, view);
      show(view);
    }
  }

  /** Empties it: what it pointed to is not kept alive. */
  clear(pool: BufferPool): void {
    if (this.#shared !== undefined) pool.release(this.#shared);
    this.#shared = undefined;
    this.#translated = undefined;
    this.isOwned = false;
    this.targets = this.route = null;
    this.bytes = EMPTY;
  }

  #translate(): Uint8Array {
    const outgoing = new OutgoingPublish();
    outgoing.begin(!this.isV5, 0, 0, 0);
    // A message grows by its property length, and that may make its
    // remaining length a byte longer.
    const out = new Uint8Array(
      this.length + 2 * Math.ceil(this.length / FRAME_BYTES_LEAST),
    );
    let at = 0;
    this.forEach((view) => {
      const size = outgoing.measure(view);
      const headEnd = outgoing.writeHead(out, at, view);
      out.set(view.bytes.subarray(view.payloadAt, view.end), headEnd);
      at += size;
    }, new PublishView());
    return out.subarray(0, at);
  }
}
