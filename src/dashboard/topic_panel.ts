/**
 * The message that is kept for a topic: to read, to set anew, to delete.
 *
 * @module
 */

import type { Listed, Retained } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Facts } from "./facts.ts";
import type { Kit } from "./kit.ts";

/** Its text is part of the page: see `page.ts`. */
export class TopicPanel {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #name: El;
  readonly #fault: El;
  readonly #facts: Facts;
  readonly #payload: El;
  readonly #kept: El;
  readonly #none: El;
  readonly #delete: El;
  readonly #topic: El;
  readonly #text: El;
  readonly #qos: El;
  #shown = "";

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#name = dom.make("h2", { class: "mono name" });
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.#facts = new parts.Facts(kit);
    this.#payload = dom.make("pre", { class: "payload", tabindex: 0 });
    this.#payload.setAttribute("aria-label", "Payload");
    this.#payload.setAttribute("role", "region");
    this.#delete = dom.button("Delete…", () => this.#ask(), "danger");
    this.#topic = dom.make("input", { class: "mono", required: true });
    this.#text = dom.make("textarea", { class: "mono", rows: 6 });
    this.#qos = dom.select({ "0": "0", "1": "1", "2": "2" });
    const none = "No message is retained for this topic.";
    this.#none = dom.make("p", { class: "empty" }, none);
    this.#kept = dom.panel(
      "Retained message",
      this.#facts.element,
      this.#payload,
    );
    this.element = dom.make(
      "div",
      {},
      dom.make(
        "div",
        { class: "toolbar head" },
        dom.make("a", { href: "#/topics", class: "back" }, "All topics"),
        this.#name,
        this.#delete,
      ),
      this.#fault,
      this.#none,
      dom.make("div", { class: "columns" }, this.#kept, this.#makeForm()),
    );
  }

  /** Another topic; an empty one is to be chosen. */
  begin(topic: string): void {
    const { dom } = this.#kit;
    this.#shown = topic;
    dom.write(this.#name, topic === "" ? "New message" : topic);
    dom.write(this.#fault, "");
    this.#topic.value = topic;
    this.#text.value = "";
    this.#qos.value = "0";
    this.#kept.hidden = true;
    this.#none.hidden = true;
    this.#delete.hidden = true;
    if (topic !== "") void this.#load();
  }

  async #load(): Promise<void> {
    const { api, dom } = this.#kit;
    const topic = this.#shown;
    try {
      // A topic that is in use need not have one: that is no fault.
      const { items } = await api.get<Listed<Retained>>("retained", {
        filter: topic,
        limit: 1,
      });
      const message = items.length === 0
        ? undefined
        : await api.get<Retained>(this.#pathOf(topic));
      if (topic !== this.#shown) return;
      this.#none.hidden = message !== undefined;
      this.#kept.hidden = message === undefined;
      this.#delete.hidden = message === undefined;
      if (message !== undefined) this.#show(message);
    } catch (thrown) {
      if (topic !== this.#shown) return;
      dom.write(this.#fault, api.sentenceOf(thrown));
    }
  }

  #show(message: Retained): void {
    const { dom, format } = this.#kit;
    this.#facts.show({
      "Size": format.bytes(message.bytes),
      "QoS": String(message.qos),
      "Content type": message.contentType ?? "–",
      "Expires": message.expiresAt === null
        ? "never"
        : format.dateTime(message.expiresAt),
    });
    dom.write(this.#payload, format.whole(message));
    this.#text.value = message.payload ?? "";
    this.#qos.value = String(message.qos);
  }

  #makeForm(): El {
    const { dom } = this.#kit;
    const onsubmit = (event: { preventDefault(): void }) => {
      event.preventDefault();
      void this.#set();
    };
    return dom.panel(
      "Set the retained message",
      dom.make(
        "form",
        { onsubmit },
        dom.field("Topic", this.#topic),
        dom.field("Payload", this.#text),
        dom.make(
          "div",
          { class: "toolbar" },
          dom.field("QoS", this.#qos),
          dom.make("button", { type: "submit", class: "primary" }, "Set"),
        ),
      ),
    );
  }

  async #set(): Promise<void> {
    const { api, dialogs, dom } = this.#kit;
    const topic = this.#topic.value;
    try {
      await api.ask("PUT", this.#pathOf(topic), {
        payload: this.#text.value,
        qos: Number(this.#qos.value),
      });
      dom.write(this.#fault, "");
      dialogs.say(`${topic} is set.`);
      const hash = `#/topics/=${encodeURIComponent(topic)}`;
      if (topic === this.#shown) void this.#load();
      else location.hash = hash;
    } catch (thrown) {
      dom.write(this.#fault, api.sentenceOf(thrown));
    }
  }

  #ask(): void {
    const { api, dialogs } = this.#kit;
    const topic = this.#shown;
    dialogs.ask({
      title: "Delete this message?",
      text: `The broker no longer keeps a message for ${topic}.`,
      action: "Delete",
      run: async () => {
        await api.ask("DELETE", this.#pathOf(topic));
        location.hash = "#/topics";
        return `${topic} is deleted.`;
      },
    });
  }

  #pathOf(topic: string): string {
    return this.#kit.api.pathTo("retained", topic);
  }
}
