/**
 * The topics that the broker knows: those with a retained message first, then
 * those whose route is known because messages came on them lately.
 *
 * @module
 */

import type { Asked, Handlers } from "./api.ts";
import type { ApiHost } from "./api_host.ts";
import { filterOf } from "./message_handlers.ts";
import { cursorText, numbersOf } from "./page_cursor.ts";
import { countWalked, walkPage } from "./walk_page.ts";

/** In which of the two trees a place is. */
const RETAINED = 0;
const ROUTES = 1;

/** What is told of a topic. */
interface TopicItem {
  readonly topic: string;
  readonly isRetained: boolean;
  readonly subscribers: number | null;
}

/** The handler of topics. */
export function topicHandlers(host: ApiHost): Handlers<"listTopics"> {
  return { listTopics: ({ query }) => listTopics(host, query) };
}

async function listTopics({ core }: ApiHost, query: Asked["query"]) {
  const { retained, router } = core;
  const filter = filterOf(query);
  const limit = query["limit"] as number;
  const [tree = RETAINED, ...after] =
    numbersOf(query["after"] as string | undefined) ?? [];
  const isRouteOnly = ({ topic }: { readonly topic: string }) =>
    retained.get(topic) === undefined;
  const items: TopicItem[] = [];
  let next: readonly number[] | undefined;
  if (tree === RETAINED) {
    const walk = retained.walk(filter);
    const page = await walkPage(
      walk,
      after,
      limit,
      ({ message }) =>
        message &&
        { topic: message.topic, isRetained: true, subscribers: null },
    );
    items.push(...page.items);
    next = page.next && [RETAINED, ...page.next];
  }
  if (next === undefined) {
    const walk = router.walkRoutes(filter);
    const from = tree === ROUTES ? after : [];
    const rest = limit - items.length;
    const page = await walkPage(walk, from, rest, (route) => {
      if (!isRouteOnly(route)) return undefined;
      // Of one that is stale nobody knows before the next message.
      const subscribers = route.isStale ? null : route.targets.length;
      return { topic: route.topic, isRetained: false, subscribers };
    });
    items.push(...page.items);
    next = page.next && [ROUTES, ...page.next];
  }
  const total = await countWalked(retained.walk(filter), () => true) +
    await countWalked(router.walkRoutes(filter), isRouteOnly);
  return { items, total, next: next === undefined ? null : cursorText(next) };
}
