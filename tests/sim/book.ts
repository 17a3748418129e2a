/**
 * What has been promised to whom in the world that is switched off: the
 * books that all clients write in. What happened before what is told by
 * numbers, since much happens in the same millisecond.
 */

import type { Agenda } from "./agenda.ts";
import { MessageBook } from "./message_book.ts";
import { SessionBook } from "./session_book.ts";
import { WillBook } from "./will_book.ts";

export type WasWell = (fromMs: number, toMs: number) => boolean;

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

  /** @param wasWell Whether broker and disk were so, from when to when. */
  constructor(agenda: Agenda, wasWell: WasWell) {
    const clock = new Clock(agenda);
    this.messages = new MessageBook(clock, wasWell);
    this.wills = new WillBook(clock, this.messages, wasWell);
    this.sessions = new SessionBook(clock);
  }
}
