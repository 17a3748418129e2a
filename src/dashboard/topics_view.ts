/**
 * What the broker keeps for topics: a list by a topic filter, whose levels
 * lead deeper, and one message in full.
 *
 * @module
 */

import type { Retained } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Kit, View } from "./kit.ts";
import type { ListPlan, PagedList } from "./paged_list.ts";
import type { TopicPanel } from "./topic_panel.ts";
import type { TopicTree } from "./topic_tree.ts";

/** Its text is part of the page: see `page.ts`. */
export class TopicsView implements View {
  readonly title = "Topics";
  readonly refreshSeconds = 10;
  readonly element: El;
  readonly #kit: Kit;
  readonly #list: PagedList<Retained>;
  readonly #tree: TopicTree;
  readonly #panel: TopicPanel;
  readonly #browser: El;
  #isBrowsing = true;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#list = new parts.PagedList<Retained>(kit, this.#plan(kit));
    this.#tree = new parts.TopicTree(
      kit,
      (filter) => this.#list.search(filter),
    );
    this.#panel = new parts.TopicPanel(kit);
    this.#browser = dom.make(
      "div",
      { class: "browser" },
      this.#tree.element,
      this.#list.element,
    );
    this.element = dom.make("div", {}, this.#browser, this.#panel.element);
  }

  open(rest: string): void {
    this.#isBrowsing = rest === "";
    this.#browser.hidden = !this.#isBrowsing;
    this.#panel.element.hidden = this.#isBrowsing;
    if (!this.#isBrowsing) this.#panel.begin(rest.slice(1));
    void this.refresh();
  }

  close(): void {}

  async refresh(): Promise<void> {
    if (!this.#isBrowsing) return;
    await Promise.all([this.#list.load(), this.#tree.load()]);
  }

  #plan({ dom, format }: Kit): ListPlan<Retained> {
    return {
      label: "Retained messages",
      path: () => "retained",
      search: "Topic filter",
      filter: "#",
      faultOf: (filter) => this.#faultOf(filter),
      empty: "No message is kept for these topics.",
      tools: [
        dom.button("New message", () => {
          location.hash = "#/topics/+";
        }),
        dom.button("Delete all of these…", () => this.#ask(), "danger"),
      ],
      key: ({ topic }) => topic,
      columns: [
        {
          title: "Topic",
          look: "mono",
          text: ({ topic }) => topic,
          // An empty address is the list: so each topic has a sign first.
          href: ({ topic }) => `#/topics/=${encodeURIComponent(topic)}`,
        },
        {
          title: "Payload",
          look: "mono mid",
          text: (message) => format.preview(message),
        },
        {
          title: "Size",
          look: "num",
          text: ({ bytes }) => format.bytes(bytes),
        },
        { title: "QoS", look: "num", text: ({ qos }) => String(qos) },
      ],
    };
  }

  /** Who types need not be told by the broker. */
  #faultOf(filter: string): string {
    const levels = filter.split("/");
    const isGood = filter !== "" &&
      levels.every((level, at) =>
        !/[+#]/.test(level) || level === "+" ||
        level === "#" && at === levels.length - 1
      );
    return isGood
      ? ""
      : "In a topic filter + stands for a level, # for all that follow.";
  }

  #ask(): void {
    const { api, dialogs, format } = this.#kit;
    const filter = this.#list.filter;
    if (this.#faultOf(filter) !== "") return;
    dialogs.ask({
      title: "Delete these messages?",
      text: `All messages that are kept for topics of ${filter} are deleted, ` +
        "also those that this page does not show.",
      action: "Delete",
      run: async () => {
        const path = api.withQuery("retained", { filter });
        const { deleted } = await api.ask<{ deleted: number }>("DELETE", path);
        void this.refresh();
        return `${format.some(deleted, "message")} deleted.`;
      },
    });
  }
}
