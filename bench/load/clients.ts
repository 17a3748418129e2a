/**
 * The load generator's MQTT clients: a publisher that sends slices of a tape
 * and a subscriber that counts what arrives. They know nothing of scenarios
 * running, brokers or reports; what happens is added to a shared tally.
 *
 * A relay (see `relay.ts`) speaks no MQTT: towards it a client says one byte
 * for its role and one for its index, and gets one byte back.
 */

import type { Histogram } from "./histogram.ts";
import type { Level } from "./dialects.ts";
import type { Variant } from "./scenarios.ts";
import { Tape, withIndex } from "./tape.ts";
import * as wire from "./wire.ts";

export interface Target {
  readonly hostname: string;
  readonly port: number;
  readonly protocol: "mqtt" | "relay";
}

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
const ANSWER_MS_MAX = 10_000;

// Client ids must differ from those of an earlier run whose connections a
// broker may not have cleared away yet.
const runId = Math.floor(performance.timeOrigin).toString(36);
let clientsMade = 0;

/** What a client begins with. */
interface Hello {
  readonly role: "P" | "S";
  readonly index: number;
  readonly level: Level;
  readonly subscribe?: Uint8Array;
}

/** A client's socket and its inbox. */
class Link {
  readonly inbox: wire.Inbox;
  #conn: Deno.TcpConn;
  #state: "connecting" | "ready" | "late" | "closed" = "connecting";
  #deadline: ReturnType<typeof setTimeout>;

  constructor(conn: Deno.TcpConn, inboxBytes: number) {
    this.inbox = new wire.Inbox(inboxBytes);
    this.#conn = conn;
    // Closing is what ends a read that waits for a broker that is silent.
    this.#deadline = setTimeout(() => {
      this.#state = "late";
      conn.close();
    }, ANSWER_MS_MAX);
  }

  /** Connects, says hello, and subscribes where there is a filter. */
  static async connect(
    target: Target,
    hello: Hello,
    inboxBytes: number,
  ): Promise<Link> {
    const { hostname, port, protocol } = target;
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    const link = new Link(conn, inboxBytes);
    try {
      if (protocol === "relay") {
        await link.write(Uint8Array.of(hello.role.charCodeAt(0), hello.index));
        await conn.read(new Uint8Array(1));
      } else {
        clientsMade += 1;
        const clientId = `load-${runId}-${hello.role}${clientsMade}`;
        await link.write(wire.connectPacket(clientId, hello.level));
        await link.#answer(wire.CONNACK);
        if (hello.subscribe !== undefined) {
          await link.write(hello.subscribe);
          await link.#answer(wire.SUBACK);
        }
      }
    } catch (error) {
      link.close();
      throw error;
    }
    clearTimeout(link.#deadline);
    link.#state = "ready";
    return link;
  }

  async read(): Promise<void> {
    let count: number | null;
    try {
      count = await this.#conn.read(this.inbox.room());
    } catch (cause) {
      if (this.#state !== "late") throw cause;
      const seconds = ANSWER_MS_MAX / 1000;
      throw new Error(`no answer within ${seconds} s`, { cause });
    }
    if (count === null) throw new Error("the broker closed a connection");
    this.inbox.grow(count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    let done = await this.#conn.write(bytes);
    while (done < bytes.length) {
      done += await this.#conn.write(bytes.subarray(done));
    }
  }

  close(): void {
    clearTimeout(this.#deadline);
    if (this.#state !== "closed" && this.#state !== "late") this.#conn.close();
    this.#state = "closed";
  }

  // CONNACK says yes or no in its second byte, SUBACK in its last.
  async #answer(type: number): Promise<void> {
    const { inbox } = this;
    while (!inbox.next()) await this.read();
    const got = inbox.bytes[inbox.at]! >> 4;
    if (got !== type) {
      throw new Error(`packet type ${got} came instead of ${type}`);
    }
    const isConnack = type === wire.CONNACK;
    const code = inbox.bytes[isConnack ? inbox.body + 1 : inbox.end - 1]!;
    const isRefused = isConnack ? code > 0 : code >= 0x80;
    if (isRefused) throw new Error(`refused with code ${code}`);
  }
}

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
    this.#tape = new Tape(variant, index);
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
      await this.#link.write(slice);
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

function refuse({ bytes, at, body, end }: wire.Inbox): never {
  const type = bytes[at]! >> 4;
  const what = type === wire.DISCONNECT ? "DISCONNECT" : `packet type ${type}`;
  // DISCONNECT begins with its reason, acknowledgements with a packet id.
  const reasonAt = type === wire.DISCONNECT ? body : body + 2;
  const reason = reasonAt < end ? `, reason ${bytes[reasonAt]}` : "";
  throw new Error(`the broker sent ${what}${reason}`);
}
