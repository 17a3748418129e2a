/**
 * A tree of topic names, a node a level, walked by topic filters: it finds
 * the topics that a filter matches. Retained messages and the route cache's
 * index live in such trees. (The other direction, the filters that match a
 * topic, is `router/filter_trie.ts`.)
 *
 * Nothing here recurses: a topic may have 65,535 levels.
 *
 * @module
 */

interface Node<V> {
  readonly level: string;
  readonly parent: Node<V> | null;
  children: Map<string, Node<V>> | null;
  value: V | undefined;
}

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
  #root: Node<V> = newNode<V>("", null);
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
    let node: Node<V> | undefined = this.#root;
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
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode(level, node);
        node.children.set(level, child);
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
    let node: Node<V> | undefined = this.#root;
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
    this.#root = newNode<V>("", null);
    this.#size = this.#nodes = 0;
  }

  /**
   * The values of all topics that `filter` matches, at most `most` of
   * them. The cost is in proportion to the nodes that match.
   */
  match(filter: string, most = Infinity): V[] {
    const found: V[] = [];
    const levels = filter.split("/");
    let frontier: Node<V>[] = [this.#root];
    for (const [depth, level] of levels.entries()) {
      if (level === "#") {
        collectBelow(frontier, depth === 0, found, most);
        return found;
      }
      frontier = step(frontier, level, depth === 0);
      if (frontier.length === 0) return found;
    }
    for (const node of frontier) {
      if (node.value !== undefined && found.length < most) {
        found.push(node.value);
      }
    }
    return found;
  }
}

function newNode<V>(level: string, parent: Node<V> | null): Node<V> {
  return { level, parent, children: null, value: undefined };
}

/** Removes nodes which hold nothing, from `node` upwards: how many. */
function prune<V>(node: Node<V>): number {
  let empty = node;
  let removed = 0;
  while (
    empty.parent !== null && empty.value === undefined &&
    empty.children === null
  ) {
    const siblings = empty.parent.children!;
    siblings.delete(empty.level);
    removed++;
    if (siblings.size > 0) break;
    empty = empty.parent;
    empty.children = null;
  }
  return removed;
}

/** One level down: by name, or by `+`. */
function step<V>(
  frontier: Node<V>[],
  level: string,
  atRoot: boolean,
): Node<V>[] {
  const next: Node<V>[] = [];
  for (const node of frontier) {
    if (node.children === null) continue;
    if (level !== "+") {
      const child = node.children.get(level);
      if (child !== undefined) next.push(child);
      continue;
    }
    for (const child of node.children.values()) {
      if (!(atRoot && isHidden(child))) next.push(child);
    }
  }
  return next;
}

/** Everything at and below `nodes`: what `#` matches. */
function collectBelow<V>(
  nodes: Node<V>[],
  atRoot: boolean,
  found: V[],
  most: number,
): void {
  const open = nodes.slice().reverse();
  const root = atRoot ? nodes[0] : undefined;
  while (open.length > 0 && found.length < most) {
    const node = open.pop()!;
    if (node.value !== undefined) found.push(node.value);
    if (node.children === null) continue;
    for (const child of node.children.values()) {
      if (!(node === root && isHidden(child))) open.push(child);
    }
  }
}

/** [MQTT-4.7.2-1]: leading wildcards do not see topics that begin with $. */
function isHidden<V>(node: Node<V>): boolean {
  return node.level.startsWith("$");
}
