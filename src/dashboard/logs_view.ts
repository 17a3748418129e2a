/**
 * The last lines of the log, the newest first.
 *
 * @module
 */

import type { LogLine } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Column, DataTable } from "./data_table.ts";
import type { Kit, View } from "./kit.ts";

/** A line, and what is shown of it. */
interface Shown {
  readonly line: LogLine;
  readonly text: string;
}

/** What the API answers. */
interface Lines {
  readonly items: readonly LogLine[];
  readonly next: string;
}

/** Its text is part of the page: see `page.ts`. */
export class LogsView implements View {
  readonly title = "Logs";
  readonly refreshSeconds = 2;
  readonly element: El;
  readonly #kit: Kit;
  readonly #filter: El;
  readonly #level: El;
  readonly #pause: El;
  readonly #fault: El;
  readonly #table: DataTable<Shown>;
  readonly #linesMax = 500;
  /** The newest first. */
  #lines: Shown[] = [];
  #after: string | undefined;
  #isPaused = false;
  #isAsking = false;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    const oninput = () => this.#show();
    this.#filter = dom.make("input", { type: "search", oninput });
    const levels = {
      debug: "all lines",
      info: "info and above",
      warn: "warnings and errors",
      error: "errors",
    };
    this.#level = dom.select(levels, oninput);
    this.#pause = dom.button("Pause", () => this.#toggle());
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.#table = new parts.DataTable<Shown>(kit, {
      label: "Log lines",
      empty: "No line matches.",
      key: ({ line }) => String(line.number),
      columns: this.#columns(),
    });
    this.element = dom.make(
      "div",
      { class: "list" },
      dom.make(
        "div",
        { class: "toolbar" },
        dom.field("Search", this.#filter, "grow"),
        dom.field("Level", this.#level),
        this.#pause,
      ),
      this.#fault,
      this.#table.element,
    );
  }

  open(): void {
    void this.refresh();
  }

  close(): void {}

  async refresh(): Promise<void> {
    if (this.#isPaused || this.#isAsking) return;
    this.#isAsking = true;
    const { api, dom } = this.#kit;
    try {
      const found = await api.get<Lines>("logs", {
        after: this.#after,
      });
      dom.write(this.#fault, "");
      this.#take(found);
    } catch (thrown) {
      dom.write(this.#fault, api.sentenceOf(thrown));
    } finally {
      this.#isAsking = false;
    }
  }

  #take({ items, next }: Lines): void {
    // The lines of a broker that has started anew are numbered anew.
    if (Number(next) < Number(this.#after ?? 0)) this.#lines = [];
    this.#after = next;
    for (const line of items) {
      this.#lines.unshift({ line, text: this.#textOf(line) });
    }
    this.#lines.length = Math.min(this.#lines.length, this.#linesMax);
    this.#show();
  }

  #show(): void {
    const wanted = this.#filter.value.toLowerCase();
    const levels = ["debug", "info", "warn", "error"];
    const least = levels.indexOf(this.#level.value);
    this.#table.show(
      this.#lines.filter(({ line, text }) =>
        levels.indexOf(line.level) >= least &&
        `${line.event} ${text}`.toLowerCase().includes(wanted)
      ),
    );
  }

  #toggle(): void {
    this.#isPaused = !this.#isPaused;
    this.#kit.dom.write(this.#pause, this.#isPaused ? "Go on" : "Pause");
  }

  /** The sentence, and behind it what else the line says. */
  #textOf(line: LogLine): string {
    const fields = Object.entries(line.fields).map(([name, value]) =>
      `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
    );
    return [line.message, ...fields].join("  ");
  }

  #columns(): Column<Shown>[] {
    const { format } = this.#kit;
    return [
      {
        title: "Time",
        look: "fixed",
        text: ({ line }) => format.dateTime(line.time),
      },
      {
        title: "Level",
        text: ({ line }) => line.level,
        tone: ({ line: { level } }) =>
          level === "error" ? "bad" : level === "warn" ? "warn" : "",
      },
      { title: "Event", look: "mono mid", text: ({ line }) => line.event },
      { title: "Message", look: "long", text: ({ text }) => text },
    ];
  }
}
