/**
 * A page of what a walk through a tree of topics finds, in slices.
 *
 * @module
 */

import type { TopicWalk } from "../router/topic_walk.ts";
import { Slices } from "./slices.ts";

/** Nodes that a walk looks at in a step. */
export const STEP_NODES = 64;

/** A page. */
export interface WalkedPage<Item> {
  /** What was found. */
  readonly items: Item[];
  /** Where the next page begins; `undefined` when this was the last. */
  readonly next: readonly number[] | undefined;
}

/**
 * The next items of a walk.
 *
 * @param walk One that has not begun.
 * @param after Where the page before has ended; empty for the first.
 * @param itemOf What is listed of a value; `undefined` leaves it out.
 */
export async function walkPage<V, Item>(
  walk: TopicWalk<V>,
  after: readonly number[],
  limit: number,
  itemOf: (value: V) => Item | undefined,
): Promise<WalkedPage<Item>> {
  if (after.length > 0) walk.goTo(after);
  const slices = new Slices();
  const items: Item[] = [];
  let place: readonly number[] = after;
  while (!walk.isDone) {
    if (slices.isOver()) await slices.rest();
    const value = walk.next({ nodesLeft: STEP_NODES });
    const item = value && itemOf(value);
    if (item === undefined) continue;
    if (items.length === limit) return { items, next: place };
    items.push(item);
    place = walk.place;
  }
  return { items, next: undefined };
}

/** How many values a walk finds that count. */
export async function countWalked<V>(
  walk: TopicWalk<V>,
  counts: (value: V) => boolean,
): Promise<number> {
  const slices = new Slices();
  let count = 0;
  while (!walk.isDone) {
    if (slices.isOver()) await slices.rest();
    const value = walk.next({ nodesLeft: STEP_NODES });
    if (value !== undefined && counts(value)) count++;
  }
  return count;
}
