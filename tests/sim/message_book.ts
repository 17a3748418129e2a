/**
 * Which messages are owed to whom, and what must not come: QoS 1 at least
 * once and QoS 2 once when it was acknowledged, in order, not after its end,
 * nothing to who has not subscribed; wills; what each topic retains.
 */

import { isMatch } from "../router/model.ts";
import type { Clock, Course } from "./book.ts";
import { OrderBook } from "./order_book.ts";
import { RetainedBook } from "./retained_book.ts";
import type { SimLink } from "./sim_link.ts";
import type { Level, Publish, Received, SimWill } from "./tongue.ts";

/** What a message may be late: it was on its way before its end. */
const LATE_MS_MAX = 1_500;
const SLACK_MS = 20;
/** So long before a slow disk may have held it up. */
const HELD_MS_MAX = 5_000;

/** A message that a client has begun to publish, or has left as its will. */
export interface Sent {
  /** How its payload begins. */
  readonly key: string;
  readonly publisher: string;
  readonly sequence: number;
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly isWill: boolean;
  /** Whether it clears what its topic retains. */
  readonly isClear: boolean;
  /** How long it lives, at least; `expiryMostMs`: at most. */
  readonly expiryMs: number;
  expiryMostMs: number;
  /** When it was sent first. */
  sent: number | undefined;
  sentMs: number;
  /** When it came to the broker. */
  readonly arrivals: { fact: number; ms: number }[];
  acknowledged: number | undefined;
  /** A will that must not be published any more. */
  isCancelled: boolean;
}

/** A subscription, from when to when it may be there. */
export interface Subscribed {
  readonly filter: string;
  /** What it matches: the filter without its `$share/{name}/`. */
  readonly matches: string;
  readonly isShared: boolean;
  readonly sent: number;
  granted: number | undefined;
  qos: number;
  closing: number;
  closed: number;
}

/** What a client has and is owed. */
class Account {
  readonly subscribed: Subscribed[] = [];
  /** How often each message came to it, by QoS. */
  readonly counts = new Map<Sent, [number, number, number]>();
}

export class MessageBook {
  readonly retained: RetainedBook;
  readonly #clock: Clock;
  readonly #course: Course;
  readonly #messages = new Map<string, Sent>();
  readonly #accounts = new Map<string, Account>();
  readonly #order = new OrderBook();

  constructor(clock: Clock, course: Course) {
    this.#clock = clock;
    this.#course = course;
    this.retained = new RetainedBook(clock);
  }

  /** A message that `publisher` is about to publish. */
  begin(publisher: string, sequence: number, publish: Publish): Sent {
    const { topic, payload, qos, retain, expirySeconds } = publish;
    const expiryMs = (expirySeconds ?? Infinity) * 1000;
    const sent: Sent = {
      key: payload === "" ? `${publisher}:-${sequence}:` : keyOf(payload),
      publisher,
      sequence,
      topic,
      qos,
      retain,
      isWill: false,
      isClear: retain && payload === "",
      expiryMs,
      expiryMostMs: expiryMs,
      sent: undefined,
      sentMs: 0,
      arrivals: [],
      acknowledged: undefined,
      isCancelled: false,
    };
    this.#messages.set(sent.key, sent);
    if (retain) this.retained.add(sent);
    return sent;
  }

  /** A message goes out, on a connection that tells its life or not. */
  sending(message: Sent, level: Level): void {
    if (level < 5) message.expiryMostMs = Infinity;
    if (message.sent !== undefined) return;
    message.sent = this.#clock.next();
    message.sentMs = this.#clock.nowMs;
  }

