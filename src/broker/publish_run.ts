/**
 * QoS 0 messages in a row, from one chunk, that go the same way: they are
 * forwarded as one piece of memory instead of one by one. The bytes of such
 * a message need no change between receiving and sending.
 *
 * @module
 */

import type { PublishView } from "../codec/publish.ts";
import type { BufferPool, Segment } from "../queue/buffer_pool.ts";
import type { Route, Targets } from "../router/route.ts";
import type { ClientSession } from "./core.ts";

const EMPTY = new Uint8Array(0);

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
  /** Whether the memory is ours to keep, all of it. */
  isOwned = false;
  #shared: Segment | undefined;

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

  /** Begins with a message. */
  begin(route: Route<ClientSession>, view: PublishView): void {
    this.targets = route.targets;
    this.route = route;
    this.bytes = view.bytes;
    this.start = view.frameAt;
    this.end = view.end;
    this.count = 1;
  }

  /** An owned copy of the memory, for all targets together. */
  shared(pool: BufferPool): Segment {
    return this.#shared ??= pool.share(this.bytes, this.start, this.end);
  }

  /** Empties it: what it pointed to is not kept alive. */
  clear(pool: BufferPool): void {
    if (this.#shared !== undefined) pool.release(this.#shared);
    this.#shared = undefined;
    this.isOwned = false;
    this.targets = this.route = null;
    this.bytes = EMPTY;
  }
}
