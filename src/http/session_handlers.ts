/**
 * Sessions, what waits in them, and their subscriptions. Lists are in the
 * order in which the sessions began, as those of clients are.
 *
 * @module
 */

import type { ClientSession } from "../broker/core.ts";
import { deleteSession } from "../broker/operator.ts";
import type { Delivery } from "../session/delivery.ts";
import { PUBCOMP_DUE } from "../session/inflight.ts";
import type { Asked, Handlers } from "./api.ts";
import { notFound } from "./api_fault.ts";
import type { ApiHost } from "./api_host.ts";
import { sessionJson, subscriptionJson } from "./client_json.ts";
import { moment } from "./clock.ts";
import { cursorText, numbersOf } from "./page_cursor.ts";
import { Slices } from "./slices.ts";

type Name =
  | "listSessions"
  | "getSession"
  | "deleteSession"
  | "getQueue"
  | "listSubscriptions";

/** Their handlers. */
export function sessionHandlers(host: ApiHost): Handlers<Name> {
  const { core, setClock, turn } = host;
  return {
    listSessions: ({ query }) => listSessions(host, query),
    getSession: ({ names }) => {
      setClock();
      return sessionJson(core, sessionOf(host, names["clientId"]!));
    },
    deleteSession: ({ names }) => {
      const session = sessionOf(host, names["clientId"]!);
      turn(() => deleteSession(core, session));
    },
    getQueue: ({ names, query }) =>
      queueOf(host, sessionOf(host, names["clientId"]!), query),
    listSubscriptions: ({ query }) => listSubscriptions(host, query),
  };
}

/** Of a client: those inside of the process are nobody's business. */
function sessionOf({ core }: ApiHost, clientId: string): ClientSession {
  const session = core.sessions.get(clientId);
  if (session !== undefined && session.handler === undefined) return session;
  throw notFound("session of this client identifier");
}

type Query = Asked["query"];

async function listSessions({ core, setClock }: ApiHost, query: Query) {
  setClock();
  const [after = 0] = numbersOf(query["after"] as string | undefined) ?? [];
  const limit = query["limit"] as number;
  const wanted = (query["filter"] as string ?? "").toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  const slices = new Slices();
  const items = [];
  let last = 0;
  let total = 0;
  let hasMore = false;
  for (const session of core.sessions.values()) {
    if (slices.isOver()) await slices.rest();
    if (session.handler !== undefined) continue;
    const { clientId, number, userName = "" } = session;
    if (wanted !== "" && !has(clientId) && !has(userName)) continue;
    total++;
    if (number <= after) continue;
    if (items.length === limit) {
      hasMore = true;
      continue;
    }
    items.push(sessionJson(core, session));
    last = number;
  }
  return { items, total, next: hasMore ? cursorText([last]) : null };
}

async function listSubscriptions({ core }: ApiHost, query: Query) {
  const [afterSession = 0, afterPlace = 0] =
    numbersOf(query["after"] as string | undefined) ?? [];
  const limit = query["limit"] as number;
  const wanted = (query["filter"] as string ?? "").toLowerCase();
  const slices = new Slices();
  const items = [];
  let cursor: number[] = [];
  let total = 0;
  let hasMore = false;
  for (const session of sessionsOf(core.sessions, query["clientId"])) {
    if (session.handler !== undefined) continue;
    if (session.subscriptionsSize === 0) continue;
    const { number } = session;
    const isOwner = session.clientId.toLowerCase().includes(wanted);
    let place = 0;
    for (const subscription of session.subscriptions.values()) {
      if (slices.isOver()) await slices.rest();
      place++;
      const { filter } = subscription;
      if (!isOwner && !filter.toLowerCase().includes(wanted)) continue;
      total++;
      const isBefore = number < afterSession ||
        number === afterSession && place <= afterPlace;
      if (isBefore) continue;
      if (items.length === limit) {
        hasMore = true;
        continue;
      }
      items.push(subscriptionJson(subscription));
      cursor = [number, place];
    }
  }
  return { items, total, next: hasMore ? cursorText(cursor) : null };
}

function sessionsOf(
  sessions: ReadonlyMap<string, ClientSession>,
  clientId: string | number | undefined,
): Iterable<ClientSession> {
  if (clientId === undefined) return sessions.values();
  const session = sessions.get(`${clientId}`);
  return session === undefined ? [] : [session];
}

/** What was sent comes first; the cursor is a place, as queues are moving. */
async function queueOf(host: ApiHost, session: ClientSession, query: Query) {
  const { core } = host;
  host.setClock();
  const [first = 0] = numbersOf(query["after"] as string | undefined) ?? [];
  const limit = query["limit"] as number;
  const sent = session.inflightSize === 0 ? [] : session.inflight.inOrder();
  const total = sent.length + session.backlogLength;
  const items = sent.slice(first, first + limit).map((entry) => ({
    ...deliveryJson(host, entry.delivery),
    state: entry.state === PUBCOMP_DUE ? "received" : "sent",
    packetId: entry.packetId,
  }));
  let place = Math.max(first - sent.length, 0);
  const end = Math.min(first + limit, total) - sent.length;
  while (place < end) {
    const here = session.backlog.at(place);
    const found = here === undefined
      ? await pageOf(host, session, place, end - place)
      : [here];
    if (found.length === 0) break;
    for (const delivery of found) {
      items.push(
        {
          ...deliveryJson(host, delivery),
          state: "waiting",
        } as typeof items[number],
      );
    }
    place += found.length;
  }
  const next = first + items.length;
  const hasMore = items.length > 0 && next < total &&
    core.sessions.get(session.clientId) === session;
  return { items, total, next: hasMore ? cursorText([next]) : null };
}

/** What waits on disk only. */
function pageOf(
  { core }: ApiHost,
  { clientId }: ClientSession,
  skip: number,
  max: number,
): Promise<readonly Delivery[]> {
  return new Promise((resolve) =>
    core.options.store.page(clientId, skip, max, (page) => resolve(page))
  );
}

/** What the client has already is not kept. */
function deliveryJson({ core }: ApiHost, delivery: Delivery | undefined) {
  const message = delivery?.message;
  return {
    topic: message?.topic ?? "",
    qos: delivery?.qos ?? 2,
    bytes: message?.payload.length ?? 0,
    expiresAt: moment(core, message?.expiresAtMs ?? Infinity),
  };
}
