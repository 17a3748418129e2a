/**
 * Sets of topics by their filters: what two filters both match, and whether
 * one matches all that another does. The filters are valid: MQTT 3.1.1
 * section 4.7. Nothing here recurses: a filter may have 65,535 levels.
 *
 * @module
 */

const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;

/**
 * Whether `wide` matches each topic that `narrow` matches.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { covers } from "./filter_algebra.ts";
 *
 * assert(covers("room/#", "room/+/door"));
 * assert(!covers("room/+", "room/#"));
 * assert(!covers("#", "$SYS/#"));
 * ```
 */
export function covers(wide: string, narrow: string): boolean {
  if (isHidden(wide, narrow)) return false;
  narrow = withFirstLevel(narrow);
  let w = 0;
  let n = 0;
  for (;;) {
    const wideHere = wide.charCodeAt(w);
    if (wideHere === HASH) return true;
    const narrowHere = narrow.charCodeAt(n);
    const wideEnd = levelEnd(wide, w);
    const narrowEnd = levelEnd(narrow, n);
    if (narrowHere === HASH) return false;
    if (wideHere !== PLUS) {
      if (narrowHere === PLUS) return false;
      if (!isSame(wide, w, wideEnd, narrow, n, narrowEnd)) return false;
    }
    if (wideEnd === wide.length) return narrowEnd === narrow.length;
    // The filter goes on; "a/#" covers "a" as well.
    if (narrowEnd === narrow.length) return wide.slice(wideEnd) === "/#";
    w = wideEnd + 1;
    n = narrowEnd + 1;
  }
}

/**
 * The filter that matches what both `one` and `other` match; `undefined`
 * when there is no such topic.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { intersection } from "./filter_algebra.ts";
 *
 * assertEquals(intersection("room/+", "+/door"), "room/door");
 * assertEquals(intersection("room/#", "+"), "room");
 * assertEquals(intersection("room", "hall"), undefined);
 * ```
 */
export function intersection(one: string, other: string): string | undefined {
  if (!intersects(one, other)) return undefined;
  const levels: string[] = [];
  const [ones, others] = [one.split("/"), other.split("/")];
  for (let at = 0;; at++) {
    const [here, there] = [ones[at], others[at]];
    // Where one of them ends, the other can only have # left.
    if (here === undefined || there === undefined) return levels.join("/");
    if (here === "#") return [...levels, ...others.slice(at)].join("/");
    if (there === "#") return [...levels, ...ones.slice(at)].join("/");
    levels.push(here === "+" ? there : here);
  }
}

/**
 * Whether there can be a topic that both filters match.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { intersects } from "./filter_algebra.ts";
 *
 * assert(intersects("room/+", "+/door"));
 * assert(!intersects("room/+", "room"));
 * assert(!intersects("+/broker", "$SYS/#"));
 * ```
 */
export function intersects(one: string, other: string): boolean {
  if (isHidden(one, other) || isHidden(other, one)) return false;
  one = withFirstLevel(one);
  other = withFirstLevel(other);
  let i = 0;
  let j = 0;
  for (;;) {
    const here = one.charCodeAt(i);
    const there = other.charCodeAt(j);
    if (here === HASH || there === HASH) return true;
    const oneEnd = levelEnd(one, i);
    const otherEnd = levelEnd(other, j);
    if (here !== PLUS && there !== PLUS) {
      if (!isSame(one, i, oneEnd, other, j, otherEnd)) return false;
    }
    if (oneEnd === one.length) {
      return otherEnd === other.length || other.slice(otherEnd) === "/#";
    }
    if (otherEnd === other.length) return one.slice(oneEnd) === "/#";
    i = oneEnd + 1;
    j = otherEnd + 1;
  }
}

/** [MQTT-4.7.2-1]: a leading wildcard matches no topic that begins with $. */
function isHidden(wild: string, dollar: string): boolean {
  if (dollar.charCodeAt(0) !== DOLLAR) return false;
  const first = wild.charCodeAt(0);
  return first === PLUS || first === HASH;
}

/**
 * The same topics, by a filter that tells that there is a first level and
 * that it is not all: no topic is empty [MQTT-4.7.3-1].
 */
function withFirstLevel(filter: string): string {
  if (filter === "#") return "+/#";
  return filter === "/#" ? "/+/#" : filter;
}

function levelEnd(filter: string, from: number): number {
  const slash = filter.indexOf("/", from);
  return slash < 0 ? filter.length : slash;
}

/** Whether two levels, from `i` to `iEnd` and `j` to `jEnd`, are alike. */
function isSame(
  one: string,
  i: number,
  iEnd: number,
  other: string,
  j: number,
  jEnd: number,
): boolean {
  if (iEnd - i !== jEnd - j) return false;
  while (i < iEnd) {
    if (one.charCodeAt(i++) !== other.charCodeAt(j++)) return false;
  }
  return true;
}
