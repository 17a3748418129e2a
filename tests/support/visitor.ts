/**
 * Somebody in front of a page: presses what has a name, types into what has
 * a label, and looks for words that are to be seen. Each waits until the page
 * has it. What is hidden is not there, and what has no name can't be pressed.
 *
 * ```ts ignore
 * const visitor = new Visitor(page);
 * await visitor.fill("Secret", "a secret");
 * await visitor.press("Log in");
 * await visitor.see("Overview");
 * ```
 */

import type { Page } from "./browser.ts";

/** What is done in the page. */
interface Step {
  kind: "press" | "fill" | "see" | "miss";
  /** A name, a label, or words. */
  name: string;
  /** What is typed. */
  text: string;
  patienceMs: number;
}

/** What the step needs of an element. */
interface Element {
  tagName: string;
  type: string;
  value: string;
  checked: boolean;
  disabled: boolean;
  textContent: string;
  innerText: string;
  labels: Element[] | null;
  checkVisibility(): boolean;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  getAttribute(name: string): string | null;
  dispatchEvent(event: Event): void;
  focus(): void;
  click(): void;
}

/** What the step needs of the window. */
interface Window {
  document: { body: Element };
  MutationObserver: new (run: () => void) => {
    observe(target: unknown, options: unknown): void;
    disconnect(): void;
  };
}

const PATIENCE_MS = 8000;

export class Visitor {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses a button or a link. */
  press(name: string): Promise<void> {
    return this.#step("press", name);
  }

  /** Types into a field, or chooses in a list; "on" sets a mark. */
  fill(label: string, text: string): Promise<void> {
    return this.#step("fill", label, text);
  }

  /** Waits until the words are to be seen. */
  see(words: string): Promise<void> {
    return this.#step("see", words);
  }

  /** Waits until the words are no longer to be seen. */
  miss(words: string): Promise<void> {
    return this.#step("miss", words);
  }

  /** Goes to a screen of the page. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, hash);
  }

  /** All that is to be seen. */
  text(): Promise<string> {
    return this.page.evaluate(
      () => (globalThis as unknown as Window).document.body.innerText,
      undefined,
    );
  }

  async #step(kind: Step["kind"], name: string, text = ""): Promise<void> {
    const step = { kind, name, text, patienceMs: PATIENCE_MS };
    const fault = await this.page.evaluate(take, step);
    if (fault !== "") throw new Error(fault);
  }
}

/** In the page: takes a step as soon as it can be taken. */
function take({ kind, name, text, patienceMs }: Step): Promise<string> {
  const { document, MutationObserver } = globalThis as unknown as Window;
  const { body } = document;
  const nameOf = (element: Element) =>
    (element.getAttribute("aria-label") ??
      element.labels?.[0]?.querySelector(".label")?.textContent ??
      element.labels?.[0]?.textContent ?? element.textContent).trim();
  const find = (selector: string) => {
    // A dialog that is open stands in front of all else.
    const front = body.querySelector("dialog[open]") ?? body;
    return [...front.querySelectorAll(selector)].find((element) =>
      element.checkVisibility() && !element.disabled && nameOf(element) === name
    );
  };
  const type = (element: Element) => {
    element.focus();
    if (element.type === "checkbox") element.checked = text === "on";
    else element.value = text;
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const attempt = (): boolean => {
    if (kind === "see") return body.innerText.includes(name);
    if (kind === "miss") return !body.innerText.includes(name);
    const isPressed = kind === "press";
    const found = find(
      isPressed ? "button,a,summary" : "input,select,textarea",
    );
    if (found === undefined) return false;
    if (isPressed) found.click();
    else type(found);
    return true;
  };
  return new Promise((resolve) => {
    if (attempt()) return resolve("");
    const observer = new MutationObserver(() => {
      if (attempt()) end("");
    });
    const end = (fault: string) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(fault);
    };
    const seen = () => JSON.stringify(body.innerText.slice(0, 2000));
    const fault = () => `${kind} "${name}" is not possible; seen: ${seen()}`;
    const timer = setTimeout(() => end(fault()), patienceMs);
    const all = { childList: true, characterData: true, attributes: true };
    observer.observe(body, { ...all, subtree: true });
  });
}
