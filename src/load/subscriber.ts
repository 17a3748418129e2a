/**
 * A client that subscribes and counts what arrives, and one that is only
 * there. What happens is added to a shared tally.
 *
 * @module
 */

import {
  DISCONNECT,
  PACKET_NAMES,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
} from "../codec/packet_type.ts";
import { type Inbox, skipProperties } from "./inbox.ts";
import { type Hello, Link, newClientId, type Target } from "./link.ts";
import type { Load } from "./scenarios.ts";
import type { Tally } from "./tally.ts";
import { withIndex } from "./tape.ts";

const INBOX_BYTES = 262_144;
/** What stands around a payload at most. */
const ROOM_BYTES = 70_000;
/** More than any answer to a CONNECT or SUBSCRIBE. */
const IDLE_INBOX_BYTES = 512;

/** Counts what arrives. */
export class Subscriber {
  /** The session that it leaves behind; none where that is clean. */
  readonly session: string | undefined;
  readonly #link: Link;
  readonly #tally: Tally;
  readonly #load: Load;
  /** Acknowledgements of the frames read last; a frame is never smaller. */
  readonly #acks: Uint8Array;
  #acksFilled = 0;

  private constructor(
    link: Link,
    load: Load,
    tally: Tally,
    session: string | undefined,
  ) {
    this.#link = link;
    this.#load = load;
    this.#tally = tally;
    this.#acks = new Uint8Array(inboxBytes(load));
    this.session = session;
  }

  /** Connects the subscriber of that number. */
  static async connect(
    target: Target,
    load: Load,
    index: number,
    tally: Tally,
  ): Promise<Subscriber> {
    const role = "S";
    const session = load.sessions === "clean"
      ? undefined
      : newClientId(target, { role, index });
    const hello = { ...subscribing(load, role, index), session };
    const link = await Link.connect(target, hello, inboxBytes(load));
    return new Subscriber(link, load, tally, session);
  }

  /** Connects again for what has been kept in a session. */
  static async resume(
    target: Target,
    load: Load,
    session: string,
    tally: Tally,
  ): Promise<Subscriber> {
    const { level } = load.dialect;
    const hello = { role: "S", index: 0, level, session } as const;
    const link = await Link.connect(target, hello, inboxBytes(load));
    if (link.connack?.sessionPresent !== true) {
      link.close();
      throw new Error("the broker has not kept a session");
    }
    return new Subscriber(link, load, tally, session);
  }

  /** Counts and acknowledges until the connection is closed. */
  async receive(): Promise<never> {
    for (;;) {
      // What came with the answer to the CONNECT is there already.
      this.#takeFrames(performance.now());
      if (this.#acksFilled > 0) {
        await this.#link.write(this.#acks.subarray(0, this.#acksFilled));
        this.#acksFilled = 0;
      }
      await this.#link.read();
    }
  }

  /** Leaves in good order, and its session behind. */
  leave(): Promise<void> {
    return this.#link.leave();
  }

  /** Closes the connection. */
  close(): void {
    this.#link.close();
  }

  #takeFrames(nowMs: number): void {
    const { inbox } = this.#link;
    const { bytes, view } = inbox;
    const { latency } = this.#tally;
    const hasProperties = this.#load.dialect.level >= 5;
    // How long one was away says nothing of the broker.
    const isTimed = this.#load.sessions !== "away";
    let delivered = 0;
    while (inbox.next()) {
      const first = bytes[inbox.at]!;
      if (first >> 4 === PUBLISH) {
        const { body } = inbox;
        let payload = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!);
        const qos = (first >> 1) & 3;
        if (qos > 0) {
          this.#acknowledge(qos === 1 ? PUBACK : PUBREC, payload);
          payload += 2;
        }
        if (hasProperties) payload = skipProperties(bytes, payload);
        if (isTimed) latency.add(nowMs - view.getFloat64(payload));
        delivered += 1;
      } else if (first >> 4 === PUBREL) {
        this.#acknowledge(PUBCOMP, inbox.body);
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
  readonly #link: Link;

  private constructor(link: Link) {
    this.#link = link;
  }

  /** Connects the idler of that number. */
  static async connect(
    target: Target,
    load: Load,
    index: number,
  ): Promise<Idler> {
    const hello = subscribing(load, "I", index);
    return new Idler(await Link.connect(target, hello, IDLE_INBOX_BYTES));
  }

  /** Waits for nothing to come, which a closed socket ends. */
  async watch(): Promise<never> {
    for (;;) {
      await this.#link.read();
      while (this.#link.inbox.next()) refuse(this.#link.inbox);
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#link.close();
  }
}

function subscribing(load: Load, role: "I" | "S", index: number): Hello {
  const { dialect: { level }, qos } = load;
  const filter = withIndex(load.filter, index);
  return { role, index, level, subscribe: { filter, qos } };
}

/** Room for a message at least. */
function inboxBytes({ payloadBytes }: Load): number {
  return Math.max(INBOX_BYTES, payloadBytes + ROOM_BYTES);
}

/** Throws: a frame is not what a client of a load expects. */
export function refuse({ bytes, at, body, end }: Inbox): never {
  const type = bytes[at]! >> 4;
  // DISCONNECT begins with its reason, acknowledgements with a packet id.
  const reasonAt = type === DISCONNECT ? body : body + 2;
  const reason = reasonAt < end ? `, reason ${bytes[reasonAt]}` : "";
  throw new Error(`the broker sent ${PACKET_NAMES[type]}${reason}`);
}
