/**
 * What an operator must not overlook.
 *
 * @module
 */

import type { Warning } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Dom } from "./dom.ts";
import type { Kit } from "./kit.ts";

/** Its text is part of the page: see `page.ts`. */
export class Warnings {
  /** To be put into the page. */
  readonly element: El;
  readonly #dom: Dom;
  #shown = "[]";

  /** @param kit What it is made with. */
  constructor({ dom }: Kit) {
    this.#dom = dom;
    this.element = dom.make("div", { class: "warnings" });
  }

  /** Shows these; what is shown already is not said once more. */
  show(warnings: readonly Warning[]): void {
    const messages = [...new Set(warnings.map(({ message }) => message))];
    const shown = JSON.stringify(messages);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const dom = this.#dom;
    this.element.replaceChildren(...messages.map((message) =>
      dom.make(
        "p",
        { class: "warning", role: "alert" },
        dom.make("strong", {}, "Warning"),
        dom.make("span", {}, message),
      )
    ));
  }
}
