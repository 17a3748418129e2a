/**
 * The first screen: a secret for a token.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Kit } from "./kit.ts";

/** Its text is part of the page: see `page.ts`. */
export class LoginView {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #secret: El;
  readonly #button: El;
  readonly #fault: El;
  readonly #done: () => void;

  /** @param done Told when there is a token. */
  constructor(kit: Kit, done: () => void) {
    const { dom } = kit;
    this.#kit = kit;
    this.#done = done;
    this.#secret = dom.make("input", {
      type: "password",
      name: "secret",
      autocomplete: "current-password",
      required: true,
    });
    this.#button = dom.make(
      "button",
      { type: "submit", class: "primary" },
      "Log in",
    );
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.element = this.#make();
  }

  /** Begins, with what is to be said first. */
  open(sentence: string): void {
    this.#secret.value = "";
    this.#kit.dom.write(this.#fault, sentence);
    this.#secret.focus();
  }

  #make(): El {
    const { dom } = this.#kit;
    const onsubmit = (event: { preventDefault(): void }) => {
      event.preventDefault();
      void this.#login();
    };
    return dom.make(
      "main",
      { class: "login" },
      dom.make("h1", {}, "Broker"),
      dom.make(
        "form",
        { onsubmit },
        dom.field("Secret", this.#secret),
        this.#fault,
        this.#button,
      ),
      dom.make(
        "p",
        { class: "muted" },
        "The broker made it at its first start: it is in the file api-secret " +
          "of its data folder or, without one, in its log. If you started " +
          "it with a token file, it is in that.",
      ),
    );
  }

  async #login(): Promise<void> {
    const { api, dom } = this.#kit;
    this.#button.disabled = true;
    try {
      await api.login(this.#secret.value.trim());
      this.#secret.value = "";
      dom.write(this.#fault, "");
      this.#done();
    } catch (thrown) {
      dom.write(this.#fault, api.sentenceOf(thrown));
      this.#secret.focus();
    } finally {
      this.#button.disabled = false;
    }
  }
}
