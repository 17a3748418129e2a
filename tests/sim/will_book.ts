/**
 * Wills that wait: one that must not be published, because its client was
 * back in time, and one that has to be, because it was not.
 */

import { type Clock, type Course, KEPT_MS_MAX } from "./book.ts";
import type { MessageBook, Sent } from "./message_book.ts";
import type { SimLink } from "./sim_link.ts";
import type { SimWill } from "./tongue.ts";

const SLACK_MS = 20;

/** One will of one connection. */
interface Left {
  readonly will: SimWill;
  readonly sent: Sent;
  link: SimLink | undefined;
  /** When the client was gone, and when it began to come back. */
  lostMs: number;
  backMs: number;
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
  leaves(clientId: string, will: SimWill | undefined): void {
    const last = this.#wills.get(clientId);
    if (last?.backMs === Infinity) last.backMs = this.#clock.nowMs;
    this.#coming.delete(clientId);
    if (will === undefined) return;
    const sent = this.#messages.willLeft(clientId, will);
    const none = { link: undefined, lostMs: Infinity, backMs: Infinity };
    this.#coming.set(clientId, { will, sent, ...none });
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
    for (const { backMs, link, sent, will } of this.#over) {
      const { closedMs } = link!;
      const dueMs = closedMs + will.delaySeconds * 1000;
      const isKept = this.#course.wasWell(closedMs - 1, closedMs + KEPT_MS_MAX);
      if (!isKept || backMs < dueMs + KEPT_MS_MAX) continue;
      sent.acknowledged ??= this.#clock.next();
    }
  }
}