  arrived({ arrivals }: Sent): void {
    arrivals.push({ fact: this.#clock.next(), ms: this.#clock.nowMs });
  }

  acknowledged(message: Sent): void {
    message.acknowledged ??= this.#clock.next();
  }

  subscribing(clientId: string, filter: string, qos: number): Subscribed {
    const { subscribed } = this.#of(clientId);
    this.#close(clientId, filter, "closing");
    const isShared = filter.startsWith("$share/");
    const made: Subscribed = {
      filter,
      matches: isShared ? filter.split("/").slice(2).join("/") : filter,
      isShared,
      sent: this.#clock.next(),
      granted: undefined,
      qos,
      closing: Infinity,
      closed: Infinity,
    };
    subscribed.push(made);
    return made;
  }

  granted(clientId: string, asked: Subscribed, reason: number): void {
    const now = this.#clock.next();
    if (reason >= 0x80) {
      // What was there before is there still.
      asked.closing = asked.closed = now;
      return;
    }
    for (const other of this.#of(clientId).subscribed) {
      const isBefore = other.filter === asked.filter && other !== asked &&
        other.sent < asked.sent;
      if (isBefore) other.closed = Math.min(other.closed, now);
    }
    asked.granted = now;
    asked.qos = reason;
  }

  /** Returns what {@linkcode unsubscribed} has to be told. */
  unsubscribing(clientId: string, filter: string): number {
    this.#close(clientId, filter, "closing");
    return this.#clock.next();
  }

  unsubscribed(clientId: string, filter: string, since: number): void {
    this.#close(clientId, filter, "closed", since);
  }

  /** The session is gone, as the client knows. */
  ended(clientId: string): void {
    const now = this.#clock.next();
    for (const one of this.#of(clientId).subscribed) {
      one.closing = Math.min(one.closing, now);
      one.closed = Math.min(one.closed, now);
    }
  }

  /** A will goes along with CONNECT. */
  willLeft(clientId: string, will: SimWill): Sent {
    const publish = { ...will, retain: false, expirySeconds: undefined };
    const sent = { ...this.begin(clientId, -1, publish), isWill: true };
    this.sending(sent, 5);
    this.#messages.set(sent.key, sent);
    return sent;
  }

  /** A client has got a message. */
  delivered(
    clientId: string,
    packet: Received,
    sentMs: number,
    link: SimLink,
  ): void {
    const { payload, topic, qos, retain } = packet;
    if (payload === "") return; // it can't be told from others
    const message = this.#messages.get(keyOf(payload));
    const who = `${clientId}: ${keyOf(payload)} QoS ${qos}`;
    if (message === undefined || message.sent === undefined) {
      throw new Error(`${who}: nobody has published it`);
    }
    if (message.topic !== topic) throw new Error(`${who}: on ${topic}`);
    if (qos > message.qos) throw new Error(`${who}: more than was published`);
    if (message.isCancelled) throw new Error(`${who}: a will, and it is back`);
    this.#checkEnd(who, message, packet, sentMs, link.openedMs);
    const account = this.#of(clientId);
    const by = account.subscribed.filter(({ matches, closed }) =>
      isMatch(matches, topic) && (retain || closed > message.sent!)
    );
    if (by.length === 0) throw new Error(`${who}: not subscribed to`);
    if (retain) return;
    const counts = account.counts.get(message) ?? [0, 0, 0];
    const isFirst = !account.counts.has(message);
    account.counts.set(message, counts);
    const count = ++counts[qos as 0 | 1 | 2];
    // Shared subscriptions bring a copy each, beside the others' one.
    const ways = new Set(by.map(({ isShared, filter }) => isShared && filter));
    if (qos === 2 && count > ways.size) throw new Error(`${who}: came twice`);
    const { arrivals } = message;
    if (qos === 0 && !message.isWill && count > arrivals.length * ways.size) {
      throw new Error(`${who}: came ${count} times`);
    }
    const isPlain = !message.isWill && arrivals.length === 1 &&
      !by.some(({ isShared }) => isShared);
    if (!isPlain) return;
    this.#order.check(`${clientId} (${link.address})`, message, qos);
    if (isFirst) this.#order.check(clientId, message, qos);
  }

  /** Everybody is there, and nothing is on its way: fails on what is not. */
  settle(): void {
    for (const clientId of this.#accounts.keys()) this.#settleOne(clientId);
    this.#settleShared();
  }

  #settleOne(clientId: string): void {
    const { subscribed, counts } = this.#of(clientId);
    for (const one of subscribed) {
      if (one.isShared) continue;
      for (const message of this.#messages.values()) {
        const isOwed = this.#isOwed(message, one) && one.closed === Infinity;
        if (!isOwed || counts.has(message)) continue;
        throw new Error(
          `${clientId}: ${message.key} QoS ${message.qos} never came, ` +
            `subscribed by ${one.filter} with QoS ${one.qos}`,
        );
      }
    }
  }

  /** One of the members has to have it, if none has ever lost its session. */
  #settleShared(): void {
    const groups = new Map<string, Subscribed[]>();
    for (const { subscribed } of this.#accounts.values()) {
      for (const one of subscribed.filter(({ isShared }) => isShared)) {
        groups.set(one.filter, [...groups.get(one.filter) ?? [], one]);
      }
    }
    for (const [filter, all] of groups) {
      if (all.some(({ closed }) => closed < Infinity)) continue;
      for (const message of this.#messages.values()) {
        const isOwed = all.every(({ qos }) => qos > 0) &&
          all.some((one) => this.#isOwed(message, one));
        const isThere = [...this.#accounts.values()].some(({ counts }) =>
          counts.has(message)
        );
        if (!isOwed || isThere) continue;
        throw new Error(`${filter}: ${message.key} came to nobody`);
      }
    }
  }

  /** Whether a message has come by a subscription, if that is there yet. */
  #isOwed(message: Sent, { matches, granted, qos, closing }: Subscribed) {
    const { acknowledged, sent, topic } = message;
    return acknowledged !== undefined && granted !== undefined &&
      message.qos > 0 && qos > 0 && sent! > granted &&
      acknowledged < closing && !message.isClear &&
      message.sentMs + message.expiryMs > this.#clock.nowMs + LATE_MS_MAX &&
      isMatch(matches, topic);
  }

  #checkEnd(
    who: string,
    { arrivals, expiryMostMs }: Sent,
    { dup, expirySeconds }: Received,
    sentMs: number,
    openedMs: number,
  ): void {
    if (expiryMostMs === Infinity) return;
    const endMs = arrivals.at(-1)!.ms + expiryMostMs;
    const leftMs = endMs - sentMs;
    const least = Math.ceil((leftMs + LATE_MS_MAX) / 1000);
    const isInTime = this.#course.wasWell(sentMs - HELD_MS_MAX, sentMs);
    const isLonger = (expirySeconds ?? 0) > Math.max(least, 0) && isInTime;
    if (isLonger) {
      throw new Error(`${who}: its life has grown to ${expirySeconds} s`);
    }
    // What is sent again was begun in time.
    if (dup) return;
    const isLate = openedMs > endMs + SLACK_MS ||
      (leftMs < -LATE_MS_MAX && isInTime);
    if (isLate) throw new Error(`${who}: ${-leftMs} ms after its end`);
  }

  #close(
    clientId: string,
    filter: string,
    what: "closing" | "closed",
    since = Infinity,
  ): void {
    const now = this.#clock.next();
    for (const one of this.#of(clientId).subscribed) {
      const isMeant = one.filter === filter && one.sent < since;
      if (isMeant) one[what] = Math.min(one[what], now);
    }
  }

  #of(clientId: string): Account {
    let account = this.#accounts.get(clientId);
    if (account === undefined) {
      this.#accounts.set(clientId, account = new Account());
    }
    return account;
  }
}

/** Payloads are `publisher:sequence:` and padding. */
function keyOf(payload: string): string {
  return payload.slice(0, payload.lastIndexOf(":") + 1);
}
