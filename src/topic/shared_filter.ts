/**
 * Filters of shared subscriptions, `$share/{name}/{filter}`: MQTT 5.0 section
 * 4.8.2.
 *
 * @module
 */

import { filterFault } from "./topic.ts";

const PREFIX = "$share/";

/** Whether `filter` is, or wants to be, that of a shared subscription. */
export function isShared(filter: string): boolean {
  return filter.startsWith(PREFIX);
}

/**
 * The filter that the group subscribes to; `undefined` when the subscription
 * is not shared. The filter is valid.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sharedFilterOf } from "./shared_filter.ts";
 *
 * assertEquals(sharedFilterOf("$share/workers/job/+"), "job/+");
 * assertEquals(sharedFilterOf("job/+"), undefined);
 * ```
 */
export function sharedFilterOf(filter: string): string | undefined {
  if (!isShared(filter)) return undefined;
  return filter.slice(filter.indexOf("/", PREFIX.length) + 1);
}

/**
 * What is malformed about the filter of a subscription, shared or not;
 * `undefined` when nothing is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { subscriptionFault } from "./shared_filter.ts";
 *
 * assertEquals(subscriptionFault("$share/workers/job/+"), undefined);
 * assertEquals(
 *   subscriptionFault("$share/workers"),
 *   "a shared subscription without a filter",
 * );
 * ```
 */
export function subscriptionFault(filter: string): string | undefined {
  if (!isShared(filter)) return filterFault(filter);
  const nameEnd = filter.indexOf("/", PREFIX.length);
  // [MQTT5-4.8.2-1], [MQTT5-4.8.2-2]
  if (nameEnd < 0) return "a shared subscription without a filter";
  const name = filter.slice(PREFIX.length, nameEnd);
  if (name === "") return "a shared subscription without a name";
  if (/[+#]/.test(name)) return "a wildcard in the name of a share";
  return filterFault(filter.slice(nameEnd + 1));
}
