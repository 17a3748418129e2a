/**
 * The router bench: how fast topics find their subscribers among 1,000 to
 * 1,000,000 subscriptions, what that costs while clients subscribe, what the
 * route cache is worth in a flood of new topics, and what a subscription
 * takes in memory; beside the trie of `npm:qlobber` as aedes makes it.
 *
 *     deno run -A bench/router.ts
 *     bun run bench/router.ts
 *
 * "Cold" means that no route is in the cache: the topic is decoded, checked
 * and matched, and its route is built and put into the cache. `qlobber` has
 * no cache, and begins with text that is ready. The topics, the filters and
 * their mix are made in `support/populations.ts`.
 */

import { rate } from "../src/load/table.ts";
import { columns, short, times } from "./support/columns.ts";
import { type FloodRow, floodRows } from "./support/flood_rows.ts";
import { measureApart } from "./support/heap.ts";
import type { Pace } from "./support/interleave.ts";
import {
  type ChurnRow,
  type MatchRow,
  matchRows,
} from "./support/match_rows.ts";
import { loadQlobber } from "./support/oracles.ts";
import type { FilterKind } from "./support/populations.ts";
import type { Footprint } from "./support/router_heap.ts";

/** What subscriptions take, bytes each; theirs is 0 if not to be had. */
export interface MemoryRow {
  readonly kind: FilterKind;
  readonly subscriptions: number;
  readonly oursBytes: number;
  readonly theirsBytes: number;
  /** A route in our cache, on top of that. */
  readonly routeBytes: number;
}

export interface RouterResult {
  readonly matches: readonly MatchRow[];
  readonly churns: readonly ChurnRow[];
  readonly floods: readonly FloodRow[];
  readonly memory: readonly MemoryRow[];
}

interface Plan extends Pace {
  readonly counts: readonly number[];
  readonly memoryCounts: readonly number[];
  readonly floodMessages: number;
}

const FULL: Plan = {
  rounds: 5,
  roundMs: 200,
  counts: [1_000, 100_000, 1_000_000],
  memoryCounts: [100_000, 1_000_000],
  floodMessages: 1_000_000,
};
const TINY: Plan = {
  rounds: 1,
  roundMs: 2,
  counts: [1_000],
  memoryCounts: [1_000],
  floodMessages: 20_000,
};
const KINDS: readonly FilterKind[] = ["exact", "wildcard"];

/** `tiny` shows in a few seconds that all of this still works. */
export async function run(size: "tiny" | "full"): Promise<RouterResult> {
  const plan = size === "tiny" ? TINY : FULL;
  const newQlobber = await loadQlobber();
  const matches: MatchRow[] = [];
  const churns: ChurnRow[] = [];
  for (const kind of KINDS) {
    for (const count of plan.counts) {
      const { match, churn } = matchRows(kind, count, newQlobber, plan);
      matches.push(match);
      churns.push(...churn);
    }
  }
  const floods = floodRows(plan.floodMessages);
  const memory = KINDS.flatMap((kind) =>
    plan.memoryCounts.map((count) => memoryRow(kind, count))
  );
  return { matches, churns, floods, memory };
}

function memoryRow(kind: FilterKind, subscriptions: number): MemoryRow {
  const script = new URL("./support/router_heap.ts", import.meta.url);
  const [ours, theirs] = ["ours", "theirs"].map((who) =>
    measureApart(script, [who, kind, `${subscriptions}`])
  ) as [Footprint, Footprint];
  return {
    kind,
    subscriptions,
    oursBytes: ours.subscriptionBytes,
    theirsBytes: theirs.subscriptionBytes,
    routeBytes: ours.routeBytes,
  };
}

function matchTable(rows: readonly MatchRow[]): string {
  const head = [
    "match",
    "subscriptions",
    "found",
    "cold ns",
    "cached ns",
    "qlobber ns",
    "cold faster by",
    "cached faster by",
  ];
  const lines = rows.map((row) => [
    row.kind,
    rate(row.subscriptions),
    short(row.targets),
    short(row.coldNs),
    short(row.cachedNs),
    row.theirsNs > 0 ? short(row.theirsNs) : "-",
    times(row.theirsNs, row.coldNs),
    times(row.theirsNs, row.cachedNs),
  ]);
  return columns([head, ...lines], 1);
}

function churnTable(rows: readonly ChurnRow[]): string {
  const head = [
    "1,000 subscribes/s of",
    "subscriptions",
    "quiet ns",
    "with them ns",
    "loss",
  ];
  const lines = rows.map(({ subscriptions, filters, quietNs, churnNs }) => [
    filters,
    rate(subscriptions),
    short(quietNs),
    short(churnNs),
    percent(1 - quietNs / churnNs),
  ]);
  return columns([head, ...lines], 1);
}

function floodTable(rows: readonly FloodRow[]): string {
  const head = [
    "hot topics",
    "new topics per hot message",
    "hot hits",
    "hot hits, flood came first",
    "ns a new topic",
  ];
  const lines = rows.map((row) => [
    rate(row.hotTopics),
    `${row.floodPerHot}`,
    percent(row.keptShare),
    percent(row.gainedShare),
    short(row.floodNs),
  ]);
  return columns([head, ...lines], 0);
}

function memoryTable(rows: readonly MemoryRow[]): string {
  const head = [
    "memory",
    "subscriptions",
    "B each",
    "qlobber B each",
    "B a cached route",
  ];
  const lines = rows.map((row) => [
    row.kind,
    rate(row.subscriptions),
    rate(row.oursBytes),
    row.theirsBytes > 0 ? rate(row.theirsBytes) : "-",
    rate(row.routeBytes),
  ]);
  return columns([head, ...lines], 1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

if (import.meta.main) {
  const { matches, churns, floods, memory } = await run("full");
  const tables = [
    matchTable(matches),
    churnTable(churns),
    floodTable(floods),
    memoryTable(memory),
  ];
  console.log(tables.join("\n\n"));
}
