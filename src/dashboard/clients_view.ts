/**
 * Who is connected: a list, and one of them in full.
 *
 * @module
 */

import type { Client } from "./api_types.ts";
import type { ClientPanel } from "./client_panel.ts";
import type { El } from "./browser_types.ts";
import type { Column } from "./data_table.ts";
import type { Kit, View } from "./kit.ts";
import type { ListPlan, PagedList } from "./paged_list.ts";

/** Its text is part of the page: see `page.ts`. */
export class ClientsView implements View {
  readonly title = "Clients";
  readonly refreshSeconds = 5;
  readonly element: El;
  readonly #list: PagedList<Client>;
  readonly #panel: ClientPanel;
  /** The one that is shown in full. */
  #clientId = "";

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#list = new parts.PagedList<Client>(kit, this.#plan(kit));
    this.#panel = new parts.ClientPanel(kit);
    this.element = dom.make("div", {}, this.#list.element, this.#panel.element);
  }

  open(rest: string): void {
    this.#clientId = rest;
    this.#list.element.hidden = rest !== "";
    this.#panel.element.hidden = rest === "";
    if (rest !== "") this.#panel.begin(rest);
    void this.refresh();
  }

  close(): void {}

  refresh(): Promise<void> {
    return this.#clientId === "" ? this.#list.load() : this.#panel.load();
  }

  #plan(kit: Kit): ListPlan<Client> {
    return {
      label: "Clients",
      path: () => "clients",
      sort: "clientId",
      search: "Search by client, user or address",
      empty: "No connected client matches.",
      key: ({ clientId }) => clientId,
      columns: [...this.#names(kit), ...this.#numbers(kit)],
    };
  }

  #names({ format }: Kit): Column<Client>[] {
    return [
      {
        title: "Client",
        look: "mono",
        sort: "clientId",
        text: ({ clientId }) => clientId,
        href: ({ clientId }) => `#/clients/${encodeURIComponent(clientId)}`,
      },
      {
        title: "User",
        look: "mid",
        sort: "userName",
        text: ({ userName }) => userName ?? "–",
      },
      {
        title: "Address",
        look: "mono mid",
        sort: "address",
        text: ({ address }) => address,
      },
      { title: "Protocol", look: "fair", text: ({ protocol }) => protocol },
      {
        title: "Connected",
        look: "wide",
        sort: "connectedAt",
        text: ({ connectedAt }) => format.dateTime(connectedAt),
      },
    ];
  }

  #numbers({ format }: Kit): Column<Client>[] {
    return [
      {
        title: "Subscr.",
        look: "num fair",
        sort: "subscriptions",
        text: ({ subscriptions }) => format.count(subscriptions),
      },
      {
        title: "Published",
        look: "num mid",
        sort: "messagesIn",
        text: ({ messagesIn }) => format.count(messagesIn),
      },
      {
        title: "Delivered",
        look: "num mid",
        sort: "messagesOut",
        text: ({ messagesOut }) => format.count(messagesOut),
      },
      {
        title: "Queued",
        look: "num",
        sort: "queued",
        text: ({ queued }) => format.count(queued),
      },
      {
        title: "Dropped",
        look: "num",
        sort: "dropped",
        text: ({ dropped }) => format.count(dropped),
        tone: ({ dropped }) => dropped > 0 ? "warn" : "",
      },
    ];
  }
}
