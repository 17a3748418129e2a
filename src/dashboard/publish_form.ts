/**
 * Publishes a message.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Kit } from "./kit.ts";

/** Its text is part of the page: see `page.ts`. */
export class PublishForm {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #topic: El;
  readonly #payload: El;
  readonly #qos: El;
  readonly #retain: El;
  readonly #told: El;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom } = kit;
    this.#kit = kit;
    this.#topic = dom.make("input", { class: "mono", required: true });
    this.#payload = dom.make("textarea", { class: "mono", rows: 3 });
    this.#qos = dom.select({ "0": "0", "1": "1", "2": "2" });
    this.#retain = dom.make("input", { type: "checkbox" });
    this.#told = dom.make("p", { class: "told", role: "status" });
    const onsubmit = (event: { preventDefault(): void }) => {
      event.preventDefault();
      void this.#publish();
    };
    const retained = dom.make(
      "label",
      { class: "check" },
      this.#retain,
      "Retain",
    );
    this.element = dom.panel(
      "Publish",
      dom.make(
        "form",
        { onsubmit },
        dom.field("Topic", this.#topic),
        dom.field("Payload", this.#payload),
        dom.make(
          "div",
          { class: "toolbar" },
          dom.field("QoS", this.#qos),
          retained,
          dom.make("button", { type: "submit", class: "primary" }, "Publish"),
        ),
        this.#told,
      ),
    );
  }

  async #publish(): Promise<void> {
    const { api, dom, format } = this.#kit;
    const topic = this.#topic.value;
    try {
      const { matched } = await api.ask<{ matched: number }>(
        "POST",
        "publish",
        {
          topic,
          payload: this.#payload.value,
          qos: Number(this.#qos.value),
          retain: this.#retain.checked,
        },
      );
      const receivers = format.some(matched, "receiver");
      const time = format.time(Date.now());
      dom.write(this.#told, `${time}: ${topic} to ${receivers}.`);
    } catch (thrown) {
      dom.write(this.#told, api.sentenceOf(thrown));
    }
  }
}
