/**
 * Finds the rules whose topics a filter may meet, without a look at all of
 * them: a client that subscribes again and again must not cost a walk through
 * thousands of rules each time. What is found is near, not exact: whether it
 * meets the filter is for `topic/filter_algebra.ts` to say.
 *
 * @module
 */

import { type AccessRule, holdsName } from "./access_rule.ts";

interface Node {
  /** By name; null while there are none. `+` is not among them. */
  children: Map<string, Node> | null;
  /** The child for `+`. */
  plus: Node | null;
  /** The rules whose filters end here. */
  readonly here: AccessRule[];
  /** The rules about all at and below this level, as far as is known. */
  readonly below: AccessRule[];
}

/** Rules near a filter. */
export interface Nearby {
  /** Those found, the widest first. */
  readonly rules: readonly AccessRule[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

/** A walk: what it has found, and how far it may still go. */
interface Walk {
  readonly rules: AccessRule[];
  stepsLeft: number;
}

/**
 * Rules by their filters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NearbyRules } from "./nearby_rules.ts";
 *
 * const rule = { allow: true, actions: "read", filter: "room/+" } as const;
 * const rules = new NearbyRules([rule]);
 * assertEquals(rules.find("room/1", 100), { rules: [rule], isWhole: true });
 * assertEquals(rules.find("hall/#", 100), { rules: [], isWhole: true });
 * ```
 */
export class NearbyRules {
  readonly #root: Node = newNode();

  /** Takes rules whose filters are valid. */
  constructor(rules: Iterable<AccessRule>) {
    for (const rule of rules) this.#add(rule);
  }

  #add(rule: AccessRule): void {
    let node = this.#root;
    for (const level of rule.filter.split("/")) {
      // A name may have several levels: from here on anything is near.
      if (level === "#" || holdsName(level)) {
        node.below.push(rule);
        return;
      }
      node = childOf(node, level);
    }
    node.here.push(rule);
  }

  /** The rules near `filter`, found in at most `stepsMax` steps. */
  find(filter: string, stepsMax: number): Nearby {
    const walk: Walk = { rules: [], stepsLeft: stepsMax };
    take(this.#root.below, walk);
    let nodes = [this.#root];
    for (let from = 0; from <= filter.length && nodes.length > 0;) {
      const slash = filter.indexOf("/", from);
      const to = slash < 0 ? filter.length : slash;
      const level = filter.slice(from, to);
      if (level === "#") return collect(nodes, walk);
      nodes = nodes.flatMap((node) => step(node, level, walk));
      for (const node of nodes) take(node.below, walk);
      if (walk.stepsLeft <= 0) break;
      from = to + 1;
    }
    for (const node of nodes) take(node.here, walk);
    return { rules: walk.rules, isWhole: walk.stepsLeft > 0 };
  }
}

/** One level down. */
function step(node: Node, level: string, walk: Walk): Node[] {
  const next: Node[] = [];
  if (node.plus !== null) next.push(node.plus);
  if (node.children === null) return next;
  if (level === "+") {
    for (const child of node.children.values()) {
      if (walk.stepsLeft-- <= 0) break;
      next.push(child);
    }
    return next;
  }
  const child = node.children.get(level);
  if (child !== undefined) next.push(child);
  return next;
}

/** Everything at and below `nodes`, level by level. */
function collect(nodes: readonly Node[], walk: Walk): Nearby {
  let level = nodes;
  for (const node of nodes) take(node.here, walk);
  while (level.length > 0 && walk.stepsLeft > 0) {
    level = level.flatMap((node) => step(node, "+", walk));
    for (const node of level) {
      take(node.below, walk);
      take(node.here, walk);
    }
  }
  return { rules: walk.rules, isWhole: walk.stepsLeft > 0 };
}

function take(rules: readonly AccessRule[], walk: Walk): void {
  for (const rule of rules) {
    if (walk.stepsLeft-- <= 0) return;
    walk.rules.push(rule);
  }
}

function newNode(): Node {
  return { children: null, plus: null, here: [], below: [] };
}

function childOf(node: Node, level: string): Node {
  if (level === "+") return node.plus ??= newNode();
  node.children ??= new Map();
  const child = node.children.get(level) ?? newNode();
  node.children.set(level, child);
  return child;
}
