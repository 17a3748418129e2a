/**
 * One client: who it is, what waits for it, what it has asked for. Of one
 * that is away there is what its session keeps.
 *
 * @module
 */

import type { ApiFault } from "./api_client.ts";
import type {
  ClientDetails,
  Queued,
  Session,
  Subscription,
} from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Facts } from "./facts.ts";
import type { Kit } from "./kit.ts";
import type { ListPlan, PagedList } from "./paged_list.ts";

/** Its text is part of the page: see `page.ts`. */
export class ClientPanel {
  /** To be put into the page. */
  readonly element: El;
  readonly #kit: Kit;
  readonly #name: El;
  readonly #fault: El;
  readonly #columns: El;
  readonly #lists: El;
  readonly #connection: Facts;
  readonly #messages: Facts;
  readonly #end: El;
  readonly #subscriptions: PagedList<Subscription>;
  readonly #queue: PagedList<Queued>;
  #clientId = "";

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#name = dom.make("h2", { class: "mono name" });
    this.#fault = dom.make("p", { class: "fault", role: "alert" });
    this.#connection = new parts.Facts(kit);
    this.#messages = new parts.Facts(kit);
    this.#end = dom.button("Disconnect…", () => this.#ask(), "danger");
    this.#queue = new parts.PagedList<Queued>(kit, this.#queuePlan());
    const subscriptions = this.#subscriptionPlan();
    this.#subscriptions = new parts.PagedList<Subscription>(kit, subscriptions);
    this.#columns = dom.make(
      "div",
      { class: "columns" },
      dom.panel("Connection", this.#connection.element),
      dom.panel("Messages", this.#messages.element),
    );
    this.#lists = dom.make(
      "div",
      {},
      dom.panel("Queue", this.#queue.element),
      dom.panel("Subscriptions", this.#subscriptions.element),
    );
    this.element = dom.make(
      "div",
      {},
      dom.make(
        "div",
        { class: "toolbar head" },
        dom.make("a", { href: "#/clients", class: "back" }, "All clients"),
        this.#name,
        this.#end,
      ),
      this.#fault,
      this.#columns,
      this.#lists,
    );
  }

  /** Another one is shown. */
  begin(clientId: string): void {
    if (clientId === this.#clientId) return;
    this.#clientId = clientId;
    const { dom } = this.#kit;
    dom.write(this.#name, clientId);
    dom.write(this.#fault, "");
    this.#hide();
    this.#queue.begin();
    this.#subscriptions.begin();
  }

  /** Asks anew for it. */
  async load(): Promise<void> {
    const { api, dom } = this.#kit;
    const clientId = this.#clientId;
    try {
      // It has a session as long as there is anything to tell of it.
      const session = await api.get<Session>(api.pathTo("sessions", clientId));
      const client = session.isConnected
        ? await api.get<ClientDetails>(api.pathTo("clients", clientId))
        : undefined;
      if (clientId !== this.#clientId) return;
      dom.write(this.#fault, "");
      this.#columns.hidden = false;
      this.#end.hidden = client === undefined;
      if (client === undefined) this.#showAway(session);
      else this.#show(client);
      await Promise.all([this.#queue.load(), this.#subscriptions.load()]);
      if (clientId === this.#clientId) this.#lists.hidden = false;
    } catch (thrown) {
      if (clientId !== this.#clientId) return;
      if ((thrown as ApiFault).status === 404) this.#hide();
      dom.write(this.#fault, api.sentenceOf(thrown));
    }
  }

  /** There is nothing to tell, or not yet. */
  #hide(): void {
    this.#columns.hidden = true;
    this.#lists.hidden = true;
    this.#end.hidden = true;
  }

  #showAway(session: Session): void {
    const { format } = this.#kit;
    this.#connection.show({
      "State": "not connected",
      "User": session.userName ?? "–",
      "Session ends": session.expiresAt === null
        ? "never"
        : format.dateTime(session.expiresAt),
    });
    this.#messages.show({
      "Queued": format.count(session.queued),
      "Queued bytes": format.bytes(session.queuedBytes),
      "In flight": format.count(session.inflight),
      "Subscriptions": format.count(session.subscriptions),
    });
  }

  #show(client: ClientDetails): void {
    const { format } = this.#kit;
    this.#connection.show({
      "User": client.userName ?? "–",
      "Address": client.address,
      "Listener": client.listener,
      "Protocol": client.protocol,
      "Connected": format.dateTime(client.connectedAt),
      "Keep alive": client.keepAliveSeconds === 0
        ? "off"
        : format.duration(client.keepAliveSeconds),
      "Clean start": client.cleanStart ? "yes" : "no",
      "Will": client.willTopic ?? "none",
    });
    this.#messages.show({
      "Published": format.count(client.messagesIn),
      "Delivered": format.count(client.messagesOut),
      "Bytes received": format.bytes(client.bytesIn),
      "Bytes sent": format.bytes(client.bytesOut),
      "Queued": format.count(client.queued),
      "Queued bytes": format.bytes(client.queuedBytes),
      "In flight": format.count(client.inflight),
      "Dropped": format.count(client.dropped),
      "Subscriptions": format.count(client.subscriptions),
    });
  }

  #ask(): void {
    const { api, dialogs } = this.#kit;
    const clientId = this.#clientId;
    dialogs.ask({
      title: "Disconnect this client?",
      text: `${clientId} loses its connection. Most clients come back at once.`,
      action: "Disconnect",
      run: async () => {
        await api.ask("DELETE", api.pathTo("clients", clientId));
        location.hash = "#/clients";
        return `${clientId} is disconnected.`;
      },
    });
  }

  #queuePlan(): ListPlan<Queued> {
    const { api, format } = this.#kit;
    return {
      label: "Queue",
      path: () => api.pathTo("sessions", this.#clientId, "/queue"),
      empty: "Nothing waits for it.",
      columns: [
        { title: "Topic", look: "mono", text: ({ topic }) => topic },
        { title: "State", text: ({ state }) => state },
        {
          title: "Packet",
          look: "num mid",
          text: ({ packetId }) => packetId === undefined ? "–" : `${packetId}`,
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

  #subscriptionPlan(): ListPlan<Subscription> {
    return {
      label: "Subscriptions",
      path: () => "subscriptions",
      query: () => ({ clientId: this.#clientId }),
      empty: "It has subscribed to nothing.",
      key: ({ filter }) => filter,
      columns: [
        { title: "Topic filter", look: "mono", text: ({ filter }) => filter },
        {
          title: "Options",
          look: "mid",
          text: ({ noLocal, retainAsPublished }) =>
            [
              noLocal ? "no local" : "",
              retainAsPublished ? "retain as published" : "",
            ].filter((option) => option !== "").join(", "),
        },
        { title: "QoS", look: "num", text: ({ qos }) => String(qos) },
      ],
    };
  }
}
