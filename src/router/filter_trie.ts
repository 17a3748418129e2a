/**
 * The filters that somebody subscribes to, found by topic. Those without a
 * wildcard lie in a map by their text: one look-up, however many there are.
 * Those with one lie in a trie, a node a level.
 *
 * Nothing here recurses: a filter may have 65,535 levels.
 *
 * @module
 */

import { utf8Length } from "../base/utf8.ts";
import { hasWildcard } from "../topic/topic.ts";
import { SubscribedFilter, type Subscriber } from "../topic/subscription.ts";

/** Memory that a filter takes beside its text, and a level, bytes, about. */
const FILTER_BYTES = 100;
const LEVEL_BYTES = 400;

interface Node<S extends Subscriber> {
  /** What it is called among its parent's children. */
  readonly key: string;
  readonly parent: Node<S> | null;
  /** By {@linkcode keyOf}; null while there are none. `+` is among them. */
  children: Map<string, Node<S>> | null;
  /** The child for `+`: also in `children`. */
  plus: Node<S> | null;
  /** The filter that ends here. */
  here: SubscribedFilter<S> | null;
  /** The filter that ends here with a further level `#`. */
  below: SubscribedFilter<S> | null;
}

/** Filters by topic. */
export class FilterTrie<S extends Subscriber> {
  readonly #exact = new Map<string, SubscribedFilter<S>>();
  readonly #root: Node<S> = newNode<S>("", null);
  #wildcards = 0;
  #nodes = 0;
  #textBytes = 0;

  /** What the filters take, bytes, with the levels that lead to them. */
  get bytes(): number {
    const filters = this.#exact.size + this.#wildcards;
    return this.#textBytes + filters * FILTER_BYTES +
      this.#nodes * LEVEL_BYTES;
  }

  /** What `filter` would add to that, at most: nothing if it is in. */
  bytesFor(filter: string): number {
    if (this.get(filter) !== undefined) return 0;
    const levels = hasWildcard(filter) ? filter.split("/").length : 0;
    return utf8Length(filter) + FILTER_BYTES + levels * LEVEL_BYTES;
  }

  /** The filter with this text, if it is in. */
  get(filter: string): SubscribedFilter<S> | undefined {
    if (!hasWildcard(filter)) return this.#exact.get(filter);
    let node: Node<S> | undefined = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") return node.below ?? undefined;
      node = node.children?.get(keyOf(level));
      if (node === undefined) return undefined;
    }
    return node.here ?? undefined;
  }

  /** Adds a filter that is not in yet. */
  add(filter: string): SubscribedFilter<S> {
    const added = new SubscribedFilter<S>(filter);
    this.#textBytes += utf8Length(filter);
    if (!hasWildcard(filter)) {
      this.#exact.set(filter, added);
      return added;
    }
    this.#wildcards++;
    let node = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") {
        node.below = added;
        return added;
      }
      node = this.#childOf(node, level);
    }
    node.here = added;
    return added;
  }

  /** Removes a filter that is in. */
  remove(filter: string): void {
    this.#textBytes -= utf8Length(filter);
    if (!hasWildcard(filter)) {
      this.#exact.delete(filter);
      return;
    }
    this.#wildcards--;
    let node = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") {
        node.below = null;
        this.#nodes -= prune(node);
        return;
      }
      node = node.children!.get(keyOf(level))!;
    }
    node.here = null;
    this.#nodes -= prune(node);
  }

  /**
   * Calls `found` with each filter that matches; returns at how many nodes
   * it has looked.
   */
  match(topic: string, found: (filter: SubscribedFilter<S>) => void): number {
    const exact = this.#exact.get(topic);
    if (exact !== undefined) found(exact);
    return this.#wildcards > 0 ? this.#matchWildcards(topic, found) : 0;
  }

  #childOf(node: Node<S>, level: string): Node<S> {
    node.children ??= new Map();
    const key = keyOf(level);
    let child = node.children.get(key);
    if (child === undefined) {
      child = newNode(key, node);
      node.children.set(key, child);
      if (level === "+") node.plus = child;
      this.#nodes++;
    }
    return child;
  }

  #matchWildcards(
    topic: string,
    found: (filter: SubscribedFilter<S>) => void,
  ): number {
    const root = this.#root;
    let looks = 0;
    // [MQTT-4.7.2-1]: no leading wildcard reaches a topic that starts with $
    const hidden = topic.startsWith("$");
    if (root.below !== null && !hidden) found(root.below);
    let frontier: Node<S>[] = [root];
    let next: Node<S>[] = [];
    const path = keyOf(topic);
    for (let from = 0; from < path.length;) {
      const slash = path.indexOf("/", from + 1);
      const to = slash < 0 ? path.length : slash;
      const key = path.slice(from, to);
      for (const node of frontier) {
        const { children, plus } = node;
        if (children === null) continue;
        const child = children.get(key);
        if (child !== undefined) next.push(child);
        if (plus !== null && !(hidden && node === root)) next.push(plus);
      }
      if (next.length === 0) return looks;
      looks += next.length;
      for (const node of next) if (node.below !== null) found(node.below);
      const spent = frontier;
      frontier = next;
      next = spent;
      next.length = 0;
      from = to;
    }
    for (const node of frontier) if (node.here !== null) found(node.here);
    return looks;
  }
}

/**
 * A level with the slash before it. Without that, one that is a number costs
 * V8 up to 20 times as much to look up, when many different ones come.
 */
function keyOf(level: string): string {
  return `/${level}`;
}

function newNode<S extends Subscriber>(
  key: string,
  parent: Node<S> | null,
): Node<S> {
  return {
    key,
    parent,
    children: null,
    plus: null,
    here: null,
    below: null,
  };
}

/** Removes nodes which hold nothing, from `node` upwards: how many. */
function prune<S extends Subscriber>(node: Node<S>): number {
  let removed = 0;
  while (
    node.parent !== null && node.here === null && node.below === null &&
    node.children === null
  ) {
    const { parent, key } = node;
    const siblings = parent.children!;
    siblings.delete(key);
    removed++;
    if (parent.plus === node) parent.plus = null;
    if (siblings.size === 0) parent.children = null;
    node = parent;
  }
  return removed;
}
