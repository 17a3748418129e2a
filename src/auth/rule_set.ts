/**
 * A list of access rules, made ready to be asked about topics. Clients share
 * it: where a filter holds %c or %u, the client's names are compared while it
 * is walked, so that a client costs no compilation and no memory of its own.
 * Which lists count for whom is decided in `auth/access_rules.ts`.
 *
 * Filters without a wildcard or a name lie in a map by their text; the others
 * in a trie, a node a level. Nothing here recurses: a filter may have 65,535
 * levels.
 *
 * @module
 */

import { assert } from "../base/assert.ts";
import { filterFault, hasWildcard } from "../topic/topic.ts";
import {
  type AccessRule,
  bitsOf,
  DENIES_READ,
  DENIES_WRITE,
  holdsName,
  isNamed,
  isTameAt,
  withNames,
} from "./access_rule.ts";
import { NearbyRules } from "./nearby_rules.ts";
import type { ReadRules } from "./reach.ts";
import type { Identity } from "./authorizer.ts";

const DENIES = DENIES_READ | DENIES_WRITE;
const SLASH = 0x2f;
const DOLLAR = 0x24;

/** A level that holds a name, and what lies below it. */
interface NamedLevel {
  readonly level: string;
  readonly node: Node;
}

interface Node {
  /** By name; null while there are none. */
  children: Map<string, Node> | null;
  /** The child for `+`. */
  plus: Node | null;
  /** The children whose level holds a name. */
  named: NamedLevel[] | null;
  /** What the filters say that end here. */
  here: number;
  /** What the filters say that end here with a further level `#`. */
  below: number;
}

/**
 * Rules, compiled.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ALLOWS_READ, DENIES_READ } from "./access_rule.ts";
 * import { RuleSet } from "./rule_set.ts";
 *
 * const rules = new RuleSet([
 *   { allow: true, actions: "read", filter: "room/#" },
 *   { allow: false, actions: "read", filter: "room/%u" },
 * ]);
 * const who = { clientId: "phone", userName: "ada" };
 * assertEquals(rules.match("room/1", who), ALLOWS_READ);
 * assertEquals(rules.match("room/ada", who), ALLOWS_READ | DENIES_READ);
 * ```
 */
export class RuleSet {
  /** Whether a rule speaks of the client by a name of its own. */
  readonly hasNames: boolean;
  readonly #rules: readonly AccessRule[];
  /** Made when the first asks who reads. */
  #reading: ReadRules | undefined;
  readonly #exact = new Map<string, number>();
  readonly #root: Node = newNode();
  #isFlat = true;
  // Where the walk still has to go: kept, so that to ask allocates nothing.
  readonly #nodes: Node[] = [];
  readonly #starts: number[] = [];
  readonly #masks: number[] = [];

  /**
   * Compiles rules.
   *
   * @param rules Their filters are valid, as `filterFault` has it.
   */
  constructor(rules: readonly AccessRule[]) {
    this.#rules = rules;
    this.hasNames = rules.some(isNamed);
    for (const rule of rules) this.#add(rule);
  }

  #add(rule: AccessRule): void {
    const { filter } = rule;
    assert(filterFault(filter) === undefined, "a rule has a valid filter");
    const named = isNamed(rule);
    const says = bitsOf(rule);
    if (!named && !hasWildcard(filter)) {
      this.#exact.set(filter, (this.#exact.get(filter) ?? 0) | says);
      return;
    }
    this.#isFlat = false;
    let node = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") {
        node.below |= says;
        return;
      }
      node = named && holdsName(level)
        ? namedChild(node, level)
        : childOf(node, level);
    }
    node.here |= says;
  }

  /** What the rules say of `topic` where `identity` asks: bits. */
  match(topic: string, identity: Identity): number {
    const found = this.#exact.get(topic) ?? 0;
    return this.#isFlat ? found : found | this.#walk(topic, identity);
  }

  /** The rules about reading, by their filters. */
  get reading(): ReadRules {
    if (this.#reading !== undefined) return this.#reading;
    const rules = this.#rules.filter(({ actions }) => actions !== "write");
    const allows = new NearbyRules(rules.filter(({ allow }) => allow));
    const denies = new NearbyRules(rules.filter(({ allow }) => !allow));
    return this.#reading = { allows, denies };
  }

  #walk(topic: string, identity: Identity): number {
    const nodes = this.#nodes;
    const { length } = topic;
    // [MQTT-4.7.2-1]: no leading wildcard reaches a topic that starts with $
    const hidden = topic.charCodeAt(0) === DOLLAR;
    let found = hidden ? 0 : this.#root.below;
    let depth = 0;
    let node: Node | undefined = this.#root;
    let from = 0;
    let mask = -1;
    for (;;) {
      if (from > length) {
        found |= node.here & mask;
        node = undefined;
      } else {
        if (node.named !== null) {
          depth = this.#pushNamed(node.named, topic, from, mask, identity);
        }
        const slash = topic.indexOf("/", from);
        const to = slash < 0 ? length : slash;
        if (node.plus !== null && !(hidden && from === 0)) {
          depth = this.#push(node.plus, to + 1, mask);
        }
        node = node.children?.get(topic.slice(from, to));
        from = to + 1;
      }
      if (node === undefined) {
        if (depth === 0) return found;
        node = nodes.pop()!;
        from = this.#starts.pop()!;
        mask = this.#masks.pop()!;
        depth--;
      }
      found |= node.below & mask;
    }
  }

  #push(node: Node, from: number, mask: number): number {
    this.#starts.push(from);
    this.#masks.push(mask);
    return this.#nodes.push(node);
  }

  #pushNamed(
    levels: readonly NamedLevel[],
    topic: string,
    from: number,
    mask: number,
    identity: Identity,
  ): number {
    for (const { level, node } of levels) {
      const text = withNames(level, identity);
      if (text === undefined || !topic.startsWith(text, from)) continue;
      const to = from + text.length;
      if (to < topic.length && topic.charCodeAt(to) !== SLASH) continue;
      const isTame = isTameAt(from, level, text);
      this.#push(node, to + 1, isTame ? mask : mask & DENIES);
    }
    return this.#nodes.length;
  }
}

function newNode(): Node {
  return { children: null, plus: null, named: null, here: 0, below: 0 };
}

function childOf(node: Node, level: string): Node {
  if (level === "+") return node.plus ??= newNode();
  node.children ??= new Map();
  let child = node.children.get(level);
  if (child === undefined) {
    child = newNode();
    node.children.set(level, child);
  }
  return child;
}

function namedChild(node: Node, level: string): Node {
  node.named ??= [];
  let found = node.named.find((each) => each.level === level);
  if (found === undefined) {
    found = { level, node: newNode() };
    node.named.push(found);
  }
  return found.node;
}
