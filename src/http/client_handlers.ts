/**
 * Clients that are connected: listed, told of, disconnected and kept out.
 *
 * Lists are in the order in which clients came, and the cursor is a number
 * that each of them keeps: whoever is there from the first page to the last
 * is listed once, whoever comes and goes meanwhile.
 *
 * @module
 */

import { banClient, disconnectClient } from "../broker/operator.ts";
import type { Connection } from "../broker/connection.ts";
import type { Asked, Handlers } from "./api.ts";
import { ApiFault, notFound } from "./api_fault.ts";
import type { ApiHost } from "./api_host.ts";
import { bansJson } from "./bans_json.ts";
import { clientJson, subscriptionJson } from "./client_json.ts";
import type { ClientKey } from "./client_sorts.ts";
import { sureMoment } from "./clock.ts";
import { cursorOf, cursorText, numbersOf } from "./page_cursor.ts";
import { done } from "./file_faults.ts";
import { Selection } from "./selection.ts";
import { Slices } from "./slices.ts";

/** Subscriptions of one client that are told with it. */
const SUBSCRIPTIONS_MAX = 1000;

type Name =
  | "listClients"
  | "getClient"
  | "disconnectClient"
  | "banClient"
  | "listBans"
  | "liftBan";

/** Their handlers. */
export function clientHandlers(host: ApiHost): Handlers<Name> {
  const { core, setClock, turn } = host;
  return {
    listClients: ({ query }) =>
      query["sort"] === undefined
        ? listClients(host, query)
        : sortClients(host, query),
    getClient: ({ names }) => getClient(host, names["clientId"]!),
    disconnectClient: ({ names }) => {
      const clientId = names["clientId"]!;
      let isDone = false;
      turn(() => isDone = disconnectClient(core, clientId));
      if (!isDone) throw notFound("client of this identifier");
    },
    banClient: ({ body, names }) => {
      const { seconds = 3600 } = body as { seconds?: number };
      return ban(host, names["clientId"]!, seconds);
    },
    listBans: () => {
      setClock();
      return bansJson(core);
    },
    liftBan: async ({ names }) => {
      setClock();
      if (!core.bans.delete(names["clientId"]!, core.nowMs)) {
        throw notFound("ban of this client");
      }
      done(await host.keepBans() ?? {});
    },
  };
}

type Query = Asked["query"];

async function listClients({ core, setClock }: ApiHost, query: Query) {
  setClock();
  const [after = 0] = numbersOf(query["after"] as string | undefined) ?? [];
  const limit = query["limit"] as number;
  const isWanted = matcher(query["filter"] as string | undefined);
  const slices = new Slices();
  const items = [];
  let last = 0;
  let total = 0;
  let hasMore = false;
  for (const connection of core.connections) {
    if (slices.isOver()) await slices.rest();
    if (connection.session === null || !isWanted(connection)) continue;
    total++;
    if (connection.number <= after) continue;
    if (items.length === limit) {
      hasMore = true;
      continue;
    }
    items.push(clientJson(core, connection));
    last = connection.number;
  }
  return { items, total, next: hasMore ? cursorText([last]) : null };
}

interface Entry {
  readonly connection: Connection;
  readonly value: number | string;
  readonly number: number;
}

/** A page of them in another order: values may change from page to page. */
async function sortClients({ core, setClock }: ApiHost, query: Query) {
  setClock();
  const sort = query["sort"] as string;
  const [key, sign] = sort.startsWith("-")
    ? [sort.slice(1) as ClientKey, -1]
    : [sort as ClientKey, 1];
  const compare = (one: Pick<Entry, "value" | "number">, other: Entry) =>
    sign * compared(one.value, other.value) || one.number - other.number;
  const after = placeOf(query["after"] as string | undefined);
  const isWanted = matcher(query["filter"] as string | undefined);
  const selection = new Selection<Entry>(query["limit"] as number, compare);
  const slices = new Slices();
  let total = 0;
  for (const connection of core.connections) {
    if (slices.isOver()) await slices.rest();
    if (connection.session === null || !isWanted(connection)) continue;
    total++;
    const value = READERS[key](connection);
    const entry = { connection, value, number: connection.number };
    if (after === undefined || compare(after, entry) < 0) selection.add(entry);
  }
  const entries = selection.first();
  const last = entries.at(-1);
  const isLast = !selection.hasMore || last === undefined;
  return {
    items: entries
      .filter(({ connection }) => connection.session !== null)
      .map(({ connection }) => clientJson(core, connection)),
    total,
    next: isLast ? null : cursorText([last.value, last.number]),
  };
}

function placeOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const [value, number] = cursorOf(text);
  if (value !== undefined && typeof number === "number") {
    return { value, number };
  }
  throw new ApiFault(400, "bad_cursor", "after is no `next` of this list");
}

function compared(one: number | string, other: number | string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const READERS: Readonly<
  Record<ClientKey, (connection: Connection) => number | string>
> = {
  clientId: ({ session }) => session!.clientId,
  userName: ({ session }) => session!.userName ?? "",
  address: ({ transport }) => transport.address,
  connectedAt: ({ openedMs }) => openedMs,
  subscriptions: ({ session }) => session!.subscriptionsSize,
  queued: ({ session }) => session!.backlogLength,
  queuedBytes: ({ queue, session }) => session!.backlogBytes + queue.bytes,
  inflight: ({ session }) => session!.inflightSize,
  dropped: ({ extras }) => extras.dropped,
  bytesIn: ({ bytesReceived }) => bytesReceived,
  bytesOut: ({ bytesSent }) => bytesSent,
  messagesIn: ({ publishReceived }) => publishReceived,
  messagesOut: ({ publishSent }) => publishSent,
};

/** Whether a client has a text in its names. */
function matcher(filter = ""): (connection: Connection) => boolean {
  if (filter === "") return () => true;
  const wanted = filter.toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  return ({ session, transport }) =>
    has(session!.clientId) || has(session!.userName ?? "") ||
    has(transport.address);
}

function getClient({ core, setClock }: ApiHost, clientId: string) {
  setClock();
  const connection = core.sessions.get(clientId)?.connection ?? null;
  if (connection === null) throw notFound("client of this identifier");
  const { session, will } = connection;
  const subscriptionList = [];
  if (session!.subscriptionsSize > 0) {
    for (const subscription of session!.subscriptions.values()) {
      if (subscriptionList.length === SUBSCRIPTIONS_MAX) break;
      subscriptionList.push(subscriptionJson(subscription));
    }
  }
  return {
    ...clientJson(core, connection),
    willTopic: will?.topic ?? null,
    subscriptionList,
  };
}

async function ban(host: ApiHost, clientId: string, seconds: number) {
  const { core, turn } = host;
  let untilMs = 0;
  let isDone = false;
  turn(() => {
    untilMs = core.nowMs + seconds * 1000;
    isDone = banClient(core, clientId, untilMs);
  });
  if (!isDone) throw new ApiFault(409, "too_many", "there are too many bans");
  const until = sureMoment(core, untilMs);
  done(await host.keepBans() ?? {});
  return { clientId, until };
}
