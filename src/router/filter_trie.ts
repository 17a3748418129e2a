/**
 * The filters that somebody subscribes to, found by topic. Those without a
 * wildcard lie in a map by their text: one look-up, however many there are.
 * Those with one lie in a trie, a node a level.
 *
 * Nothing here recurses: a filter may have 65,535 levels.
 *
 * @module
 */

import { hasWildcard } from "../topic/topic.ts";
import { SubscribedFilter, type Subscriber } from "../topic/subscription.ts";

interface Node<S extends Subscriber> {
  readonly level: string;
  readonly parent: Node<S> | null;
  /** By name; null while there are none. `+` is among them. */
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

  /** The filter with this text, if it is in. */
  get(filter: string): SubscribedFilter<S> | undefined {
    if (!hasWildcard(filter)) return this.#exact.get(filter);
    let node: Node<S> | undefined = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") return node.below ?? undefined;
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node.here ?? undefined;
  }

  /** Adds a filter that is not in yet. */
  add(filter: string): SubscribedFilter<S> {
    const added = new SubscribedFilter<S>(filter);
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
      node = childOf(node, level);
    }
    node.here = added;
    return added;
  }

  /** Removes a filter that is in. */
  remove(filter: string): void {
    if (!hasWildcard(filter)) {
      this.#exact.delete(filter);
      return;
    }
    this.#wildcards--;
    let node = this.#root;
    for (const level of filter.split("/")) {
      if (level === "#") {
        node.below = null;
        prune(node);
        return;
      }
      node = node.children!.get(level)!;
    }
    node.here = null;
    prune(node);
  }

  /** Calls `found` with each filter that matches. */
  match(topic: string, found: (filter: SubscribedFilter<S>) => void): void {
    const exact = this.#exact.get(topic);
    if (exact !== undefined) found(exact);
    if (this.#wildcards > 0) this.#matchWildcards(topic, found);
  }

  #matchWildcards(
    topic: string,
    found: (filter: SubscribedFilter<S>) => void,
  ): void {
    const root = this.#root;
    // [MQTT-4.7.2-1]: no leading wildcard reaches a topic that starts with $
    const hidden = topic.startsWith("$");
    if (root.below !== null && !hidden) found(root.below);
    let frontier: Node<S>[] = [root];
    let next: Node<S>[] = [];
    for (let from = 0; from <= topic.length;) {
      const slash = topic.indexOf("/", from);
      const to = slash < 0 ? topic.length : slash;
      const level = topic.slice(from, to);
      for (const node of frontier) {
        const { children, plus } = node;
        if (children === null) continue;
        const child = children.get(level);
        if (child !== undefined) next.push(child);
        if (plus !== null && !(hidden && node === root)) next.push(plus);
      }
      if (next.length === 0) return;
      for (const node of next) if (node.below !== null) found(node.below);
      const spent = frontier;
      frontier = next;
      next = spent;
      next.length = 0;
      from = to + 1;
    }
    for (const node of frontier) if (node.here !== null) found(node.here);
  }
}

function newNode<S extends Subscriber>(
  level: string,
  parent: Node<S> | null,
): Node<S> {
  return {
    level,
    parent,
    children: null,
    plus: null,
    here: null,
    below: null,
  };
}

function childOf<S extends Subscriber>(
  node: Node<S>,
  level: string,
): Node<S> {
  node.children ??= new Map();
  let child = node.children.get(level);
  if (child === undefined) {
    child = newNode(level, node);
    node.children.set(level, child);
    if (level === "+") node.plus = child;
  }
  return child;
}

/** Removes nodes which hold nothing, from `node` upwards. */
function prune<S extends Subscriber>(node: Node<S>): void {
  while (
    node.parent !== null && node.here === null && node.below === null &&
    node.children === null
  ) {
    const { parent, level } = node;
    const siblings = parent.children!;
    siblings.delete(level);
    if (level === "+") parent.plus = null;
    if (siblings.size === 0) parent.children = null;
    node = parent;
  }
}
