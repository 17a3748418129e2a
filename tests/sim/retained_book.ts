/**
 * What each topic may retain: the last that was acknowledged, or one that
 * came to the broker later.
 */

import type { Clock } from "./book.ts";
import type { Sent } from "./message_book.ts";

/** What expires about now may be there or not. */
const SLACK_MS = 2_000;

/** A topic that retains nothing. */
export const NOTHING = "";

export class RetainedBook {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Sent[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `message` is to be retained. */
  add(message: Sent): void {
    const { topic } = message;
    this.#topics.set(topic, [...this.#topics.get(topic) ?? [], message]);
  }

  /** Fails unless `found`, keys by topic, is what may be retained. */
  check(found: ReadonlyMap<string, string>): void {
    for (const [topic, messages] of this.#topics) {
      const may = this.#mayBe(messages);
      const is = found.get(topic) ?? NOTHING;
      if (may.has(is)) continue;
      const others = [...may].map((key) => key === NOTHING ? "nothing" : key);
      throw new Error(
        `${topic} retains ${is === NOTHING ? "nothing" : is}, ` +
          `not ${others.join(" or ")}`,
      );
    }
    for (const topic of found.keys()) {
      if (!this.#topics.has(topic)) throw new Error(`${topic} is retained`);
    }
  }

  #mayBe(messages: readonly Sent[]): Set<string> {
    let bound = 0;
    for (const { acknowledged, arrivals, qos } of messages) {
      if (acknowledged === undefined) continue;
      // Of a QoS 2 message that came twice the first may be the one.
      const before = arrivals.filter(({ fact }) => fact < acknowledged);
      const last = qos === 2 ? before[0] : before.at(-1);
      bound = Math.max(bound, last!.fact);
    }
    const may = new Set<string>(bound === 0 ? [NOTHING] : []);
    const { nowMs } = this.#clock;
    for (const message of messages) {
      const { arrivals, isClear, key, expiryMs, expiryMostMs } = message;
      const [first, last] = [arrivals[0], arrivals.at(-1)];
      if (first === undefined || last!.fact < bound) continue;
      const mayBeOver = first.ms + expiryMs < nowMs + SLACK_MS;
      if (isClear || mayBeOver) may.add(NOTHING);
      const mayBeThere = last!.ms + expiryMostMs > nowMs - SLACK_MS;
      if (!isClear && mayBeThere) may.add(key);
    }
    return may;
  }
}
