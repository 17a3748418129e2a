/**
 * What has been promised to whom in the world that is switched off: the
 * books that all clients write in. What happened before what is told by
 * numbers, since much happens in the same millisecond.
 */

import type { Agenda } from "./agenda.ts";
import { MessageBook } from "./message_book.ts";
import { SessionBook } from "./session_book.ts";
import { WillBook } from "./will_book.ts";

/** What the books ask of the world. */
export interface Course {
  /** Whether broker and disk were well, from when to when. */
  wasWell(fromMs: number, toMs: number): boolean;
  /** When the broker was started last. */
  readonly startedMs: number;
  /** When a broker ended, the first time from then on. */
  endedMs(fromMs: number): number;
}

/** So long both have to be well for that to be kept on which nobody waits. */
export const KEPT_MS_MAX = 1_000;

/** So long after its end a broker may have lived, for all that it has noted. */
export const LIFE_MS_MAX = 120_000;

/** Tells the time, and what came before what. */
export class Clock {
  readonly #agenda: Agenda;
  #facts = 0;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  get nowMs(): number {
    return this.#agenda.nowMs;
  }

  /** A number above all before. */
  next(): number {
    return ++this.#facts;
  }
}

export class Book {
  readonly messages: MessageBook;
  readonly sessions: SessionBook;

  readonly wills: WillBook;

  constructor(agenda: Agenda, course: Course) {
    const clock = new Clock(agenda);
    this.messages = new MessageBook(clock, course);
    this.wills = new WillBook(clock, this.messages, course);
    this.sessions = new SessionBook(clock, course);
  }
}
