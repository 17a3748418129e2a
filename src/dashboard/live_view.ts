/**
 * Messages as they come, and a form to publish some.
 *
 * @module
 */

import type { Message } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Kit, View } from "./kit.ts";
import type { LiveSocket } from "./live_socket.ts";
import type { PublishForm } from "./publish_form.ts";

/** Its text is part of the page: see `page.ts`. */
export class LiveView implements View {
  readonly title = "Live";
  readonly refreshSeconds = 0;
  readonly element: El;
  readonly #kit: Kit;
  readonly #filter: El;
  readonly #switch: El;
  readonly #state: El;
  readonly #counts: El;
  readonly #list: El;
  readonly #empty: El;
  readonly #socket: LiveSocket;
  readonly #publish: PublishForm;
  /** The oldest go first. */
  readonly #shownMax = 300;
  readonly #hint = "Press Start to see messages as they come.";
  #isOpen = false;
  #count = 0;
  #skipped = 0;
  /** Not yet in the page: it is written ten times a second at most. */
  #waiting: Message[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#filter = dom.make("input", { class: "mono", required: true });
    this.#filter.value = "#";
    this.#switch = dom.make(
      "button",
      { type: "submit", class: "primary" },
      "Start",
    );
    this.#state = dom.make("span", { class: "count", role: "status" });
    // Not told aloud: it changes ten times a second.
    this.#counts = dom.make("span", { class: "count" });
    this.#list = dom.make("ol", { class: "messages" });
    this.#empty = dom.make("p", { class: "empty" }, this.#hint);
    this.#publish = new parts.PublishForm(kit);
    this.#socket = new parts.LiveSocket(kit.api, {
      opened: () => this.#say("Waiting for messages."),
      took: (message) => this.#take(message),
      skipped: (count) => {
        this.#skipped += count;
        this.#count += count;
        this.#drawSoon();
      },
      closed: (sentence) => {
        this.#mark(false);
        this.#say(sentence);
      },
    });
    this.element = this.#make();
  }

  open(): void {}

  close(): void {
    this.#stop();
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  #make(): El {
    const { dom } = this.#kit;
    const onsubmit = (event: { preventDefault(): void }) => {
      event.preventDefault();
      if (this.#isOpen) this.#stop();
      else this.#start();
    };
    const form = dom.make(
      "form",
      { class: "toolbar", onsubmit },
      dom.field("Topic filter", this.#filter, "grow"),
      this.#switch,
      dom.button("Clear", () => this.#clear()),
    );
    const log = dom.make(
      "div",
      {
        class: "scroll log",
        role: "log",
        "aria-live": "off",
        "aria-label": "Messages",
        tabindex: 0,
      },
      this.#empty,
      this.#list,
    );
    return dom.make(
      "div",
      { class: "live" },
      dom.make("div", { class: "list" }, form, this.#state, this.#counts, log),
      this.#publish.element,
    );
  }

  #start(): void {
    this.#clear();
    this.#socket.open(this.#filter.value);
    this.#mark(true);
    this.#say("Connecting.");
  }

  #stop(): void {
    if (!this.#isOpen) return;
    this.#socket.close();
    this.#mark(false);
    this.#say("Stopped.");
  }

  #mark(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#filter.disabled = isOpen;
    this.#kit.dom.write(this.#switch, isOpen ? "Stop" : "Start");
    this.#kit.dom.write(
      this.#empty,
      isOpen ? "No message so far." : this.#hint,
    );
  }

  #clear(): void {
    this.#waiting = [];
    this.#count = 0;
    this.#skipped = 0;
    this.#list.replaceChildren();
    this.#empty.hidden = false;
    this.#say("");
    this.#kit.dom.write(this.#counts, "");
  }

  #take(message: Message): void {
    this.#count++;
    this.#waiting.push(message);
    if (this.#waiting.length > this.#shownMax) this.#waiting.shift();
    this.#drawSoon();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => this.#draw(), 100);
  }

  #draw(): void {
    this.#timer = undefined;
    const news = this.#waiting.map((message) => this.#row(message)).reverse();
    this.#waiting = [];
    this.#list.prepend(...news);
    while (this.#list.childElementCount > this.#shownMax) {
      this.#list.lastElementChild!.remove();
    }
    this.#empty.hidden = this.#list.childElementCount > 0;
    if (this.#isOpen) this.#say("");
    this.#kit.dom.write(this.#counts, this.#countText());
  }

  #row(message: Message): El {
    const { dom, format } = this.#kit;
    const { topic, qos, retain, at } = message;
    const marks = `QoS ${qos}${retain ? ", retained" : ""}`;
    const bytes = format.bytes(format.payloadBytes(message));
    const size = message.isCut === true ? `over ${bytes}` : bytes;
    const whole = dom.make("pre", { class: "payload" });
    const details = dom.make(
      "details",
      {
        // Written when it is looked at: most are not.
        ontoggle: () => dom.write(whole, format.whole(message)),
      },
      dom.make(
        "summary",
        {},
        dom.make("time", {}, format.time(at)),
        dom.make("span", { class: "mono topic" }, topic),
        dom.make("span", { class: "mono text" }, format.preview(message)),
        dom.make("span", { class: "marks" }, `${marks}, ${size}`),
      ),
      whole,
    );
    return dom.make("li", {}, details);
  }

  #countText(): string {
    const { format } = this.#kit;
    const count = format.some(this.#count, "message");
    const skipped = format.count(this.#skipped);
    return this.#skipped === 0
      ? `${count}.`
      : `${count}, ${skipped} of them too fast to be shown.`;
  }

  #say(sentence: string): void {
    this.#kit.dom.write(this.#state, sentence);
  }
}
