/**
 * The load generator's MQTT clients: a publisher that sends slices of a tape,
 * a subscriber that counts what arrives, and one that is only there. They
 * know nothing of scenarios running, brokers or reports; what happens is
 * added to a shared tally.
 */

import type { Histogram } from "./histogram.ts";
import type { Level } from "./dialects.ts";
import { Link, type Target } from "./link.ts";
import type { Variant } from "./scenarios.ts";
import { Tape, withIndex } from "./tape.ts";
import * as wire from "./wire.ts";

/** What all clients of a run have done so far. */
export interface Tally {
  sent: number;
  acknowledged: number;
  delivered: number;
  /** When something was last delivered or acknowledged. */
  progressMs: number;
  readonly latency: Histogram;
}

const INBOX_BYTES = 262_144;
const ACKS_INBOX_BYTES = 16_384;
/** More than any answer to a CONNECT or SUBSCRIBE. */
const IDLE_INBOX_BYTES = 512;

export class Publisher {
  /** Messages handed to the socket. */
  sent = 0;
  #link: Link;
  #tally: Tally;
  #tape: Tape;
  #windowMax: number;
  #acknowledged = 0;
  /** What goes out next, QoS 1 and 2: PUBRELs, then messages. */
  #outbox: Uint8Array;
  #outboxFilled = 0;

  constructor(link: Link, variant: Variant, index: number, tally: Tally) {
    this.#link = link;
    this.#tally = tally;
    // At QoS 1 and 2 messages share frames with PUBRELs, masked as they go.
    const mask = variant.qos === 0 ? link.mask : 0;
    this.#tape = new Tape(variant, index, mask);
    this.#windowMax = variant.windowMax;
    const { frameBytesMax } = this.#tape;
    this.#outbox = new Uint8Array(variant.windowMax * frameBytesMax);
  }

  static async connect(
    target: Target,
    variant: Variant,
    index: number,
    tally: Tally,
  ): Promise<Publisher> {
    const { level } = variant.dialect;
    const hello = { role: "P", index, level } as const;
    const link = await Link.connect(target, hello, ACKS_INBOX_BYTES);
    return new Publisher(link, variant, index, tally);
  }

  /** QoS 0: sends until `count` messages have been sent in all. */
  async sendUpTo(count: number): Promise<void> {
    while (this.sent < count) {
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
    while (this.#acknowledged < count) {
      this.#fillWindow(count);
      if (this.#outboxFilled > 0) {
        await this.#link.write(this.#outbox.subarray(0, this.#outboxFilled));
        this.#outboxFilled = 0;
      }
      await this.#link.read();
      this.#takeAcknowledgements();
    }
  }

  close(): void {
    this.#link.close();
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
      if (type === wire.PUBACK || type === wire.PUBCOMP) acknowledged += 1;
      else if (type === wire.PUBREC) this.#release(inbox);
      else refuse(inbox);
    }
    this.#acknowledged += acknowledged;
    this.#tally.acknowledged += acknowledged;
    this.#tally.progressMs = performance.now();
  }

  #release({ bytes, body }: wire.Inbox): void {
    const out = this.#outbox;
    const at = this.#outboxFilled;
    out[at] = (wire.PUBREL << 4) | 2;
    out[at + 1] = 2;
    out[at + 2] = bytes[body]!;
    out[at + 3] = bytes[body + 1]!;
    this.#outboxFilled = at + 4;
  }
}

export class Subscriber {
  #link: Link;
  #tally: Tally;
  #level: Level;
  /** Acknowledgements of the frames read last; a frame is never smaller. */
  #acks = new Uint8Array(INBOX_BYTES);
  #acksFilled = 0;

  constructor(link: Link, level: Level, tally: Tally) {
    this.#link = link;
    this.#level = level;
    this.#tally = tally;
  }

  static async connect(
    target: Target,
    variant: Variant,
    index: number,
    tally: Tally,
  ): Promise<Subscriber> {
    const { level } = variant.dialect;
    const filter = withIndex(variant.filter, index);
    const subscribe = wire.subscribePacket(filter, variant.qos, level);
    const hello = { role: "S", index, level, subscribe } as const;
    const link = await Link.connect(target, hello, INBOX_BYTES);
    return new Subscriber(link, level, tally);
  }

  /** Counts and acknowledges until the connection is closed. */
  async receive(): Promise<never> {
    for (;;) {
      await this.#link.read();
      this.#takeFrames(performance.now());
      if (this.#acksFilled > 0) {
        await this.#link.write(this.#acks.subarray(0, this.#acksFilled));
        this.#acksFilled = 0;
      }
    }
  }

  close(): void {
    this.#link.close();
  }

  #takeFrames(nowMs: number): void {
    const { inbox } = this.#link;
    const { bytes, view } = inbox;
    const { latency } = this.#tally;
    const hasProperties = this.#level >= 5;
    let delivered = 0;
    while (inbox.next()) {
      const first = bytes[inbox.at]!;
      if (first >> 4 === wire.PUBLISH) {
        const { body } = inbox;
        let payload = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!);
        const qos = (first >> 1) & 3;
        if (qos > 0) {
          const type = qos === 1 ? wire.PUBACK : wire.PUBREC;
          this.#acknowledge(type, payload);
          payload += 2;
        }
        if (hasProperties) payload = wire.skipProperties(bytes, payload);
        latency.add(nowMs - view.getFloat64(payload));
        delivered += 1;
      } else if (first >> 4 === wire.PUBREL) {
        this.#acknowledge(wire.PUBCOMP, inbox.body);
      } else refuse(inbox);
    }
    this.#tally.delivered += delivered;
    if (delivered > 0) this.#tally.progressMs = nowMs;
  }

  #acknowledge(type: number, packetIdAt: number): void {
    const { bytes } = this.#link.inbox;
    const acks = this.#acks;
    const at = this.#acksFilled;
    acks[at] = type << 4;
    acks[at + 1] = 2;
    acks[at + 2] = bytes[packetIdAt]!;
    acks[at + 3] = bytes[packetIdAt + 1]!;
    this.#acksFilled = at + 4;
  }
}

/** Has a subscription, sends nothing, and is sent nothing. */
export class Idler {
  #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  static async connect(
    target: Target,
    variant: Variant,
    index: number,
  ): Promise<Idler> {
    const { level } = variant.dialect;
    const filter = withIndex(variant.filter, index);
    const subscribe = wire.subscribePacket(filter, variant.qos, level);
    const hello = { role: "I", index, level, subscribe } as const;
    return new Idler(await Link.connect(target, hello, IDLE_INBOX_BYTES));
  }

  /** Waits for nothing to come, which a closed socket ends. */
  async watch(): Promise<never> {
    for (;;) {
      await this.#link.read();
      while (this.#link.inbox.next()) refuse(this.#link.inbox);
    }
  }

  close(): void {
    this.#link.close();
  }
}

function refuse({ bytes, at, body, end }: wire.Inbox): never {
  const type = bytes[at]! >> 4;
  const what = type === wire.DISCONNECT ? "DISCONNECT" : `packet type ${type}`;
  // DISCONNECT begins with its reason, acknowledgements with a packet id.
  const reasonAt = type === wire.DISCONNECT ? body : body + 2;
  const reason = reasonAt < end ? `, reason ${bytes[reasonAt]}` : "";
  throw new Error(`the broker sent ${what}${reason}`);
}
