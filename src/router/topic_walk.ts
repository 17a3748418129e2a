/**
 * A walk through a tree of topics along a topic filter, that may rest at any
 * node and go on later. What is in the tree from its first step to its last
 * it finds once, whatever comes and goes meanwhile; what comes meanwhile it
 * may find or not.
 *
 * Nothing here recurses: a topic may have 65,535 levels.
 *
 * @module
 */

import type { TopicChildren, TopicNode } from "./topic_node.ts";

/** How far a walk may go. */
export interface WalkBudget {
  /** Nodes that may be looked at; a few more are where names are given. */
  nodesLeft: number;
}

/** Where a walk stands among the children of one node. */
interface Stand<V> {
  readonly children: TopicChildren<V>;
  /** The level of the filter that they are held against. */
  readonly depth: number;
  /** Whether they are the first levels of topics. */
  readonly isTop: boolean;
  place: number;
  /** Which `moves` of the children the place is good for. */
  moves: number;
  /** The last one that was looked at. */
  lastId: number;
}

/** One walk. */
export class TopicWalk<V> {
  readonly #levels: readonly string[];
  /** Where it begins; null once it has begun. */
  #root: TopicNode<V> | null;
  /** From the root down. */
  readonly #stands: Stand<V>[] = [];

  /** From `root` to all topics that `filter` matches. */
  constructor(root: TopicNode<V>, filter: string) {
    this.#root = root;
    this.#levels = filter.split("/");
  }

  /**
   * Where it stands, as numbers: a walk along the same filter that is made to
   * {@linkcode goTo} them goes on behind what this one has found.
   */
  get place(): number[] {
    return this.#stands.map(({ lastId }) => lastId);
  }

  /** Begins where another walk stood, before the first step. */
  goTo(place: readonly number[]): void {
    const root = this.#root;
    this.#root = null;
    if (root === null || place.length === 0) return;
    let isThere = true;
    this.#enter(root, 0, { nodesLeft: Infinity });
    for (const [at, id] of place.entries()) {
      const stand = this.#stands[at];
      if (!isThere || stand === undefined) return;
      stand.lastId = id;
      stand.place = stand.children.placeAfter(id);
      if (at + 1 === place.length) return;
      const node = stand.children.at(stand.place - 1);
      // It is gone, and all below it.
      isThere = node?.id === id && node.parent !== null;
      if (isThere) {
        const { depth } = stand;
        const isBelow = this.#levels[depth] === "#";
        const from = isBelow ? depth : depth + 1;
        this.#enter(node!, from, { nodesLeft: Infinity });
      }
    }
  }

  /** Whether there is nothing more to find. */
  get isDone(): boolean {
    return this.#root === null && this.#stands.length === 0;
  }

  /**
   * The next value; `undefined` when there is none any more, or when the
   * budget is used up before one is found.
   */
  next(budget: WalkBudget): V | undefined {
    if (this.#root !== null && budget.nodesLeft > 0) {
      const value = this.#enter(this.#root, 0, budget);
      this.#root = null;
      if (value !== undefined) return value;
    }
    while (this.#stands.length > 0 && budget.nodesLeft > 0) {
      budget.nodesLeft--;
      const stand = this.#stands[this.#stands.length - 1]!;
      const node = nextOf(stand);
      if (node === undefined) {
        this.#stands.pop();
        continue;
      }
      const { depth, isTop } = stand;
      if (isTop && isHidden(node)) continue;
      const isBelow = this.#levels[depth] === "#";
      const value = this.#enter(node, isBelow ? depth : depth + 1, budget);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /**
   * Goes down from `node` to where the filter leaves a choice; `depth` is
   * the level of the filter below `node`. What is there if the filter ends.
   */
  #enter(
    node: TopicNode<V>,
    depth: number,
    budget: WalkBudget,
  ): V | undefined {
    let below = node;
    for (let at = depth; at < this.#levels.length; at++) {
      const level = this.#levels[at]!;
      if (level === "#" || level === "+") {
        this.#choose(below, at);
        // "#" stands for the level above it as well: section 4.7.1.2.
        return level === "#" ? below.value : undefined;
      }
      budget.nodesLeft--;
      const child = below.children?.get(level);
      if (child === undefined) return undefined;
      below = child;
    }
    return below.value;
  }

  #choose({ children, id }: TopicNode<V>, depth: number): void {
    if (children === null) return;
    const { moves } = children;
    const isTop = id === 0;
    this.#stands.push({ children, depth, isTop, place: 0, moves, lastId: 0 });
  }
}

function nextOf<V>(stand: Stand<V>): TopicNode<V> | undefined {
  const { children } = stand;
  if (stand.moves !== children.moves) {
    stand.place = children.placeAfter(stand.lastId);
    stand.moves = children.moves;
  }
  const node = children.at(stand.place);
  if (node === undefined) return undefined;
  stand.place++;
  stand.lastId = node.id;
  return node;
}

/** [MQTT-4.7.2-1]: leading wildcards do not see topics that begin with $. */
function isHidden<V>(node: TopicNode<V>): boolean {
  return node.level.startsWith("$");
}
