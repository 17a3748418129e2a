/**
 * Asks before what can't be undone, and says what has been done.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Dom } from "./dom.ts";

/** What is to be decided. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** What is done, on the button. */
  readonly action: string;
  /** Does it; what it returns is said when it is done. */
  run(): Promise<string>;
}

/** Its text is part of the page: see `page.ts`. */
export class Dialogs {
  /** To be put into the page. */
  readonly element: El;
  readonly #dom: Dom;
  readonly #dialog: El;
  readonly #notice: El;
  readonly #sentenceOf: (thrown: unknown) => string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param sentenceOf What is said of a fault. */
  constructor(dom: Dom, sentenceOf: (thrown: unknown) => string) {
    this.#dom = dom;
    this.#sentenceOf = sentenceOf;
    this.#dialog = dom.make("dialog", { "aria-labelledby": "question" });
    this.#notice = dom.make("div", { class: "notice", role: "status" });
    this.element = dom.make("div", {}, this.#dialog, this.#notice);
  }

  /** Asks; Escape and Cancel leave all as it is. */
  ask({ title, text, action, run }: Question): void {
    const dom = this.#dom;
    const fault = dom.make("p", { class: "fault", role: "alert" });
    const cancel = this.#dom.button("Cancel", () => this.#dialog.close());
    const go = this.#dom.button(action, async () => {
      go.disabled = true;
      try {
        const said = await run();
        this.#dialog.close();
        this.say(said);
      } catch (thrown) {
        go.disabled = false;
        this.#dom.write(fault, this.#sentenceOf(thrown));
      }
    }, "danger");
    this.#dialog.replaceChildren(
      dom.make("h2", { id: "question" }, title),
      dom.make("p", {}, text),
      fault,
      dom.make("div", { class: "buttons" }, cancel, go),
    );
    this.#dialog.showModal();
    cancel.focus();
  }

  /** Says something for some seconds. */
  say(sentence: string): void {
    clearTimeout(this.#timer);
    this.#notice.replaceChildren(this.#dom.make("p", {}, sentence));
    this.#timer = setTimeout(() => this.#notice.replaceChildren(), 6000);
  }

  /** Takes the question away, unanswered. */
  dismiss(): void {
    this.#dialog.close();
  }
}
