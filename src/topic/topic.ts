/**
 * Topic names and topic filters: MQTT 3.1.1 section 4.7. What is valid, and
 * the plain meaning of "matches"; the fast way is in `router/`.
 *
 * @module
 */

import { utf8Length } from "../base/utf8.ts";

/** What a topic or filter may be, beyond what MQTT says. */
export interface TopicLimits {
  /** The longest, in bytes of UTF-8. */
  readonly topicBytesMax: number;
  /** The most levels. */
  readonly topicLevelsMax: number;
}

const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;

/**
 * What is wrong with a topic name; `undefined` when nothing is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { topicNameFault } from "./topic.ts";
 *
 * const limits = { topicBytesMax: 100, topicLevelsMax: 8 };
 * assertEquals(topicNameFault("a/b", limits), undefined);
 * assertEquals(topicNameFault("a/+", limits), "a wildcard in a topic name");
 * ```
 */
export function topicNameFault(
  topic: string,
  limits: TopicLimits,
): string | undefined {
  if (topic.length === 0) return "an empty topic name"; // [MQTT-4.7.3-1]
  let levels = 1;
  for (let i = 0; i < topic.length; i++) {
    const code = topic.charCodeAt(i);
    if (code === SLASH) levels++;
    else if (code === PLUS || code === HASH) {
      return "a wildcard in a topic name"; // [MQTT-3.3.2-2]
    } else if (code === 0) return "U+0000 in a topic name"; // [MQTT-4.7.3-2]
  }
  return sizeFault(topic, levels, "topic name", limits);
}

/**
 * What is malformed about a topic filter; `undefined` when nothing is.
 * Limits are not looked at: see {@linkcode filterLimitFault}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { filterFault } from "./topic.ts";
 *
 * assertEquals(filterFault("a/+/#"), undefined);
 * assertEquals(filterFault("a#"), "# that is not a whole, last level");
 * ```
 */
export function filterFault(filter: string): string | undefined {
  const length = filter.length;
  if (length === 0) return "an empty topic filter"; // [MQTT-4.7.3-1]
  for (let i = 0; i < length; i++) {
    const code = filter.charCodeAt(i);
    if (code === 0) return "U+0000 in a topic filter"; // [MQTT-4.7.3-2]
    if (code !== PLUS && code !== HASH) continue;
    const opens = i === 0 || filter.charCodeAt(i - 1) === SLASH;
    const closes = i + 1 === length;
    if (code === HASH) {
      // [MQTT-4.7.1-2]
      if (!opens || !closes) return "# that is not a whole, last level";
    } else if (!opens || !(closes || filter.charCodeAt(i + 1) === SLASH)) {
      return "+ that is not a whole level"; // [MQTT-4.7.1-3]
    }
  }
  return undefined;
}

/** Which limit a well-formed filter is above; `undefined` for none. */
export function filterLimitFault(
  filter: string,
  limits: TopicLimits,
): string | undefined {
  let levels = 1;
  for (let i = 0; i < filter.length; i++) {
    if (filter.charCodeAt(i) === SLASH) levels++;
  }
  return sizeFault(filter, levels, "topic filter", limits);
}

function sizeFault(
  text: string,
  levels: number,
  what: string,
  limits: TopicLimits,
): string | undefined {
  if (levels > limits.topicLevelsMax) {
    return `a ${what} of ${levels} levels, above the limit of ` +
      `${limits.topicLevelsMax}`;
  }
  // UTF-16 to UTF-8 is at most three bytes a unit: count only when near.
  if (text.length * 3 <= limits.topicBytesMax) return undefined;
  const bytes = utf8Length(text);
  return bytes <= limits.topicBytesMax
    ? undefined
    : `a ${what} of ${bytes} bytes, above the limit of ` +
      `${limits.topicBytesMax}`;
}

/**
 * Whether a topic is one of those in which a broker tells of itself: MQTT
 * 3.1.1 section 4.7.2. Clients read them, and do not publish there.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isSystemTopic } from "./topic.ts";
 *
 * assert(isSystemTopic("$SYS/broker/uptime"));
 * assert(!isSystemTopic("$SYSTEM") && !isSystemTopic("a/$SYS/b"));
 * ```
 */
export function isSystemTopic(topic: string): boolean {
  return topic.startsWith("$SYS/") || topic === "$SYS";
}

const BRIDGE_STATE = /^\$SYS\/broker\/connection\/[^/]+\/state$/;

/**
 * Whether a topic is the one of those on which a client tells, not the broker:
 * a bridge of Mosquitto, whether it is there.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isBridgeState } from "./topic.ts";
 *
 * assert(isBridgeState("$SYS/broker/connection/attic/state"));
 * assert(!isBridgeState("$SYS/broker/connection/attic"));
 * ```
 */
export function isBridgeState(topic: string): boolean {
  return BRIDGE_STATE.test(topic);
}

/** Whether a filter has a wildcard. */
export function hasWildcard(filter: string): boolean {
  return filter.includes("+") || filter.endsWith("#");
}

/**
 * Whether `filter` matches `topic`, both valid: 3.1.1 section 4.7. It walks
 * the texts once and never recurses, however many levels there are.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { matches } from "./topic.ts";
 *
 * assert(matches("sport/+/player/#", "sport/tennis/player"));
 * assert(!matches("#", "$SYS/uptime"));
 * ```
 */
export function matches(filter: string, topic: string): boolean {
  // [MQTT-4.7.2-1]: no leading wildcard reaches a topic that starts with $.
  const first = filter.charCodeAt(0);
  if (topic.startsWith("$") && (first === PLUS || first === HASH)) {
    return false;
  }
  let f = 0;
  let t = 0;
  while (f < filter.length) {
    const code = filter.charCodeAt(f);
    if (code === HASH) return true;
    if (code === PLUS) {
      while (t < topic.length && topic.charCodeAt(t) !== SLASH) t++;
      f++;
      if (f === filter.length) return t === topic.length;
    } else {
      while (f < filter.length && filter.charCodeAt(f) !== SLASH) {
        if (filter.charCodeAt(f) !== topic.charCodeAt(t)) return false;
        f++;
        t++;
      }
      if (f === filter.length) return t === topic.length;
    }
    // The filter goes on at a slash; "a/#" matches "a" as well.
    if (t === topic.length) return filter.slice(f) === "/#";
    if (topic.charCodeAt(t) !== SLASH) return false;
    f++;
    t++;
  }
  return t === topic.length && topic.charCodeAt(t - 1) === SLASH;
}
