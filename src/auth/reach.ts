/**
 * How much of what a filter matches may be read, by the algebra of filters.
 *
 * @module
 */

import { covers, intersection, intersects } from "../topic/filter_algebra.ts";
import type { Identity } from "./authorizer.ts";
import type { Reach } from "../topic/rights.ts";
import { type AccessRule, filterFor } from "./access_rule.ts";
import type { NearbyRules } from "./nearby_rules.ts";

/** A list of rules by their filters: those about reading. */
export interface ReadRules {
  /** The rules that allow it. */
  readonly allows: NearbyRules;
  /** The rules that deny it. */
  readonly denies: NearbyRules;
}

/** Who subscribes to much must not make others wait: then it is "some". */
const STEPS_MAX = 256;
/** Of the characters to compare. */
const WORK_MAX = 256 * 1024;

/**
 * What may be read of what `filter` matches. "some" stands for doubt too:
 * many rules that together allow or deny all are not seen through.
 *
 * @param layers Sets of rules; the first that says anything decides.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reachOf } from "./reach.ts";
 * import { RuleSet } from "./rule_set.ts";
 *
 * const rule = { allow: true, actions: "read", filter: "room/+" } as const;
 * const layers = [[new RuleSet([rule])]];
 * const who = { clientId: "phone", userName: undefined };
 * assertEquals(reachOf("room/1", layers, who), "all");
 * assertEquals(reachOf("room/#", layers, who), "some");
 * assertEquals(reachOf("hall/#", layers, who), "none");
 * ```
 */
export function reachOf(
  filter: string,
  layers: readonly (readonly { readonly reading: ReadRules }[])[],
  identity: Identity,
): Reach {
  const denied: string[] = [];
  let isReached = false;
  let isDoubtful = false;
  for (const sets of layers) {
    const allowed: string[] = [];
    let isWhole = true;
    for (const { reading } of sets) {
      const denies = reading.denies.find(filter, STEPS_MAX);
      const allows = reading.allows.find(filter, STEPS_MAX);
      meet(filter, denies.rules, identity, denied);
      meet(filter, allows.rules, identity, allowed);
      isDoubtful ||= !denies.isWhole;
      isWhole &&= allows.isWhole;
    }
    if (denied.length === 0 && !isDoubtful) {
      if (allowed.some((each) => covers(each, filter))) return "all";
    } else if (denied.some((each) => covers(each, filter))) break;
    isReached ||= !isWhole || isAnyLeft(filter, allowed, denied);
  }
  return isReached ? "some" : "none";
}

/** Adds the filters of those `rules` that have a topic with `filter`. */
function meet(
  filter: string,
  rules: readonly AccessRule[],
  identity: Identity,
  found: string[],
): void {
  for (const rule of rules) {
    const text = filterFor(rule, identity);
    if (text !== undefined && intersects(text, filter)) found.push(text);
  }
}

/** Whether something of `filter` is allowed that no single rule denies. */
function isAnyLeft(
  filter: string,
  allowed: readonly string[],
  denied: readonly string[],
): boolean {
  if (denied.length === 0) return allowed.length > 0;
  if (allowed.length * denied.length * filter.length > WORK_MAX) return true;
  return allowed.some((each) => {
    const both = intersection(each, filter)!;
    return !denied.some((wide) => covers(wide, both));
  });
}
