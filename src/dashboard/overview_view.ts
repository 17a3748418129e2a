/**
 * How the broker is at the moment and was in the last minutes.
 *
 * @module
 */

import type { Status } from "./api_types.ts";
import type { El } from "./browser_types.ts";
import type { Chart, ChartPlan } from "./chart.ts";
import type { Facts } from "./facts.ts";
import type { Kit, View } from "./kit.ts";
import type { Warnings } from "./warnings.ts";

/** A number that is looked at first. */
interface Tile {
  readonly value: El;
  readonly note: El;
}

/** Its text is part of the page: see `page.ts`. */
export class OverviewView implements View {
  readonly title = "Overview";
  readonly refreshSeconds = 2;
  readonly element: El;
  readonly #kit: Kit;
  readonly #warnings: Warnings;
  readonly #tiles = new Map<string, Tile>();
  readonly #charts: readonly Chart[];
  readonly #drops: Facts;
  readonly #ends: Facts;

  /** @param kit What it is made with. */
  constructor(kit: Kit) {
    const { dom, parts } = kit;
    this.#kit = kit;
    this.#warnings = new parts.Warnings(kit);
    this.#charts = this.#plans().map((plan) => new parts.Chart(kit, plan));
    this.#drops = new parts.Facts(kit, "None since the start.");
    this.#ends = new parts.Facts(kit, "None since the start.");
    this.element = dom.make(
      "div",
      {},
      this.#warnings.element,
      this.#makeTiles(),
      dom.make(
        "div",
        { class: "charts" },
        ...this.#charts.map(({ element }) => element),
      ),
      dom.make(
        "div",
        { class: "columns" },
        dom.panel("Messages dropped, by cause", this.#drops.element),
        dom.panel("Connections ended, by cause", this.#ends.element),
      ),
    );
  }

  open(): void {
    void this.refresh();
  }

  close(): void {}

  refresh(): Promise<void> {
    const { status, samples } = this.#kit;
    if (status === undefined) return Promise.resolve();
    this.#warnings.show(status.warnings);
    this.#writeTiles(status);
    const nowMs = samples.all.at(-1)?.atMs ?? 0;
    for (const chart of this.#charts) chart.show(samples.all, nowMs);
    this.#drops.show(this.#causes(status.drops));
    this.#ends.show(this.#causes(status.disconnects));
    return Promise.resolve();
  }

  #makeTiles(): El {
    const { dom } = this.#kit;
    const names = [
      "Clients",
      "Messages in",
      "Messages out",
      "Queued",
      "In flight",
      "Subscriptions",
      "Retained",
      "Up",
    ];
    const tiles = names.map((name) => {
      const value = dom.make("dd", {}, "–");
      const note = dom.make("dd", { class: "note" }, "\u00a0");
      this.#tiles.set(name, { value, note });
      const term = dom.make("dt", {}, name);
      return dom.make("div", { class: "tile" }, term, value, note);
    });
    return dom.make("dl", { class: "tiles" }, ...tiles);
  }

  #writeTiles(status: Status): void {
    const { format } = this.#kit;
    const { clients, rates, queued, inflight, retained } = status;
    this.#tile(
      "Clients",
      format.count(clients.connected),
      `limit ${format.count(clients.connectedMax)}`,
    );
    const { messagesIn, messagesOut, bytesIn, bytesOut } = rates;
    this.#tile(
      "Messages in",
      format.rate(messagesIn),
      format.byteRate(bytesIn),
    );
    this.#tile(
      "Messages out",
      format.rate(messagesOut),
      format.byteRate(bytesOut),
    );
    this.#tile(
      "Queued",
      format.count(queued.messages),
      format.bytes(queued.bytes),
    );
    this.#tile("In flight", format.count(inflight), "QoS 1 and 2");
    this.#tile(
      "Subscriptions",
      format.count(status.subscriptions),
      format.some(clients.sessions, "session"),
    );
    this.#tile(
      "Retained",
      format.count(retained.count),
      format.bytes(retained.bytes),
    );
    const since = `since ${format.dateTime(status.startedAt).slice(0, 10)}`;
    this.#tile("Up", format.duration(status.uptimeSeconds), since);
  }

  #tile(name: string, value: string, note: string): void {
    const tile = this.#tiles.get(name)!;
    this.#kit.dom.write(tile.value, value);
    this.#kit.dom.write(tile.note, note);
  }

  /** The most frequent first. */
  #causes(causes: Readonly<Record<string, number>>): Record<string, string> {
    const counted = Object.entries(causes)
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([cause, count]) => [
        cause.replaceAll("_", " "),
        this.#kit.format.count(count),
      ]);
    return Object.fromEntries(counted);
  }

  #plans(): ChartPlan[] {
    const { format } = this.#kit;
    const rate = (value: number) => format.rate(value);
    return [
      {
        title: "Messages",
        format: rate,
        series: [
          { name: "in", of: (sample) => sample.messagesIn },
          { name: "out", of: (sample) => sample.messagesOut },
        ],
      },
      {
        title: "Traffic",
        isBinary: true,
        format: (value) => format.byteRate(value),
        series: [
          { name: "in", of: (sample) => sample.bytesIn },
          { name: "out", of: (sample) => sample.bytesOut },
        ],
      },
      {
        title: "Clients",
        format: (value) => format.short(value),
        series: [{ name: "connected", of: (sample) => sample.clients }],
      },
      {
        title: "Memory",
        isBinary: true,
        format: (value) => format.bytes(value),
        series: [{ name: "resident", of: (sample) => sample.memoryBytes }],
      },
      {
        title: "Event-loop lag",
        format: (value) => format.duration(value),
        series: [{ name: "", of: (sample) => sample.lagSeconds }],
      },
      {
        title: "Messages dropped",
        format: rate,
        series: [{ name: "", of: (sample) => sample.drops }],
      },
    ];
  }
}
