/**
 * A client of the simulated world that is switched off now and then. It
 * keeps to MQTT: it remembers what was not acknowledged and sends it again,
 * knows which QoS 2 ids it has seen, and forgets both when its session is
 * gone. What it was promised it tells the book; it judges nothing.
 */

import type { Agenda, Appointment } from "./agenda.ts";
import type { SimLink } from "./sim_link.ts";
import type { Book } from "./book.ts";
import {
  type Answer,
  answerBytes,
  connectBytes,
  decodeAnswer,
  disconnectBytes,
  firstEnd,
  FOREVER_SECONDS,
  type Level,
  type Publish,
  publishBytes,
  type Qos,
  type Received,
  subscribeBytes,
  type Terms,
  unsubscribeBytes,
} from "./tongue.ts";
import { pingreq } from "../support/wire.ts";
import type { Sent, Subscribed } from "./message_book.ts";

/** The world around it. */
export interface Around {
  readonly agenda: Agenda;
  readonly book: Book;
  /** A connection, unless nobody is there. */
  dial(traveller: Traveller): SimLink | undefined;
  /** Whether the broker has a session of this name at the moment. */
  hasSession(clientId: string): boolean;
  log(line: () => string): void;
}

/** A message that the broker has not acknowledged to its end. */
interface Outgoing {
  readonly packetId: number;
  readonly publish: Publish;
  readonly sent: Sent;
  isReleased: boolean;
}

/** A subscription, or the end of one. */
type Asked = Subscribed | { readonly filter: string; readonly since: number };

type Phase = "off" | "connecting" | "open";

/** How long it waits for CONNACK. */
const CONNECT_PATIENCE_MS = 30_000;
/** How long before its keep alive is over it sends a ping. */
const PING_EARLY_MS = 1_500;

export class Traveller {
  readonly clientId: string;
  /** Whether it answers only when it is told to. */
  isLazy = false;
  phase: Phase = "off";
  terms: Terms | undefined;
  link: SimLink | undefined;
  readonly #around: Around;
  #bytes = new Uint8Array(0);
  #outgoing: Outgoing[] = [];
  /** SUBSCRIBE and UNSUBSCRIBE that wait for their answer. */
  readonly #asked = new Map<number, Asked>();
  /** QoS 2 ids of which the message was taken and PUBREL has not come. */
  #seen = new Set<number>();
  #owed: Uint8Array[] = [];
  /** What is done as soon as it is connected. */
  #plans: (() => void)[] = [];
  #lastId = 0;
  /** Nobody knows what became of its session: it begins a new one. */
  #mustBeClean = false;
  #hasLostTrack = false;
  #ping: Appointment | undefined;

  constructor(around: Around, clientId: string) {
    this.#around = around;
    this.clientId = clientId;
  }

  /** Whether nothing is left to be answered, on either side. */
  get isSettled(): boolean {
    return this.phase === "open" && this.#plans.length === 0 &&
      this.#outgoing.length + this.#owed.length + this.#asked.size === 0;
  }

  /** Does `plan` when it is connected, and connects if it is not. */
  when(terms: Terms, plan: () => void): void {
    if (this.phase === "open") return plan();
    this.#plans.push(plan);
    if (this.phase === "off") this.connect(terms);
  }

