/**
 * Makes elements. What comes from the broker, which is what its clients have
 * sent, gets into the page as text only: there is no way here to make it
 * anything else.
 *
 * @module
 */

import type { Doc, El, UiEvent } from "./browser_types.ts";

/** What an element gets; a function listens, `on` and the event's name. */
export type Props = Readonly<
  Record<
    string,
    string | number | boolean | undefined | ((event: UiEvent) => void)
  >
>;

/** What an element holds; nothing where there is none. */
export type Child = El | string | undefined;

/** Its text is part of the page: see `page.ts`. */
export class Dom {
  /** The page's document. */
  readonly document: Doc;
  /** Controls and marks of direction; not tabs, line feeds and joiners. */
  readonly #unseen = /(?![\t\n\u200c\u200d])[\p{C}\u2028\u2029]/gu;

  /** @param document The page's document. */
  constructor(document: Doc) {
    this.document = document;
  }

  /** An element with attributes, listeners and children. */
  make(tag: string, props: Props, ...children: readonly Child[]): El {
    return this.#fill(this.document.createElement(tag), props, children);
  }

  /** An element of a drawing. */
  draw(tag: string, props: Props, ...children: readonly Child[]): El {
    const space = "http://www.w3.org/2000/svg";
    const element = this.document.createElementNS(space, tag);
    return this.#fill(element, props, children);
  }

  /** A button. */
  button(label: string, run: () => void, look = ""): El {
    const props = { type: "button", class: look, onclick: run };
    return this.make("button", props, label);
  }

  /** A label with what it is for. */
  field(label: string, input: El, look = ""): El {
    const name = this.make("span", { class: "label" }, label);
    return this.make("label", { class: `field ${look}` }, name, input);
  }

  /** A choice of some values, each with its label. */
  select(
    values: Readonly<Record<string, string>>,
    onchange: () => void = () => {},
  ): El {
    const options = Object.entries(values).map(([value, label]) =>
      this.make("option", { value }, label)
    );
    return this.make("select", { onchange }, ...options);
  }

  /** A part of a screen under a heading. */
  panel(title: string, ...children: readonly Child[]): El {
    const heading = this.make("h2", {}, title);
    return this.make("section", { class: "panel" }, heading, ...children);
  }

  /** Writes a text where it has changed: what is selected stays selected. */
  write(element: El, text: string): void {
    const plain = this.plain(text);
    if (element.textContent !== plain) element.textContent = plain;
  }

  /**
   * With what is not to be seen made visible: it can turn around what stands
   * beside it, and make two names look like one.
   */
  plain(text: string): string {
    return text.replace(this.#unseen, (char) => {
      const code = char.codePointAt(0)!.toString(16);
      return `\\u{${code}}`;
    });
  }

  #fill(element: El, props: Props, children: readonly Child[]): El {
    for (const [name, value] of Object.entries(props)) {
      if (typeof value === "function") {
        element.addEventListener(name.slice(2), value);
      } else if (value === true) {
        element.setAttribute(name, "");
      } else if (value !== undefined && value !== false && value !== "") {
        element.setAttribute(name, String(value));
      }
    }
    for (const child of children) {
      if (child === undefined) continue;
      element.append(typeof child === "string" ? this.plain(child) : child);
    }
    return element;
  }
}
