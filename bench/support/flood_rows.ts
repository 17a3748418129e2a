/**
 * A flood of topics that never come twice beside topics that come again and
 * again: how often are the latter found in the route cache? Once with the hot
 * topics there before the flood, once with a cache that the flood has filled.
 */

import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import { limitsWith } from "../../src/broker/limits.ts";
import { encodeText } from "../../src/codec/text.ts";
import { RouterMatcher } from "./matchers.ts";
import { Population, type Topics, topicsOf } from "./populations.ts";
import { Random } from "../../tests/fuzz/random.ts";

export interface FloodRow {
  readonly hotTopics: number;
  /** Topics of the flood for each message on a hot topic. */
  readonly floodPerHot: number;
  /** Of messages on hot topics that were there first, how many hit. */
  readonly keptShare: number;
  /** Of those on hot topics that came after the flood, in its second half. */
  readonly gainedShare: number;
  /** What it takes to route a topic of the flood, ns. */
  readonly floodNs: number;
}

const SEED = 9;
const SUBSCRIPTIONS = 8_000;
const DIGITS = 10;

const CASES: readonly (readonly [hotTopics: number, floodPerHot: number])[] = [
  [1_000, 1],
  [1_000, 10],
  [1_000, 100],
  [8_000, 10],
];

/** `messages` on hot topics and others together, for each row. */
export function floodRows(messages: number): FloodRow[] {
  return CASES.map(([hotTopics, floodPerHot]) => {
    const hotMessages = Math.ceil(messages / (1 + floodPerHot));
    return {
      hotTopics,
      floodPerHot,
      keptShare: kept(hotTopics, floodPerHot, hotMessages),
      ...gained(hotTopics, floodPerHot, hotMessages),
    };
  });
}

function kept(hotTopics: number, perHot: number, messages: number): number {
  const ours = subscribed();
  const hot = hotOf(hotTopics);
  ours.match(hot, 0, hotTopics);
  return flooded(ours, hot, new Flood(), perHot, messages);
}

function gained(
  hotTopics: number,
  perHot: number,
  messages: number,
): Pick<FloodRow, "gainedShare" | "floodNs"> {
  const ours = subscribed();
  const flood = new Flood();
  const { routeCacheMax } = limitsWith({});
  for (let i = 0; i < 2 * routeCacheMax; i++) flood.send(ours);
  const startMs = performance.now();
  for (let i = 0; i < routeCacheMax; i++) flood.send(ours);
  const floodNs = (performance.now() - startMs) * 1e6 / routeCacheMax;
  const hot = hotOf(hotTopics);
  flooded(ours, hot, flood, perHot, messages / 2);
  const gainedShare = flooded(ours, hot, flood, perHot, messages / 2);
  return { gainedShare, floodNs };
}

/** The share of hits among messages on hot topics, chosen at random. */
function flooded(
  ours: RouterMatcher,
  hot: Topics,
  flood: Flood,
  floodPerHot: number,
  hotMessages: number,
): number {
  const random = new Random(SEED);
  let hits = 0;
  let sent = 0;
  for (; sent < hotMessages; sent++) {
    for (let i = 0; i < floodPerHot; i++) flood.send(ours);
    const before = ours.router.hits;
    const at = random.below(hot.texts.length);
    ours.match(hot, at, at + 1);
    hits += ours.router.hits - before;
  }
  return hits / sent;
}

/** Topics that end in a number which only goes up. */
class Flood {
  readonly #bytes: Uint8Array = encodeText(
    "site/7/request/" + "0".repeat(DIGITS),
  );

  send({ router }: RouterMatcher): void {
    const bytes = this.#bytes;
    let at = bytes.length - 1;
    while (bytes[at] === 0x39) bytes[at--] = 0x30; // 9 to 0, and carry
    bytes[at] = bytes[at]! + 1;
    router.route(bytes, 0, bytes.length, null);
  }
}

function subscribed(): RouterMatcher {
  const ours = new RouterMatcher();
  const population = new Population("exact", SUBSCRIPTIONS);
  const subscriber = {
    wantsEach: false,
    rights: ALL_RIGHTS,
    routeMark: 0,
    routeIndex: 0,
  };
  for (let index = 0; index < SUBSCRIPTIONS; index++) {
    ours.add(population.topicAt(index), subscriber);
  }
  return ours;
}

function hotOf(count: number): Topics {
  const population = new Population("exact", SUBSCRIPTIONS);
  return topicsOf(population.distinctTopics(count, SEED));
}