  /** Connects, also when it is connected: that takes over. */
  connect(wanted: Terms): void {
    if (this.link !== undefined) this.vanish();
    const isClean = wanted.isClean || this.#mustBeClean;
    const expirySeconds = wanted.level === 5
      ? wanted.expirySeconds
      : isClean
      ? 0
      : FOREVER_SECONDS;
    const will = wanted.will && wanted.level < 5
      ? { ...wanted.will, delaySeconds: 0 }
      : wanted.will;
    const terms = { ...wanted, isClean, expirySeconds, will };
    const link = this.#around.dial(this);
    if (link === undefined) {
      this.#plans = [];
      return;
    }
    const { book } = this.#around;
    this.link = link;
    this.terms = terms;
    this.phase = "connecting";
    this.#hasLostTrack = false;
    this.#bytes = new Uint8Array(0);
    this.#log(() => `CONNECT ${JSON.stringify(terms)}`);
    if (isClean) {
      this.#mustBeClean = true;
      this.#forget();
    }
    book.sessions.connecting(this.clientId, terms, link);
    book.wills.leaves(this.clientId, terms);
    link.send(connectBytes(this.clientId, terms), () => {
      const isThere = this.#around.hasSession(this.clientId);
      const order = book.sessions.arrived(this.clientId, link, isThere);
      if (order === "stale") this.#loseTrack();
    });
    this.#around.agenda.in(CONNECT_PATIENCE_MS, () => {
      if (this.link === link && this.phase === "connecting") this.hangUp();
    });
  }

  publish(publish: Publish, sent: Sent): void {
    const packetId = publish.qos === 0 ? 0 : this.#newId();
    const outgoing = { packetId, publish, sent, isReleased: false };
    if (publish.qos > 0) this.#outgoing.push(outgoing);
    this.#sendPublish(outgoing, false);
  }

  subscribe(filter: string, qos: Qos): void {
    const packetId = this.#newId();
    const { messages } = this.#around.book;
    const asked = messages.subscribing(this.clientId, filter, qos);
    this.#asked.set(packetId, asked);
    this.#log(() => `SUBSCRIBE ${filter} ${qos}`);
    this.#send(subscribeBytes(this.#level, packetId, filter, qos));
  }

  unsubscribe(filter: string): void {
    const packetId = this.#newId();
    const { messages } = this.#around.book;
    const since = messages.unsubscribing(this.clientId, filter);
    this.#asked.set(packetId, { filter, since });
    this.#log(() => `UNSUBSCRIBE ${filter}`);
    this.#send(unsubscribeBytes(this.#level, packetId, filter));
  }

  /** Sends so many of the answers that it owes. */
  answer(most: number): void {
    for (const bytes of this.#owed.splice(0, most)) this.#send(bytes);
  }

  /** Says good-bye; with `reason` 4 the will is published. */
  leave(reason: number, expirySeconds: number | undefined): void {
    if (this.phase !== "open") return this.hangUp();
    const { sessions, wills } = this.#around.book;
    const isKept = this.terms!.expirySeconds > 0;
    const changes = isKept && this.#level === 5 ? expirySeconds : undefined;
    this.#log(() => `DISCONNECT ${reason} ${changes ?? ""}`);
    if (changes !== undefined) sessions.changes(this.clientId, changes);
    wills.forget(this.clientId);
    this.#send(disconnectBytes(this.#level, reason, changes));
    this.hangUp();
  }

  /** Closes the connection. */
  hangUp(): void {
    const { link } = this;
    if (link === undefined) return;
    this.#log(() => "hangs up");
    link.cut();
    this.lost();
  }

  /** Is gone without a word. */
  vanish(): void {
    this.#log(() => "vanishes");
    this.link?.vanish();
  }

  /** Bytes have come. */
  took(bytes: Uint8Array, sentMs: number): void {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    const { link } = this;
    while (link !== undefined && this.link === link) {
      const end = firstEnd(this.#bytes);
      if (end === 0) return;
      const packet = decodeAnswer(this.#level, this.#bytes.subarray(0, end));
      this.#bytes = this.#bytes.slice(end);
      this.#take(packet, sentMs);
    }
  }

  /** The connection has ended. */
  lost(): void {
    const { link, phase } = this;
    if (link === undefined) return;
    this.link = undefined;
    this.phase = "off";
    this.#owed = [];
    this.#asked.clear();
    this.#plans = [];
    if (this.#ping !== undefined) this.#ping.isCancelled = true;
    const { book } = this.#around;
    const what = book.sessions.lost(this.clientId, link);
    book.wills.lost(this.clientId, link);
    if (phase === "connecting") this.#mustBeClean ||= what === "unknown";
    else if (what === "ended") this.#forget();
    this.#log(() => `is off`);
  }

  get #level(): Level {
    return this.terms!.level;
  }

  #take(packet: Answer, sentMs: number): void {
    const { messages } = this.#around.book;
    if (packet.type === "other") return;
    this.#log(() => `◄ ${JSON.stringify(packet).slice(0, 120)}`);
    switch (packet.type) {
      case "connack":
        return this.#connected(packet.reason, packet.isPresent);
      case "publish":
        return this.#takePublish(packet, sentMs);
      case "pubrel":
        this.#seen.delete(packet.packetId);
        return this.#owe(answerBytes("pubcomp", packet.packetId));
      case "suback":
      case "unsuback": {
        const asked = this.#asked.get(packet.packetId);
        this.#asked.delete(packet.packetId);
        if (asked === undefined) return;
        if ("matches" in asked) {
          messages.granted(this.clientId, asked, packet.reason);
        } else if (packet.reason < 0x80) {
          messages.unsubscribed(this.clientId, asked.filter, asked.since);
        }
        return;
      }
      default:
        this.#acknowledged(packet.type, packet.packetId, packet.reason);
    }
  }

  #connected(reason: number, isPresent: boolean): void {
    const { book } = this.#around;
    if (reason > 0) {
      book.sessions.refused(this.clientId);
      this.hangUp();
      return;
    }
    this.phase = "open";
    this.#mustBeClean = this.#hasLostTrack;
    // 3.1 has no flag for it.
    const isKept = book.sessions.connected(
      this.clientId,
      this.#level === 3 ? undefined : isPresent,
    );
    if (!isKept) this.#forget();
    book.wills.connected(this.clientId, this.link!, isKept ? "kept" : "new");
    if (this.#hasLostTrack) book.wills.forget(this.clientId);
    this.#keepAlive();
    for (const outgoing of [...this.#outgoing]) {
      const { isReleased, packetId } = outgoing;
      if (isReleased) this.#send(answerBytes("pubrel", packetId));
      else this.#sendPublish(outgoing, true);
    }
    for (const plan of this.#plans.splice(0)) plan();
  }

  #takePublish(packet: Received, sentMs: number): void {
    const { packetId, qos } = packet;
    const isRepeated = qos === 2 && this.#seen.has(packetId);
    if (qos === 2) this.#seen.add(packetId);
    if (qos > 0) {
      this.#owe(answerBytes(qos === 1 ? "puback" : "pubrec", packetId));
    }
    if (isRepeated) return;
    this.#around.book.messages.delivered(
      this.clientId,
      packet,
      sentMs,
      this.link!,
    );
  }

  #acknowledged(
    type: "puback" | "pubrec" | "pubcomp",
    packetId: number,
    reason: number,
  ): void {
    const at = this.#outgoing.findIndex((one) => one.packetId === packetId);
    const outgoing = this.#outgoing[at];
    const isRefused = reason >= 0x80;
    const isOver = type !== "pubrec" || isRefused;
    if (isOver && at >= 0) this.#outgoing.splice(at, 1);
    if (outgoing !== undefined && type !== "pubcomp" && !isRefused) {
      this.#around.book.messages.acknowledged(outgoing.sent);
    }
    if (type !== "pubrec" || isRefused) return;
    if (outgoing !== undefined) outgoing.isReleased = true;
    this.#send(answerBytes("pubrel", packetId));
  }

  #sendPublish({ packetId, publish, sent }: Outgoing, dup: boolean): void {
    const { messages } = this.#around.book;
    messages.sending(sent, this.#level);
    const isDup = dup && publish.qos > 0;
    this.#log(() => `► ${isDup ? "again " : ""}${sent.key} QoS ${sent.qos}`);
    const bytes = publishBytes(this.#level, publish, packetId, isDup);
    this.#send(bytes, () => messages.arrived(sent));
  }

  #owe(bytes: Uint8Array): void {
    if (this.isLazy) this.#owed.push(bytes);
    else this.#send(bytes);
  }

  #send(bytes: Uint8Array, arrived?: () => void): void {
    this.link?.send(bytes, arrived);
  }

  /** A CONNECT of old came behind a new one. */
  #loseTrack(): void {
    this.#mustBeClean = this.#hasLostTrack = true;
    this.#around.book.wills.forget(this.clientId);
  }

  /** Sends a ping now and then. */
  #keepAlive(): void {
    const { keepAliveS } = this.terms!;
    if (keepAliveS === 0) return;
    const ms = keepAliveS * 1000 - PING_EARLY_MS;
    this.#ping = this.#around.agenda.in(ms, () => {
      this.#send(pingreq());
      this.#keepAlive();
    });
  }

  /** The session is gone, here and there. */
  #forget(): void {
    this.#seen.clear();
    this.#outgoing = [];
    this.#around.book.messages.ended(this.clientId);
  }

  #newId(): number {
    const inUse = new Set(this.#outgoing.map(({ packetId }) => packetId));
    for (const packetId of this.#asked.keys()) inUse.add(packetId);
    do this.#lastId = this.#lastId % 200 + 1; while (inUse.has(this.#lastId));
    return this.#lastId;
  }

  #log(line: () => string): void {
    this.#around.log(() => `${this.clientId} ${line()}`);
  }
}
