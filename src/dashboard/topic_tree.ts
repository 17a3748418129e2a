/**
 * The levels of topics as a tree. A level is asked for when it is opened.
 *
 * @module
 */

import type { Listed, Topic } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Kit } from "./kit.ts";

/** A level that is open. */
interface Branch {
  readonly prefix: string;
  readonly list: El;
  readonly names: Map<string, El>;
  /** Says that there are topics that were not looked at. */
  readonly more: El;
}

/** Its text is part of the page: see `page.ts`. */
export class TopicTree {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #choose: (filter: string) => void;
  readonly #branches = new Map<string, Branch>();
  /** So many topics are looked at for the names of a level. */
  readonly #topicsMax = 1000;

  /** @param choose Told the filter for a level that is chosen. */
  constructor(kit: Kit, choose: (filter: string) => void) {
    const { dom } = kit;
    this.#kit = kit;
    this.#choose = choose;
    const { list, more } = this.#makeList();
    this.#branches.set("", { prefix: "", list, names: new Map(), more });
    const all = dom.button("All topics", () => choose("#"), "link");
    const own = dom.button("$SYS", () => choose("$SYS/#"), "link mono");
    this.element = dom.make(
      "nav",
      { class: "tree", "aria-label": "Levels of topics" },
      dom.make("div", { class: "roots" }, all, own),
      list,
      more,
    );
  }

  /** Asks anew for the levels that are open. */
  async load(): Promise<void> {
    const open = [...this.#branches.values()];
    await Promise.all(open.map((branch) => this.#load(branch)));
  }

  async #load(branch: Branch): Promise<void> {
    const { prefix } = branch;
    try {
      const found = await this.#kit.api.get<Listed<Topic>>("topics", {
        filter: `${prefix}#`,
        limit: this.#topicsMax,
      });
      const topics = found.items.map(({ topic }) => topic)
        .filter((topic) => topic.startsWith(prefix));
      this.#write(branch, topics);
      branch.more.hidden = found.next === null;
    } catch {
      // The list beside it asks too, and says what is wrong.
    }
  }

  #write({ prefix, list, names }: Branch, topics: readonly string[]): void {
    const deeper = new Map<string, boolean>();
    for (const topic of topics) {
      const [name = "", ...rest] = topic.slice(prefix.length).split("/");
      deeper.set(name, deeper.get(name) === true || rest.length > 0);
    }
    const sorted = [...deeper.keys()].sort();
    for (const name of sorted) {
      const path = prefix + name;
      const mark = `${name}\n${deeper.get(name)}`;
      if (names.has(mark)) continue;
      const item = deeper.get(name)
        ? this.#makeBranch(path, name)
        : this.#makeLeaf(path, name);
      names.set(mark, item);
    }
    const shown = sorted.map((name) =>
      names.get(`${name}\n${deeper.get(name)}`)!
    );
    for (const [mark, item] of names) {
      if (shown.includes(item)) continue;
      item.remove();
      names.delete(mark);
      this.#forget(`${prefix}${mark.slice(0, mark.lastIndexOf("\n"))}/`);
    }
    let next = list.firstElementChild;
    for (const item of shown) {
      if (item === next) next = next.nextElementSibling;
      else list.insertBefore(item, next);
    }
  }

  #makeBranch(path: string, name: string): El {
    const { dom } = this.#kit;
    const { list, more } = this.#makeList();
    list.hidden = true;
    const branch = { prefix: `${path}/`, list, names: new Map(), more };
    const label = name === "" ? "(empty)" : name;
    const toggle = dom.button("", () => {
      list.hidden = !list.hidden;
      more.hidden = true;
      toggle.setAttribute("aria-expanded", String(!list.hidden));
      if (list.hidden) return this.#forget(branch.prefix);
      this.#branches.set(branch.prefix, branch);
      void this.#load(branch);
    }, "toggle");
    toggle.setAttribute("aria-expanded", "false");
    toggle.setAttribute("aria-label", `Levels below ${label}`);
    const filter = `${path}/#`;
    const choose = dom.button(label, () => this.#choose(filter), "link mono");
    choose.setAttribute("title", dom.plain(label));
    return dom.make("li", {}, toggle, choose, list, more);
  }

  #makeList(): Pick<Branch, "list" | "more"> {
    const { dom, format } = this.#kit;
    const most = format.count(this.#topicsMax);
    const sentence = `Levels of the first ${most} topics.`;
    const more = dom.make("p", { class: "empty" }, sentence);
    more.hidden = true;
    return { list: dom.make("ul", {}), more };
  }

  #makeLeaf(path: string, name: string): El {
    const { dom } = this.#kit;
    const href = `#/topics/=${encodeURIComponent(path)}`;
    const label = name === "" ? "(empty)" : name;
    const title = dom.plain(label);
    const link = dom.make("a", { href, title, class: "mono" }, label);
    return dom.make("li", {}, link);
  }

  /** What is below a closed level is not asked for, nor kept. */
  #forget(closed: string): void {
    for (const [prefix, { list, names }] of this.#branches) {
      if (!prefix.startsWith(closed)) continue;
      this.#branches.delete(prefix);
      list.replaceChildren();
      names.clear();
    }
  }
}
