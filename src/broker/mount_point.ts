/**
 * Mount points: what stands before all topics of the clients of a door. They
 * do not see it, and see nothing that does not have it.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import type { PublishView } from "../codec/publish.ts";
import { TOPIC_NAME_INVALID } from "../codec/reason_code.ts";
import { encodeText, writeUint16 } from "../codec/text.ts";
import { sharedFilterOf } from "../topic/shared_filter.ts";

const TOPIC_BYTES_MOST = 65_535;

/** The beginning of topics. */
export class MountPoint {
  /** As a text: `site-7/`. */
  readonly text: string;
  /** As UTF-8. */
  readonly bytes: Uint8Array;

  /** @param text It may, but need not, end with a `/`. */
  constructor(text: string) {
    this.text = text;
    this.bytes = encodeText(text);
  }

  /**
   * The broker's filter for one of a client, shared or not.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { MountPoint } from "./mount_point.ts";
   *
   * const site = new MountPoint("site-7/");
   * assertEquals(site.filter("room/+"), "site-7/room/+");
   * assertEquals(site.filter("$share/a/#"), "$share/a/site-7/#");
   * ```
   */
  filter(filter: string): string {
    const shared = sharedFilterOf(filter);
    if (shared === undefined) return this.text + filter;
    return filter.slice(0, -shared.length) + this.text + shared;
  }

  /**
   * Whether a message's topic begins with it. All do that the client has
   * subscribed to by this door; by another it may have to others.
   */
  holds({ bytes, topicAt, topicEnd }: PublishView): boolean {
    const { length } = this.bytes;
    const startAt = topicAt + 2;
    if (topicEnd - startAt <= length) return false;
    for (let i = 0; i < length; i++) {
      if (bytes[startAt + i] !== this.bytes[i]) return false;
    }
    return true;
  }

  /**
   * The broker's topic for one of a client, with its length bytes.
   *
   * @param own The client's, from its length bytes on.
   * @throws {ProtocolError} When that is longer than a topic can be.
   */
  topic(own: Uint8Array): Uint8Array {
    const length = this.bytes.length + own.length - 2;
    if (length > TOPIC_BYTES_MOST) {
      const detail = "a topic too long for its mount point";
      throw new ProtocolError(TOPIC_NAME_INVALID, detail);
    }
    const topic = new Uint8Array(length + 2);
    writeUint16(topic, 0, length);
    topic.set(this.bytes, 2);
    topic.set(own.subarray(2), 2 + this.bytes.length);
    return topic;
  }
}
