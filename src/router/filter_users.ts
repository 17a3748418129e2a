/**
 * Which cached routes know a filter: those that are to be told when its
 * subscriptions change.
 *
 * @module
 */

import type { SubscribedFilter, Subscriber } from "../topic/subscription.ts";
import type { Route } from "./route.ts";

/**
 * Up to here a route that leaves the cache is taken out at once. In a longer
 * list it stays until the list has doubled.
 */
const SHORT_MAX = 16;

/** The routes by filter. */
export class FilterUsers<S extends Subscriber> {
  readonly #routes = new Map<SubscribedFilter<S>, Route<S>[]>();

  /** From now on `route`, which is in the cache, knows `filter`. */
  add(filter: SubscribedFilter<S>, route: Route<S>): void {
    filter.hasTold = false;
    const routes = this.#routes.get(filter);
    if (routes === undefined) {
      this.#routes.set(filter, [route]);
      return;
    }
    const { length } = routes;
    const isPowerOf2 = (length & (length - 1)) === 0;
    if (length > SHORT_MAX && isPowerOf2) keepCached(routes);
    routes.push(route);
  }

  /** `route` has left the cache. */
  remove(route: Route<S>): void {
    for (const filter of route.filters) {
      const routes = this.#routes.get(filter);
      if (routes === undefined || routes.length > SHORT_MAX) continue;
      keepCached(routes);
      if (routes.length === 0) this.#routes.delete(filter);
    }
  }

  /** `filter` has no subscriptions any more. */
  forget(filter: SubscribedFilter<S>): void {
    this.#routes.delete(filter);
  }

  /** All routes have left the cache. */
  clear(): void {
    this.#routes.clear();
  }

  /**
   * Subscriptions of `filter` have changed. One packet can say so a million
   * times, of a filter that thousands of routes know: told once is enough.
   */
  markStale(filter: SubscribedFilter<S>): void {
    if (filter.hasTold) return;
    filter.hasTold = true;
    const routes = this.#routes.get(filter);
    if (routes === undefined) return;
    for (let i = 0; i < routes.length; i++) routes[i]!.isStale = true;
  }
}

/** Takes those out, in place, that have left the cache. */
function keepCached<S extends Subscriber>(routes: Route<S>[]): void {
  let kept = 0;
  for (const route of routes) if (route.isCached) routes[kept++] = route;
  routes.length = kept;
}
