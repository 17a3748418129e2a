/**
 * A naive reading of MQTT 3.1.1 section 4.7, level by level, and random
 * topics and filters that are likely to meet: an oracle that shares no code
 * with `src/topic` and `src/router`.
 */

import type { Random } from "../fuzz/random.ts";

/** Whether `filter` matches `topic`, both valid. */
export function isMatch(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  const wanted = filter.split("/");
  const given = topic.split("/");
  for (const [i, level] of wanted.entries()) {
    if (level === "#") return true;
    if (i >= given.length) return false;
    if (level !== "+" && level !== given[i]) return false;
  }
  return wanted.length === given.length;
}

/** Few names, so that topics and filters meet; some that look odd. */
const NAMES = ["a", "b", "", "aa", "$", "$a", "ä", "A", "__proto__"] as const;

function name(random: Random): string {
  return random.chance(70) ? random.pick(["a", "b"]) : random.pick(NAMES);
}

/** A valid topic of one to five levels. */
export function randomTopic(random: Random): string {
  const topic = random.list(1, 5, () => name(random)).join("/");
  return topic === "" ? "a" : topic;
}

/** A valid filter of one to five levels. */
export function randomFilter(random: Random): string {
  const levels = random.list(
    1,
    5,
    () => random.chance(35) ? "+" : name(random),
  );
  if (random.chance(25)) levels[levels.length - 1] = "#";
  const filter = levels.join("/");
  return filter === "" ? "+" : filter;
}
