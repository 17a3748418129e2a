/**
 * Topics and filters as a plant has them: sites with a hundred devices each,
 * devices with eight sensors, `site/{s}/device/{d}/sensor/{n}`. Seeded: each
 * run sees the same ones.
 */

import { decodeText, encodeText } from "../../src/codec/text.ts";
import { Random } from "../../tests/fuzz/random.ts";

/** Whether filters name topics or have wildcards. */
export type FilterKind = "exact" | "wildcard";

/** Topics as they come from a socket, bytes, and as text. */
export interface Topics {
  readonly bytes: Uint8Array;
  /** Topic `i` is `bytes[ends[i], ends[i + 1])`. */
  readonly ends: Int32Array;
  readonly texts: readonly string[];
}

const DEVICES_PER_SITE = 100;
const SENSORS_PER_DEVICE = 8;
/** So few that a topic has about three subscribers with wildcards. */
const SUBSCRIPTIONS_PER_DEVICE: Record<FilterKind, number> = {
  exact: 8,
  wildcard: 2,
};

/** A plant for a number of subscriptions. */
export class Population {
  readonly kind: FilterKind;
  readonly devices: number;
  readonly topicCount: number;

  constructor(kind: FilterKind, subscriptions: number) {
    this.kind = kind;
    this.devices = Math.ceil(subscriptions / SUBSCRIPTIONS_PER_DEVICE[kind]);
    this.topicCount = this.devices * SENSORS_PER_DEVICE;
  }

  topicAt(index: number): string {
    const device = Math.floor(index / SENSORS_PER_DEVICE);
    return topic(device, index % SENSORS_PER_DEVICE);
  }

  /**
   * `count` different topics in random order: a walk through all of them in
   * steps of a length that has no factor in common with their number.
   */
  distinctTopics(count: number, seed: number): string[] {
    const random = new Random(seed);
    const { topicCount } = this;
    let step = 1 + Math.floor(topicCount * 0.618);
    while (commonFactor(step, topicCount) > 1) step++;
    let at = random.below(topicCount);
    const found: string[] = [];
    for (let i = 0; i < Math.min(count, topicCount); i++) {
      found.push(this.topicAt(at));
      at = (at + step) % topicCount;
    }
    return found;
  }

  /**
   * The filter of subscription `index`. With `exact`, each topic has one;
   * else a dashboard or two for each device, and few that look across.
   */
  filterAt(index: number, random: Random): string {
    return this.kind === "exact"
      ? this.topicAt(index)
      : filterFor(this.topicAt(random.below(this.topicCount)), random);
  }
}

/** A filter with wildcards that matches `topic`. */
export function filterFor(topic: string, random: Random): string {
  const [, site, , device, , sensor] = topic.split("/");
  const pick = random.below(100);
  if (pick < 50) return `site/${site}/device/${device}/#`;
  if (pick < 80) return `site/${site}/device/${device}/sensor/+`;
  if (pick < 95) return `site/+/device/${device}/sensor/${sensor}`;
  return `site/${site}/device/+/sensor/${sensor}`;
}

/** Text as a client's packet brings it, with nothing else that holds it. */
export function fresh(text: string): string {
  const bytes = encodeText(text);
  return decodeText(bytes, 0, bytes.length);
}

export function topicsOf(texts: readonly string[]): Topics {
  const parts = texts.map(encodeText);
  const ends = new Int32Array(texts.length + 1);
  for (const [i, part] of parts.entries()) {
    ends[i + 1] = ends[i]! + part.length;
  }
  const bytes = new Uint8Array(ends.at(-1)!);
  for (const [i, part] of parts.entries()) bytes.set(part, ends[i]);
  return { bytes, ends, texts };
}

function topic(device: number, sensor: number): string {
  const site = Math.floor(device / DEVICES_PER_SITE);
  return `site/${site}/device/${device}/sensor/${sensor}`;
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}
