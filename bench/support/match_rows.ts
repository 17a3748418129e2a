/**
 * How fast topics are matched: among few and many subscriptions, with routes
 * that are in the cache and that are not, and while clients subscribe and
 * unsubscribe. Ours and `qlobber`'s in turn, in one process.
 */

import type { Subscriber, Subscription } from "../../src/topic/subscription.ts";
import { interleave, type Pace, type Way } from "./interleave.ts";
import {
  type Matcher,
  newSubscriber,
  QlobberMatcher,
  RouterMatcher,
  type Value,
} from "./matchers.ts";
import type { NewQlobber } from "./oracles.ts";
import {
  filterFor,
  type FilterKind,
  fresh,
  Population,
  type Topics,
  topicsOf,
} from "./populations.ts";
import { Random } from "../../tests/fuzz/random.ts";

/** What matching one topic takes, ns; theirs is 0 where it can't be had. */
export interface MatchRow {
  readonly kind: FilterKind;
  readonly subscriptions: number;
  /** Subscriptions found for a topic, on average. */
  readonly targets: number;
  /** No route is in the cache, and each goes in. */
  readonly coldNs: number;
  readonly cachedNs: number;
  readonly theirsNs: number;
}

/** What matching cached topics takes while subscriptions come and go. */
export interface ChurnRow {
  readonly kind: FilterKind;
  readonly subscriptions: number;
  /** The filters that come and go, a word for them. */
  readonly filters: string;
  readonly quietNs: number;
  readonly churnNs: number;
}

export interface MatchResult {
  readonly match: MatchRow;
  readonly churn: readonly ChurnRow[];
}

const HOT_TOPICS = 1_000;
/** As many as the cache takes without turning any away. */
const COLD_TOPICS = 4_096;
const COLD_SEED = 3;
const HOT_SEED = 4;
const FILTER_SEED = 5;
/** Passes over the hot topics in one go: some ms. */
const HOT_PASSES = 64;

const CHURN_PER_SECOND = 1_000;
/** Topics between two looks at the clock. */
const CHURN_BATCH = 200;
/** A small difference shows in many short rounds rather than few long ones. */
const CHURN_ROUNDS = 8;
/** Subscriptions that have come and not yet gone. */
const CHURN_OPEN = 100;

/** Fills both with the same subscriptions, and times them. */
export function matchRows(
  kind: FilterKind,
  subscriptions: number,
  newQlobber: NewQlobber | undefined,
  pace: Pace,
): MatchResult {
  const population = new Population(kind, subscriptions);
  const ours = new RouterMatcher();
  const theirs = newQlobber && new QlobberMatcher(newQlobber<Value>());
  const random = new Random(FILTER_SEED);
  for (let index = 0; index < subscriptions; index++) {
    const filter = fresh(population.filterAt(index, random));
    const subscriber = newSubscriber();
    ours.add(filter, subscriber);
    theirs?.add(filter, subscriber);
  }
  const cold = topicsOf(population.distinctTopics(COLD_TOPICS, COLD_SEED));
  const hot = topicsOf(population.distinctTopics(HOT_TOPICS, HOT_SEED));
  const found = all(ours, cold);
  if (theirs !== undefined && all(theirs, cold) !== found) {
    throw new Error(`${kind}: ours and theirs disagree`);
  }
  const ways: Way[] = [
    {
      prepare: () => ours.forgetRoutes(),
      run: () => counted(ours, cold),
    },
    {
      prepare: () => {
        ours.forgetRoutes();
        all(ours, hot);
      },
      run: () => hotPasses(ours, hot),
    },
  ];
  if (theirs) ways.push({ run: () => counted(theirs, cold) });
  const [coldNs = 0, cachedNs = 0, theirsNs = 0] = interleave(ways, pace);
  const targets = found / cold.texts.length;
  return {
    match: { kind, subscriptions, targets, coldNs, cachedNs, theirsNs },
    churn: churnRows(ours, population, hot, pace),
  };
}

function all<H>(matcher: Matcher<H>, topics: Topics): number {
  return matcher.match(topics, 0, topics.texts.length);
}

function counted<H>(matcher: Matcher<H>, topics: Topics): number {
  all(matcher, topics);
  return topics.texts.length;
}

function hotPasses(ours: RouterMatcher, hot: Topics): number {
  const { misses } = ours.router;
  for (let pass = 0; pass < HOT_PASSES; pass++) all(ours, hot);
  if (ours.router.misses !== misses) throw new Error("hot topics not cached");
  return HOT_PASSES * hot.texts.length;
}

/**
 * Filters of the same kind as those that are there, each of which matches a
 * hot topic at least; and, for the worst, filters that match many.
 */
function churnRows(
  ours: RouterMatcher,
  population: Population,
  hot: Topics,
  pace: Pace,
): ChurnRow[] {
  const { kind } = population;
  const fine: Pace = {
    rounds: pace.rounds * CHURN_ROUNDS,
    roundMs: pace.roundMs / CHURN_ROUNDS * 2,
  };
  const random = new Random(FILTER_SEED + 1);
  const hotTopic = () => hot.texts[random.below(hot.texts.length)]!;
  const filters: Record<string, () => string> = kind === "exact"
    ? { "a topic": hotTopic }
    : {
      "a device": () => filterFor(hotTopic(), random),
      "a whole site": () => hotTopic().replace(/device.*/, "#"),
      "#": () => "#",
    };
  return Object.entries(filters).map(([name, filterOf]) => {
    const ways = [0, CHURN_PER_SECOND].map((perSecond) =>
      churning(ours, hot, perSecond, () => fresh(filterOf()))
    );
    const [quietNs = 0, churnNs = 0] = interleave(ways, fine);
    const subscriptions = ours.router.size;
    return { kind, subscriptions, filters: name, quietNs, churnNs };
  });
}

/**
 * Messages on hot topics, and beside them as many subscribes and as many
 * unsubscribes as are due by the clock.
 */
function churning(
  ours: RouterMatcher,
  hot: Topics,
  perSecond: number,
  filterOf: () => string,
): Way {
  const open: Subscription<Subscriber>[] = [];
  let spentMs = 0;
  let done = 0;
  return {
    run: () => {
      const startMs = performance.now();
      let matched = 0;
      for (let at = 0; at < hot.texts.length; at += CHURN_BATCH) {
        const end = Math.min(at + CHURN_BATCH, hot.texts.length);
        ours.match(hot, at, end);
        matched += end - at;
        const nowMs = spentMs + performance.now() - startMs;
        for (const due = nowMs * perSecond / 1000; done < due; done++) {
          if (open.length === CHURN_OPEN) ours.remove(open.shift()!);
          open.push(ours.add(filterOf(), newSubscriber()));
        }
      }
      spentMs += performance.now() - startMs;
      return matched;
    },
  };
}
