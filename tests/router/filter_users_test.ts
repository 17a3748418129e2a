/**
 * The routes that know a filter: they are told when its subscriptions change,
 * and those that have left the cache are not kept alive for it.
 */

import { assert, assertEquals } from "@std/assert";
import { FilterUsers } from "../../src/router/filter_users.ts";
import { Route } from "../../src/router/route.ts";
import {
  SubscribedFilter,
  type Subscriber,
} from "../../src/topic/subscription.ts";
import { forSeeds } from "../fuzz/random.ts";

type Filter = SubscribedFilter<Subscriber>;

function routeOf(...filters: Filter[]): Route<Subscriber> {
  const route = new Route<Subscriber>(0, new Uint8Array(), "t", filters, []);
  route.isCached = true;
  return route;
}

Deno.test("who knows a filter is told, and nobody else", () => {
  const users = new FilterUsers<Subscriber>();
  const [a, b] = [
    new SubscribedFilter<Subscriber>("a"),
    new SubscribedFilter<Subscriber>("b"),
  ];
  const [one, both] = [routeOf(a), routeOf(a, b)];
  users.add(a, one);
  users.add(a, both);
  users.add(b, both);
  users.markStale(b);
  assertEquals([one.isStale, both.isStale], [false, true]);
  users.markStale(a);
  assertEquals(one.isStale, true);
  one.isStale = both.isStale = false;
  users.forget(a);
  users.markStale(a);
  users.clear();
  users.markStale(b);
  assertEquals([one.isStale, both.isStale], [false, false]);
});

Deno.test("what has left the cache is let go of", () => {
  forSeeds(30, (random) => {
    const users = new FilterUsers<Subscriber>();
    const filter = new SubscribedFilter<Subscriber>("#");
    const most = random.pick([1, 10, 17, 60]);
    const live: Route<Subscriber>[] = [];
    const gone: Route<Subscriber>[] = [];
    for (let i = 0; i < 2000; i++) {
      const route = routeOf(filter);
      users.add(filter, route);
      live.push(route);
      if (live.length <= most) continue;
      const old = live.splice(random.below(live.length), 1)[0]!;
      old.isCached = false;
      users.remove(old);
      gone.push(old);
    }
    users.markStale(filter);
    assert(live.every((route) => route.isStale));
    const kept = gone.filter((route) => route.isStale).length;
    assert(kept <= (most > 16 ? 2 * most + 32 : 0), `${kept} are kept`);
  });
});
