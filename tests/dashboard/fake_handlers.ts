/** What the fake API answers, by operation. */

import type { Asked, Handler } from "../../src/http/api.ts";
import { notFound } from "../../src/http/api_fault.ts";
import type { OperationName } from "../../src/http/api_table.ts";
import {
  CLIENTS,
  HOSTILE,
  LISTENERS,
  LOGS,
  RETAINED,
  STATUS,
} from "./fake_broker.ts";

type Query = Asked["query"];

const startMs = Date.now();

/** Some of them: the page asks for no more. */
export const FAKE_HANDLERS: Readonly<
  Partial<Record<OperationName, Handler>>
> = {
  getStatus: () => STATUS((Date.now() - startMs) / 1000),
  listListeners: () => ({ items: LISTENERS }),
  listLogs: ({ query }) =>
    query["after"] === undefined ? LOGS : { items: [], next: LOGS.next },
  listClients: ({ query }) => paged(sorted(query), query),
  getClient: ({ names }) => {
    const { clientId } = names;
    const client = CLIENTS.find((one) => one.clientId === clientId);
    if (client === undefined) throw notFound("client of this identifier");
    return { ...client, willTopic: null, subscriptionList: [] };
  },
  disconnectClient: () => {},
  listSessions: ({ query }) => paged(SESSIONS, query),
  getSession: ({ names }) => {
    const { clientId } = names;
    const client = CLIENTS.find((one) => one.clientId === clientId);
    if (client !== undefined) {
      return { ...sessionOf(client), isConnected: true };
    }
    if (clientId === "away") return AWAY;
    throw notFound("session of this client identifier");
  },
  deleteSession: () => {},
  getQueue: ({ query }) => paged(QUEUE, query),
  listSubscriptions: ({ query }) =>
    paged(subscriptionsOf(String(query["clientId"])), query),
  listTopics: ({ query }) =>
    paged(
      matching(query).map(({ topic }) => ({
        topic,
        isRetained: true,
        subscribers: 2,
      })),
      query,
    ),
  listRetained: ({ query }) =>
    paged(matching(query).map((one) => ({ ...one, isCut: false })), query),
  getRetained: ({ names }) => {
    const message = RETAINED.find(({ topic }) => topic === names["topic"]);
    if (message === undefined) throw notFound("message of this topic");
    return { ...message, properties: {} };
  },
  setRetained: () => ({ matched: 0 }),
  forgetRetained: () => {},
  deleteRetained: () => ({ deleted: 12 }),
  publish: () => ({ matched: 2 }),
};

const QUEUE = Array.from({ length: 3 }, (_, i) => ({
  topic: "plant/line 4/press/temperature",
  qos: 1,
  bytes: 120 + i,
  state: i === 0 ? "sent" : "waiting",
  ...(i === 0 ? { packetId: 17 } : {}),
  expiresAt: null,
}));

const SESSIONS = CLIENTS.slice(0, 250).map((client, i) => ({
  ...sessionOf(client),
  isConnected: i % 3 !== 0,
  expirySeconds: i % 2 === 0 ? null : 86_400,
}));

const AWAY = {
  ...sessionOf(CLIENTS[7]!),
  clientId: "away",
  isConnected: false,
  expirySeconds: 86_400,
  expiresAt: "2026-05-02T06:12:00.000Z",
};

function sessionOf(client: typeof CLIENTS[number]) {
  const { clientId, inflight, queued, queuedBytes, subscriptions, userName } =
    client;
  const counts = { inflight, queued, queuedBytes, subscriptions };
  const ends = { expirySeconds: null, expiresAt: null };
  return { clientId, userName, isConnected: true, ...ends, ...counts };
}

function subscriptionsOf(clientId: string): unknown[] {
  const options = {
    clientId,
    noLocal: false,
    retainAsPublished: true,
    subscriptionId: null,
  };
  return [
    { ...options, filter: "plant/+/press/#", qos: 1 },
    { ...options, filter: HOSTILE[0], qos: 0 },
  ];
}

function sorted(query: Query): typeof CLIENTS {
  const sort = String(query["sort"] ?? "clientId");
  const key = sort.replace(/^-/, "") as keyof typeof CLIENTS[number];
  const filter = String(query["filter"] ?? "").toLowerCase();
  const found = CLIENTS.filter(({ clientId, userName, address }) =>
    `${clientId}\n${userName}\n${address}`.toLowerCase().includes(filter)
  );
  const sign = sort.startsWith("-") ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [a[key] ?? "", b[key] ?? ""];
    return x < y ? -sign : x > y ? sign : 0;
  });
}

function matching(query: Query): typeof RETAINED {
  const prefix = String(query["filter"] ?? "#").replace(/#$/, "");
  return RETAINED.filter(({ topic }) => topic.startsWith(prefix));
}

function paged(items: readonly unknown[], query: Query): unknown {
  const from = Number(query["after"] ?? 0);
  const to = from + Number(query["limit"]);
  return {
    items: items.slice(from, to),
    total: items.length,
    next: to < items.length ? String(to) : null,
  };
}
