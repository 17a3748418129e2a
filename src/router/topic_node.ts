/**
 * One level of a topic in a tree of topics, and the levels below it in the
 * order in which they came. A walk that rests between two of them holds a
 * number and no iterator: whatever comes and goes meanwhile, it finds its
 * place again and keeps nothing alive.
 *
 * @module
 */

/** One level of a topic. */
export interface TopicNode<V> {
  /** Its name; empty again once it was taken out. */
  level: string;
  /** The level above; null at the root and once it was taken out. */
  parent: TopicNode<V> | null;
  /** Greater than that of all nodes made before; the root has 0. */
  readonly id: number;
  /** The levels below; null while there are none. */
  children: TopicChildren<V> | null;
  /** What the topic that ends here has. */
  value: V | undefined;
}

/** A node without children and value. */
export function newNode<V>(
  id: number,
  level: string,
  parent: TopicNode<V> | null,
): TopicNode<V> {
  return { level, parent, id, children: null, value: undefined };
}

/**
 * The nodes below another one, by name and by age. Mostly it is one: it lies
 * in a field, and more is made for the second.
 */
export class TopicChildren<V> {
  /** How often places have moved: see {@linkcode placeAfter}. */
  moves = 0;
  #only: TopicNode<V> | undefined;
  #many: ManyChildren<V> | undefined;

  /** How many there are. */
  get size(): number {
    if (this.#many !== undefined) return this.#many.byName.size;
    return this.#only === undefined ? 0 : 1;
  }

  /** The one with this name. */
  get(level: string): TopicNode<V> | undefined {
    if (this.#many !== undefined) return this.#many.byName.get(level);
    return this.#only?.level === level ? this.#only : undefined;
  }

  /** Adds one that is younger than all others. */
  add(node: TopicNode<V>): void {
    const only = this.#only;
    if (this.#many !== undefined) {
      this.#many.byName.set(node.level, node);
      this.#many.byAge.push(node);
    } else if (only === undefined) {
      this.#only = node;
      this.moves++; // it stands where another one may have stood
    } else {
      const byName = new Map([[only.level, only], [node.level, node]]);
      this.#many = { byName, byAge: [only, node] };
      this.#only = undefined;
    }
  }

  /** Takes one out that is in, and has neither children nor a value. */
  delete(node: TopicNode<V>): void {
    const many = this.#many;
    many?.byName.delete(node.level);
    node.level = "";
    node.parent = null;
    if (many === undefined) this.#only = undefined;
    else if (many.byAge.length > 2 * many.byName.size) {
      many.byAge = many.byAge.filter(({ parent }) => parent !== null);
      this.moves++;
    }
  }

  /**
   * The node at a place, oldest first; `undefined` behind the last. One that
   * was taken out is bare.
   */
  at(place: number): TopicNode<V> | undefined {
    if (this.#many !== undefined) return this.#many.byAge[place];
    return place === 0 ? this.#only : undefined;
  }

  /** The place of the oldest that is younger than `id`. */
  placeAfter(id: number): number {
    if (this.#many === undefined) {
      return this.#only !== undefined && this.#only.id <= id ? 1 : 0;
    }
    const { byAge } = this.#many;
    let low = 0;
    let high = byAge.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byAge[middle]!.id <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface ManyChildren<V> {
  readonly byName: Map<string, TopicNode<V>>;
  /** By id. Those that were taken out stay, bare, until they are many. */
  byAge: TopicNode<V>[];
}
