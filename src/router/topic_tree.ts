/**
 * A tree of topic names, a node a level, walked by topic filters
 * (`router/topic_walk.ts`): it finds the topics that a filter matches.
 * Retained messages and the route cache's index live in such trees. (The
 * other direction, the filters that match a topic, is
 * `router/filter_trie.ts`.)
 *
 * Nothing here recurses: a topic may have 65,535 levels.
 *
 * @module
 */

import { newNode, TopicChildren, type TopicNode } from "./topic_node.ts";
import { TopicWalk } from "./topic_walk.ts";

/**
 * Values by topic name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TopicTree } from "./topic_tree.ts";
 *
 * const tree = new TopicTree<number>();
 * tree.set("room/1", 20);
 * tree.set("room/2", 21);
 * assertEquals(tree.match("room/+"), [20, 21]);
 * ```
 */
export class TopicTree<V> {
  #root: TopicNode<V> = newNode<V>(0, "", null);
  #lastId = 0;
  #size = 0;
  #nodes = 0;

  /** How many levels of topics are kept, those with a value included. */
  get nodes(): number {
    return this.#nodes;
  }

  /** How many topics have a value. */
  get size(): number {
    return this.#size;
  }

  /** The value of `topic`. */
  get(topic: string): V | undefined {
    let node: TopicNode<V> | undefined = this.#root;
    for (const level of topic.split("/")) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node.value;
  }

  /** Sets the value of `topic`; returns the one before. */
  set(topic: string, value: V): V | undefined {
    let node = this.#root;
    for (const level of topic.split("/")) {
      node.children ??= new TopicChildren();
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode(++this.#lastId, level, node);
        node.children.add(child);
        this.#nodes++;
      }
      node = child;
    }
    const before = node.value;
    if (before === undefined) this.#size++;
    node.value = value;
    return before;
  }

  /** Removes the value of `topic` and the nodes that held it alone. */
  delete(topic: string): V | undefined {
    let node: TopicNode<V> | undefined = this.#root;
    for (const level of topic.split("/")) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    const before = node.value;
    if (before === undefined) return undefined;
    node.value = undefined;
    this.#size--;
    this.#nodes -= prune(node);
    return before;
  }

  /** Removes everything. */
  clear(): void {
    this.#root = newNode<V>(0, "", null);
    this.#size = this.#nodes = 0;
  }

  /** A walk to the values of all topics that `filter` matches. */
  walk(filter: string): TopicWalk<V> {
    return new TopicWalk(this.#root, filter);
  }

  /**
   * The values of all topics that `filter` matches, at most `most` of
   * them. The cost is in proportion to the nodes that match.
   */
  match(filter: string, most = Infinity): V[] {
    const found: V[] = [];
    const walk = this.walk(filter);
    const budget = { nodesLeft: Infinity };
    while (found.length < most) {
      const value = walk.next(budget);
      if (value === undefined) break;
      found.push(value);
    }
    return found;
  }
}

/** Removes nodes which hold nothing, from `node` upwards: how many. */
function prune<V>(node: TopicNode<V>): number {
  let empty = node;
  let removed = 0;
  while (
    empty.parent !== null && empty.value === undefined &&
    empty.children === null
  ) {
    const { parent } = empty;
    parent.children!.delete(empty);
    removed++;
    if (parent.children!.size > 0) break;
    empty = parent;
    empty.children = null;
  }
  return removed;
}
