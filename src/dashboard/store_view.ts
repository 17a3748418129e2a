/**
 * What is kept, where, and for which sessions.
 *
 * @module
 */

import type { Session, Status } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Facts } from "./facts.ts";
import type { Kit, View } from "./kit.ts";
import type { ListPlan, PagedList } from "./paged_list.ts";
import type { Warnings } from "./warnings.ts";

/** Its text is part of the page: see `page.ts`. */
export class StoreView implements View {
  readonly title = "Store";
  readonly refreshSeconds = 5;
  readonly element: El;
  readonly #kit: Kit;
  readonly #warnings: Warnings;
  readonly #facts: Facts;
  readonly #sessions: PagedList<Session>;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#warnings = new parts.Warnings(kit);
    this.#facts = new parts.Facts(kit);
    this.#sessions = new parts.PagedList<Session>(kit, this.#plan(kit));
    this.element = dom.make(
      "div",
      {},
      this.#warnings.element,
      dom.panel("Store", this.#facts.element),
      dom.panel("Sessions", this.#sessions.element),
    );
  }

  open(): void {
    void this.refresh();
  }

  close(): void {}

  async refresh(): Promise<void> {
    const { status } = this.#kit;
    if (status !== undefined) this.#show(status);
    await this.#sessions.load();
  }

  #show({ store, clients, retained, queued }: Status): void {
    const { format } = this.#kit;
    const { isBroken, path, bytes } = store;
    this.#warnings.show(
      isBroken
        ? [{
          code: "store_broken",
          message: "The store can't be written: see the log. What has to be " +
            "kept is not acknowledged.",
        }]
        : [],
    );
    const many = (count: number, bytes: number) =>
      `${format.count(count)} (${format.bytes(bytes)})`;
    this.#facts.show({
      "Kind": store.kind,
      ...(path === null ? {} : { "File": path }),
      ...(bytes === null ? {} : { "Size": format.bytes(bytes) }),
      "State": isBroken ? "broken" : "good",
      "Sessions": format.count(clients.sessions),
      "Messages queued": many(queued.messages, queued.bytes),
      "Messages retained": many(retained.count, retained.bytes),
    });
  }

  #plan({ format }: Kit): ListPlan<Session> {
    return {
      label: "Sessions",
      path: () => "sessions",
      search: "Search by client",
      empty: "No session matches.",
      key: ({ clientId }) => clientId,
      columns: [
        {
          title: "Client",
          look: "mono",
          text: ({ clientId }) => clientId,
          href: ({ clientId }) => `#/clients/${encodeURIComponent(clientId)}`,
        },
        {
          title: "State",
          text: ({ isConnected }) => isConnected ? "connected" : "away",
          tone: ({ isConnected }) => isConnected ? "good" : "",
        },
        {
          title: "Subscr.",
          look: "num mid",
          text: ({ subscriptions }) => format.count(subscriptions),
        },
        {
          title: "Queued",
          look: "num",
          text: ({ queued }) => format.count(queued),
        },
        {
          title: "Size",
          look: "num mid",
          text: ({ queuedBytes }) => format.bytes(queuedBytes),
        },
        {
          title: "In flight",
          look: "num mid",
          text: ({ inflight }) => format.count(inflight),
        },
        {
          title: "Kept for",
          look: "num mid",
          text: ({ expirySeconds }) =>
            expirySeconds === null
              ? "ever"
              : expirySeconds === 0
              ? "its connection"
              : format.duration(expirySeconds),
        },
      ],
      actions: [{
        label: "Delete…",
        about: ({ clientId }) => `the session of ${clientId}`,
        run: ({ clientId }) => this.#ask(clientId),
      }],
    };
  }

  #ask(clientId: string): void {
    const { api, dialogs } = this.#kit;
    dialogs.ask({
      title: "Delete this session?",
      text: `${clientId} loses its subscriptions and the messages that wait ` +
        "for it, and its connection if it has one.",
      action: "Delete",
      run: async () => {
        await api.ask("DELETE", api.pathTo("sessions", clientId));
        void this.refresh();
        return `The session of ${clientId} is deleted.`;
      },
    });
  }
}
