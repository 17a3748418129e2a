/**
 * The doors, and what is dangerous about them.
 *
 * @module
 */

import type { Listed, Listener } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Column, DataTable, Tone } from "./data_table.ts";
import type { Kit, View } from "./kit.ts";
import type { Warnings } from "./warnings.ts";

/** Its text is part of the page: see `page.ts`. */
export class ListenersView implements View {
  readonly title = "Listeners";
  readonly refreshSeconds = 5;
  readonly element: El;
  readonly #kit: Kit;
  readonly #warnings: Warnings;
  readonly #fault: El;
  readonly #table: DataTable<Listener>;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#warnings = new parts.Warnings(kit);
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.#table = new parts.DataTable<Listener>(kit, {
      label: "Listeners",
      empty: "No listener is open.",
      key: ({ name, address }) => `${name} ${address}`,
      columns: this.#columns(),
    });
    this.element = dom.make(
      "div",
      {},
      this.#warnings.element,
      this.#fault,
      this.#table.element,
    );
  }

  open(): void {
    void this.refresh();
  }

  close(): void {}

  async refresh(): Promise<void> {
    const { api, dom } = this.#kit;
    try {
      const { items } = await api.get<Listed<Listener>>("listeners");
      dom.write(this.#fault, "");
      this.#table.show(items);
      this.#warnings.show(items.flatMap(({ warnings }) => warnings));
    } catch (thrown) {
      dom.write(this.#fault, api.sentenceOf(thrown));
    }
  }

  #columns(): Column<Listener>[] {
    const { format } = this.#kit;
    return [
      { title: "Address", look: "mono", text: ({ address }) => address },
      { title: "Transport", look: "mid", text: ({ transport }) => transport },
      {
        title: "Login",
        text: ({ isAnonymous }) => isAnonymous ? "anonymous" : "needed",
        tone: ({ isAnonymous }) => isAnonymous ? "warn" : "good",
      },
      {
        title: "Certificate",
        look: "mid",
        text: ({ certificate }) => certificate?.subject ?? "none",
      },
      {
        title: "Expires in",
        text: ({ certificate }) =>
          certificate === null ? "–" : this.#left(certificate.daysLeft),
        tone: ({ certificate }) =>
          certificate === null ? "" : this.#tone(certificate.daysLeft),
      },
      {
        title: "Connections",
        look: "num",
        text: ({ connections, connectionsMax }) =>
          connectionsMax === null
            ? format.count(connections)
            : `${format.count(connections)} / ${format.count(connectionsMax)}`,
      },
      {
        title: "In",
        look: "num mid",
        text: ({ bytesIn }) => format.bytes(bytesIn),
      },
      {
        title: "Out",
        look: "num mid",
        text: ({ bytesOut }) => format.bytes(bytesOut),
      },
    ];
  }

  #left(days: number): string {
    const whole = Math.floor(days);
    if (whole < 0) return "expired";
    return this.#kit.format.some(whole, "day");
  }

  #tone(days: number): Tone {
    return days < 7 ? "bad" : days < 30 ? "warn" : "good";
  }
}
