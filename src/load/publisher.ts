/**
 * A client that publishes: it sends slices of a tape. What happens is added
 * to a shared tally.
 *
 * @module
 */

import { PUBACK, PUBCOMP, PUBREC, PUBREL } from "../codec/packet_type.ts";
import type { Inbox } from "./inbox.ts";
import { Link, newClientId, type Target } from "./link.ts";
import type { Load } from "./scenarios.ts";
import { refuse } from "./subscriber.ts";
import type { Tally } from "./tally.ts";
import { Tape } from "./tape.ts";

const ACKS_INBOX_BYTES = 16_384;

/** The client. */
export class Publisher {
  /** Messages handed to the socket. */
  sent = 0;
  /** The session that it leaves behind; none where that is clean. */
  readonly session: string | undefined;
  readonly #link: Link;
  readonly #tally: Tally;
  readonly #tape: Tape;
  readonly #windowMax: number;
  #acknowledged = 0;
  /** Paced: how many may be sent by now, and what tells of more. */
  #due = 0;
  #wake: () => void = () => {};
  /** What goes out next, QoS 1 and 2: PUBRELs, then messages. */
  readonly #outbox: Uint8Array;
  #outboxFilled = 0;

  private constructor(
    link: Link,
    load: Load,
    index: number,
    tally: Tally,
    session: string | undefined,
  ) {
    this.#link = link;
    this.#tally = tally;
    this.session = session;
    // At QoS 1 and 2 messages share frames with PUBRELs, masked as they go.
    const mask = load.qos === 0 ? link.mask : 0;
    this.#tape = new Tape(load, index, mask);
    // [MQTT5-3.3.4-9]: no more than the broker takes.
    const { receiveMaximum = Infinity } = link.connack?.properties ?? {};
    this.#windowMax = Math.min(load.windowMax, receiveMaximum);
    const { frameBytesMax } = this.#tape;
    this.#outbox = new Uint8Array(this.#windowMax * frameBytesMax);
  }

  /** Connects the publisher of that number. */
  static async connect(
    target: Target,
    load: Load,
    index: number,
    tally: Tally,
  ): Promise<Publisher> {
    const { level } = load.dialect;
    const role = "P";
    const session = load.sessions === "clean"
      ? undefined
      : newClientId(target, { role, index });
    const hello = { role, index, level, session } as const;
    const link = await Link.connect(target, hello, ACKS_INBOX_BYTES);
    return new Publisher(link, load, index, tally, session);
  }

  /** QoS 0: sends until `count` messages have been sent in all. */
  async sendUpTo(count: number): Promise<void> {
    while (this.sent < count && !this.#tally.isStopped) {
      const slice = this.#tape.take(count - this.sent, performance.now());
      const taken = this.#tape.taken;
      this.sent += taken;
      await this.#link.writeMasked(slice);
      this.#tally.sent += taken;
    }
  }

  /** QoS 0: waits for nothing to come, which a closed socket ends. */
  async watch(): Promise<never> {
    for (;;) {
      await this.#link.read();
      while (this.#link.inbox.next()) refuse(this.#link.inbox);
    }
  }

  /** QoS 1 and 2: keeps the window full until `count` are acknowledged. */
  async exchange(count: number): Promise<void> {
    while (this.#acknowledged < this.#goal(count)) {
      await this.#send(count);
      await this.#link.read();
      this.#takeAcknowledgements();
    }
  }

  /** The same, but sends no more than {@linkcode allow} lets it. */
  async exchangePaced(count: number): Promise<void> {
    let hasRead = true;
    let reading = Promise.resolve();
    while (this.#acknowledged < this.#goal(count)) {
      await this.#send(this.#due);
      if (hasRead) {
        hasRead = false;
        reading = this.#link.read().then(() => void (hasRead = true));
      }
      const more = new Promise<void>((resolve) => this.#wake = resolve);
      await Promise.race([reading, more]);
      if (hasRead) this.#takeAcknowledgements();
    }
  }

  /** Paced: `count` may have been sent by now. */
  allow(count: number): void {
    this.#due = count;
    this.#wake();
  }

  /** Closes the connection. */
  close(): void {
    this.#link.close();
  }

  #goal(count: number): number {
    return this.#tally.isStopped ? this.sent : count;
  }

  async #send(count: number): Promise<void> {
    if (!this.#tally.isStopped) this.#fillWindow(count);
    if (this.#outboxFilled === 0) return;
    await this.#link.write(this.#outbox.subarray(0, this.#outboxFilled));
    this.#outboxFilled = 0;
  }

  #fillWindow(count: number): void {
    for (;;) {
      const inFlight = this.sent - this.#acknowledged;
      const room = Math.min(this.#windowMax - inFlight, count - this.sent);
      if (room <= 0) return;
      const slice = this.#tape.take(room, performance.now());
      this.#outbox.set(slice, this.#outboxFilled);
      this.#outboxFilled += slice.length;
      this.sent += this.#tape.taken;
      this.#tally.sent += this.#tape.taken;
    }
  }

  #takeAcknowledgements(): void {
    const { inbox } = this.#link;
    let acknowledged = 0;
    while (inbox.next()) {
      const type = inbox.bytes[inbox.at]! >> 4;
      // The reason that may stand behind the packet id, 5.0 only.
      const hasReason = inbox.end > inbox.body + 2;
      if (hasReason && inbox.bytes[inbox.body + 2]! >= 0x80) refuse(inbox);
      if (type === PUBACK || type === PUBCOMP) acknowledged += 1;
      else if (type === PUBREC) this.#release(inbox);
      else refuse(inbox);
    }
    this.#acknowledged += acknowledged;
    this.#tally.acknowledged += acknowledged;
    this.#tally.progressMs = performance.now();
  }

  #release({ bytes, body }: Inbox): void {
    const out = this.#outbox;
    const at = this.#outboxFilled;
    out[at] = (PUBREL << 4) | 2;
    out[at + 1] = 2;
    out[at + 2] = bytes[body]!;
    out[at + 3] = bytes[body + 1]!;
    this.#outboxFilled = at + 4;
  }
}
