/**
 * A table whose rows stay where their items stay, so that what is focused or
 * selected in it outlives the next answer.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Dom } from "./dom.ts";
import type { Kit } from "./kit.ts";

/** How good or bad something is, where it is that. */
export type Tone = "good" | "warn" | "bad" | "";

/** A column. */
export interface Column<Item> {
  readonly title: string;
  /** `num` to the right, `wide`, `fair`, `mid` where there is room for it. */
  readonly look?: string;
  /** The API's name for the order by it. */
  readonly sort?: string;
  text(item: Item): string;
  /** Where it leads; only to the page's own addresses. */
  href?(item: Item): string;
  tone?(item: Item): Tone;
}

/** What can be done with an item. */
export interface RowAction<Item> {
  readonly label: string;
  /** What is told to those who don't see the row. */
  about(item: Item): string;
  run(item: Item): void;
}

/** What a table shows. */
export interface TablePlan<Item> {
  readonly label: string;
  readonly columns: readonly Column<Item>[];
  readonly actions?: readonly RowAction<Item>[];
  /** What is said where there is nothing. */
  readonly empty: string;
  /** Items with the same one are the same. */
  key(item: Item): string;
  /** Told the order that was asked for: a name, with `-` the other way. */
  onSort?(sort: string): void;
}

interface Row<Item> {
  readonly element: El;
  readonly cells: readonly El[];
  readonly buttons: readonly El[];
  item: Item;
}

/** Its text is part of the page: see `page.ts`. */
export class DataTable<Item> {
  /** To be put into the page. */
  readonly element: El;
  readonly #dom: Dom;
  readonly #plan: TablePlan<Item>;
  readonly #body: El;
  readonly #empty: El;
  readonly #heads = new Map<string, El>();
  readonly #rows = new Map<string, Row<Item>>();

  /** @param plan What it shows. */
  constructor({ dom }: Kit, plan: TablePlan<Item>) {
    this.#dom = dom;
    this.#plan = plan;
    this.#body = dom.make("tbody", {});
    this.#empty = dom.make("p", { class: "empty" }, plan.empty);
    this.#empty.hidden = true;
    const heads = plan.columns.map((column) => this.#head(column));
    if (plan.actions !== undefined) {
      const name = dom.make("span", { class: "unseen" }, "Actions");
      heads.push(dom.make("th", { scope: "col" }, name));
    }
    const head = dom.make("thead", {}, dom.make("tr", {}, ...heads));
    const table = dom.make("table", {}, head, this.#body);
    const scrolled = { role: "region", "aria-label": plan.label, tabindex: 0 };
    this.element = dom.make(
      "div",
      { class: "table" },
      dom.make("div", { class: "scroll", ...scrolled }, table),
      this.#empty,
    );
  }

  /** Shows these, and no others. */
  show(items: readonly Item[]): void {
    const shown = new Map<string, Item>();
    for (const item of items) shown.set(this.#plan.key(item), item);
    // Those that go, go first: the others then need not be moved.
    for (const [key, { element }] of this.#rows) {
      if (shown.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    let next = this.#body.firstElementChild;
    for (const [key, item] of shown) {
      const row = this.#rows.get(key) ?? this.#makeRow(key, item);
      row.item = item;
      this.#write(row);
      if (row.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.element, next);
    }
    this.#empty.hidden = shown.size > 0;
  }

  /** Says in the heads by what it is sorted. */
  markSort(sort: string): void {
    for (const [name, head] of this.#heads) {
      const order = sort === name
        ? "ascending"
        : sort === `-${name}`
        ? "descending"
        : "none";
      head.setAttribute("aria-sort", order);
    }
  }

  #head(column: Column<Item>): El {
    const { title, sort, look } = column;
    const props = { scope: "col", class: look };
    if (sort === undefined) return this.#dom.make("th", props, title);
    // Of numbers it is the greatest that are looked for.
    const isNumber = look?.startsWith("num") === true;
    const [first, second] = isNumber ? [`-${sort}`, sort] : [sort, `-${sort}`];
    const firstOrder = isNumber ? "descending" : "ascending";
    const button = this.#dom.button(title, () => {
      const isFirst = head.getAttribute("aria-sort") === firstOrder;
      this.#plan.onSort?.(isFirst ? second : first);
    }, "sort");
    const head = this.#dom.make("th", props, button);
    this.#heads.set(sort, head);
    return head;
  }

  #makeRow(key: string, item: Item): Row<Item> {
    const dom = this.#dom;
    const cells = this.#plan.columns.map(({ look, href, tone }) => {
      const inner = href !== undefined
        ? dom.make("a", {})
        : tone !== undefined
        ? dom.make("span", {})
        : undefined;
      return dom.make("td", { class: look }, inner);
    });
    const buttons = (this.#plan.actions ?? []).map(({ label, run }) =>
      dom.button(label, () => run(row.item), "small")
    );
    const last = buttons.length === 0
      ? undefined
      : dom.make("td", { class: "actions" }, ...buttons);
    const element = dom.make("tr", {}, ...cells, last);
    const row: Row<Item> = { element, cells, buttons, item };
    this.#rows.set(key, row);
    return row;
  }

  #write({ cells, buttons, item }: Row<Item>): void {
    this.#plan.columns.forEach(({ text, href, tone }, i) => {
      const cell = cells[i]!;
      const written = text(item);
      const inner = cell.firstElementChild ?? cell;
      this.#dom.write(inner, written);
      // What is cut off at the end of a cell can be read there.
      cell.setAttribute("title", this.#dom.plain(written));
      if (href !== undefined) inner.setAttribute("href", href(item));
      if (tone !== undefined) inner.className = this.#badge(tone(item));
    });
    this.#plan.actions?.forEach(({ label, about }, i) => {
      buttons[i]!.setAttribute("aria-label", `${label} ${about(item)}`);
    });
  }

  #badge(tone: Tone): string {
    return tone === "" ? "" : `badge ${tone}`;
  }
}
