/**
 * Names with values. What stays the same is left as it is, so that it can be
 * selected and copied while other values change.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Dom } from "./dom.ts";
import type { Kit } from "./kit.ts";

/** Its text is part of the page: see `page.ts`. */
export class Facts {
  /** To be put into the page. */
  readonly element: El;
  readonly #dom: Dom;
  readonly #values = new Map<string, El>();
  readonly #list: El;
  readonly #empty: El;

  /** @param empty What is said where there is none. */
  constructor({ dom }: Kit, empty = "") {
    this.#dom = dom;
    this.#list = dom.make("dl", { class: "facts" });
    this.#empty = dom.make("p", { class: "empty" }, empty);
    this.element = dom.make("div", {}, this.#list, this.#empty);
  }

  /** Shows these, and no others. */
  show(facts: Readonly<Record<string, string>>): void {
    const names = Object.keys(facts);
    const isSame = names.join("\n") === [...this.#values.keys()].join("\n");
    if (!isSame) this.#begin(names);
    for (const [name, value] of Object.entries(facts)) {
      this.#dom.write(this.#values.get(name)!, value);
    }
    this.#list.hidden = names.length === 0;
    this.#empty.hidden = names.length > 0;
  }

  #begin(names: readonly string[]): void {
    const dom = this.#dom;
    this.#values.clear();
    this.#list.replaceChildren(...names.map((name) => {
      const value = dom.make("dd", {});
      this.#values.set(name, value);
      return dom.make("div", {}, dom.make("dt", {}, name), value);
    }));
  }
}
