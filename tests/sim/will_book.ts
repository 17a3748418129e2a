/**
 * Wills that wait: one that must not be published, because its client was
 * back in time, and one that has to be, because it was not.
 */

import { type Clock, type Course, KEPT_MS_MAX } from "./book.ts";
import type { MessageBook, Sent } from "./message_book.ts";
import type { SimLink } from "./sim_link.ts";
import type { SimWill, Terms } from "./tongue.ts";

const SLACK_MS = 20;

/** One will of one connection. */
interface Left {
  readonly will: SimWill;
  readonly sent: Sent;
  /** Whether it belongs to a session that is kept. */
  readonly isStored: boolean;
  link: SimLink | undefined;
  /** When the client was gone, and when it began to come back. */
  lostMs: number;
  backMs: number;
  /** When the broker had started to which it came back. */
  startedMs: number;
}

export class WillBook {
  readonly #clock: Clock;
  readonly #messages: MessageBook;
  readonly #course: Course;
  /** Of the connection that is there, or was there last. */
  readonly #wills = new Map<string, Left>();
  /** What goes along with a CONNECT that is not answered. */
  readonly #coming = new Map<string, Left>();
  readonly #over: Left[] = [];

  constructor(clock: Clock, messages: MessageBook, course: Course) {
    this.#clock = clock;
    this.#messages = messages;
    this.#course = course;
  }

  /** CONNECT goes out, with a will or without. */
  leaves(clientId: string, { expirySeconds, will }: Terms): void {
    const last = this.#wills.get(clientId);
    if (last?.backMs === Infinity) {
      last.backMs = this.#clock.nowMs;
      last.startedMs = this.#course.startedMs;
    }
    this.#coming.delete(clientId);
    if (will === undefined) return;
    const sent = this.#messages.willLeft(clientId, will);
    this.#coming.set(clientId, {
      will,
      sent,
      isStored: expirySeconds > 0,
      link: undefined,
      lostMs: Infinity,
      backMs: Infinity,
      startedMs: 0,
    });
  }

  /** CONNACK has come. */
  connected(clientId: string, link: SimLink, session: "kept" | "new"): void {
    const last = this.#wills.get(clientId);
    if (last !== undefined) {
      const { lostMs, sent, will } = last;
      const leftMs = Math.min(lostMs, last.link!.closedMs);
      const dueMs = leftMs + will.delaySeconds * 1000 - SLACK_MS;
      const isInTime = session === "kept" && this.#clock.nowMs < dueMs;
      if (isInTime) sent.isCancelled = true;
      else this.#over.push(last);
      this.#wills.delete(clientId);
    }
    const coming = this.#coming.get(clientId);
    if (coming === undefined) return;
    coming.link = link;
    this.#wills.set(clientId, coming);
  }

  /** The client says good-bye: its will may be dropped. */
  forget(clientId: string): void {
    this.#wills.delete(clientId);
  }

  lost(clientId: string, link: SimLink): void {
    const will = this.#wills.get(clientId);
    if (will?.link === link) will.lostMs = this.#clock.nowMs;
  }

  /** Says which wills have to have come; call it when all is over. */
  settle(): void {
    for (
      const { backMs, isStored, link, sent, startedMs, will } of this.#over
    ) {
      const { closedMs } = link!;
      const isTold = this.#course.wasWell(closedMs - 1, closedMs + KEPT_MS_MAX);
      if (!isTold && !isStored) continue;
      // Else it was lost by the broker's end, or is so by the next start.
      const leftMs = isTold ? closedMs : Math.max(closedMs, startedMs);
      const dueMs = leftMs + will.delaySeconds * 1000;
      if (backMs < dueMs + KEPT_MS_MAX) continue;
      sent.acknowledged ??= this.#clock.next();
    }
  }
}
