/**
 * A list of any length: the broker sorts, searches and cuts it into pages,
 * and the page holds one of them at a time.
 *
 * @module
 */

import type { Query } from "./api_client.ts";
import type { Listed } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { DataTable, TablePlan } from "./data_table.ts";
import type { Kit } from "./kit.ts";

/** What a list shows. */
export interface ListPlan<Item>
  extends Omit<TablePlan<Item>, "onSort" | "key"> {
  /** Items with the same one are the same; by their places if there is none. */
  key?(item: Item): string;
  /** Behind `/api/v1/`. */
  path(): string;
  /** What is asked beside what the list asks itself. */
  query?(): Query;
  /** The order in the beginning; none where the API has only one. */
  readonly sort?: string;
  /** What the search field is for; none without such a field. */
  readonly search?: string;
  /** What is wrong with what is in it; empty when nothing is. */
  faultOf?(filter: string): string;
  /** What is in it in the beginning. */
  readonly filter?: string;
  /** To stand beside the search field. */
  readonly tools?: readonly El[];
}

/** Its text is part of the page: see `page.ts`. */
export class PagedList<Item> {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #plan: ListPlan<Item>;
  readonly #table: DataTable<Item>;
  readonly #input: El;
  readonly #fault: El;
  readonly #count: El;
  readonly #previous: El;
  readonly #next: El;
  readonly #pageItems = 100;
  /** Where each page up to this one begins. */
  #starts: (string | undefined)[] = [undefined];
  #after: string | null = null;
  #items: readonly Item[] = [];
  #sort: string;
  /** An answer to an older question comes too late. */
  #asked = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;

  /** @param plan What it shows. */
  constructor(kit: Kit, plan: ListPlan<Item>) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#plan = plan;
    this.#sort = plan.sort ?? "";
    const onSort = (sort: string) => this.#sortBy(sort);
    const key = plan.key ?? ((item: Item) => this.#placeOf(item));
    this.#table = new parts.DataTable<Item>(kit, { ...plan, key, onSort });
    this.#table.markSort(this.#sort);
    this.#input = dom.make("input", {
      type: "search",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#typed(),
    });
    this.#input.value = plan.filter ?? "";
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.#count = dom.make("span", { class: "count", role: "status" });
    this.#previous = dom.button("Previous", () => this.#back());
    this.#next = dom.button("Next", () => this.#forward());
    this.element = this.#make();
  }

  /** What is in the search field. */
  get filter(): string {
    return this.#input.value;
  }

  /** Searches for something else. */
  search(filter: string): void {
    this.#input.value = filter;
    this.#begin();
  }

  /** What is shown is no longer what is asked for. */
  begin(): void {
    this.#starts = [undefined];
  }

  /** Asks anew for the page that is shown. */
  async load(): Promise<void> {
    const { api, dom } = this.#kit;
    const asked = ++this.#asked;
    const fault = this.#plan.faultOf?.(this.filter) ?? "";
    if (fault !== "") return dom.write(this.#fault, fault);
    try {
      const found = await api.get<Listed<Item>>(this.#plan.path(), {
        ...this.#plan.query?.(),
        filter: this.filter,
        sort: this.#sort,
        limit: this.#pageItems,
        after: this.#starts.at(-1),
      });
      if (asked === this.#asked) this.#show(found);
    } catch (thrown) {
      if (asked !== this.#asked) return;
      dom.write(this.#fault, api.sentenceOf(thrown));
    }
  }

  #make(): El {
    const { dom } = this.#kit;
    const { search, tools = [] } = this.#plan;
    const field = search === undefined
      ? undefined
      : dom.field(search, this.#input, "grow");
    return dom.make(
      "div",
      { class: "list" },
      field === undefined && tools.length === 0
        ? undefined
        : dom.make("div", { class: "toolbar" }, field, ...tools),
      this.#fault,
      this.#table.element,
      dom.make(
        "div",
        { class: "pager" },
        this.#count,
        this.#previous,
        this.#next,
      ),
    );
  }

  #show({ items, total, next }: Listed<Item>): void {
    const { dom, format } = this.#kit;
    dom.write(this.#fault, "");
    this.#items = items;
    this.#table.show(items);
    this.#after = next;
    const first = (this.#starts.length - 1) * this.#pageItems;
    const from = format.count(first + 1);
    const to = format.count(first + items.length);
    const count = `${from}–${to} of ${format.count(total)}`;
    dom.write(this.#count, items.length === 0 ? "" : count);
    this.#previous.disabled = this.#starts.length === 1;
    this.#next.disabled = next === null;
    const isWhole = this.#previous.disabled && this.#next.disabled;
    this.#previous.hidden = isWhole;
    this.#next.hidden = isWhole;
  }

  /** Not with each key: the broker has other things to do. */
  #typed(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#begin(), 250);
  }

  #sortBy(sort: string): void {
    this.#sort = sort;
    this.#table.markSort(sort);
    this.#begin();
  }

  #placeOf(item: Item): string {
    return String(this.#items.indexOf(item));
  }

  #begin(): void {
    this.begin();
    void this.load();
  }

  #forward(): void {
    if (this.#after === null) return;
    this.#starts.push(this.#after);
    void this.load();
  }

  #back(): void {
    if (this.#starts.length > 1) this.#starts.pop();
    void this.load();
  }
}
