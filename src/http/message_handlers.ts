/**
 * Messages: published, and those that topics retain. The cursor of a list is
 * the place of its walk through the tree of topics: whatever comes and goes,
 * what stays is listed once.
 *
 * @module
 */

import { publishLocal } from "../broker/local.ts";
import { forgetRetained } from "../broker/retain.ts";
import type { Message } from "../codec/message.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import type { QoS } from "../base/qos.ts";
import { filterFault, isSystemTopic } from "../topic/topic.ts";
import type { Asked, Handlers } from "./api.ts";
import { ApiFault, notFound } from "./api_fault.ts";
import type { ApiHost } from "./api_host.ts";
import { moment } from "./clock.ts";
import { cursorText, numbersOf } from "./page_cursor.ts";
import {
  cutPayload,
  type MessageOrder,
  payloadJson,
  payloadOf,
  propertiesJson,
  propertiesOf,
} from "./payload_json.ts";
import { Slices } from "./slices.ts";
import { countWalked, STEP_NODES, walkPage } from "./walk_page.ts";

/** What of a payload is shown in a list, bytes. */
const SHOWN_BYTES_MAX = 1024;
/** Messages that are forgotten in one turn. */
const FORGOTTEN_EACH = 64;

type Name =
  | "publish"
  | "listRetained"
  | "deleteRetained"
  | "getRetained"
  | "setRetained"
  | "forgetRetained";

/** What is to be published. */
interface Order extends MessageOrder {
  readonly qos?: QoS;
  readonly retain?: boolean;
}

/** Their handlers. */
export function messageHandlers(host: ApiHost): Handlers<Name> {
  const { core } = host;
  return {
    publish: ({ body }) => {
      const order = body as Order & { topic: string };
      return publish(host, order.topic, order);
    },
    listRetained: ({ query }) => listRetained(host, query),
    deleteRetained: ({ query }) => deleteRetained(host, filterOf(query)),
    getRetained: ({ names }) => {
      host.setClock();
      const message = core.retained.get(names["topic"]!);
      if (message === undefined) throw notFound("message of this topic");
      return {
        ...retainedJson(host, message),
        ...payloadJson(message.payload),
        properties: propertiesJson(message),
      };
    },
    setRetained: ({ body, names }) => {
      const order = body as Order;
      if (payloadOf(order).length === 0) {
        const message = "an empty message is not retained; DELETE forgets one";
        throw new ApiFault(400, "bad_request", message);
      }
      return publish(host, names["topic"]!, { ...order, retain: true });
    },
    forgetRetained: ({ names }) => {
      const topic = names["topic"]!;
      assertOthers(topic);
      let isGone = false;
      host.turn(() => isGone = forgetRetained(core, topic));
      if (!isGone) throw notFound("message of this topic");
    },
  };
}

type Query = Asked["query"];

/** The topic filter that was asked for. */
export function filterOf(query: Query): string {
  const filter = query["filter"] as string | undefined ?? "#";
  const fault = filterFault(filter);
  if (fault === undefined) return filter;
  throw new ApiFault(400, "bad_filter", `the filter is not good: ${fault}`);
}

/** What the broker tells of itself is its own. */
function assertOthers(topic: string): void {
  if (!isSystemTopic(topic)) return;
  throw new ApiFault(400, "bad_topic", "$SYS is the broker's own");
}

function publish(host: ApiHost, topic: string, order: Order) {
  const { core } = host;
  const { features, limits } = core.options;
  const { qos = 0, retain = false } = order;
  const payload = payloadOf(order);
  assertOthers(topic);
  if (qos > features.maximumQos || retain && !features.retain) {
    const message = "that QoS, or RETAIN, is switched off";
    throw new ApiFault(400, "switched_off", message);
  }
  if (payload.length > limits.packetBytesMax) {
    const most = `${limits.packetBytesMax} bytes`;
    throw new ApiFault(413, "too_long", `a payload is at most ${most}`);
  }
  const properties = propertiesOf(order);
  let matched = 0;
  try {
    host.turn(() => {
      matched = core.router.routeOf(topic).targets.length;
      publishLocal(core, topic, payload, qos, retain, properties);
    });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ApiFault(400, "bad_topic", error.message);
  }
  return { matched };
}

async function listRetained(host: ApiHost, query: Query) {
  const { retained } = host.core;
  host.setClock();
  const filter = filterOf(query);
  const limit = query["limit"] as number;
  const after = numbersOf(query["after"] as string | undefined) ?? [];
  const { items, next } = await walkPage(
    retained.walk(filter),
    after,
    limit,
    ({ message }) =>
      message && {
        ...retainedJson(host, message),
        ...cutPayload(message.payload, SHOWN_BYTES_MAX),
      },
  );
  const total = filter === "#"
    ? retained.size
    : await countWalked(retained.walk(filter), () => true);
  return { items, total, next: next === undefined ? null : cursorText(next) };
}

async function deleteRetained(host: ApiHost, filter: string) {
  const { core } = host;
  assertOthers(filter);
  const slices = new Slices();
  const walk = core.retained.walk(filter);
  let deleted = 0;
  while (!walk.isDone) {
    host.turn(() => {
      for (let i = 0; i < FORGOTTEN_EACH && !walk.isDone; i++) {
        const message = walk.next({ nodesLeft: STEP_NODES })?.message;
        if (message === undefined) continue;
        if (forgetRetained(core, message.topic)) deleted++;
      }
    });
    if (slices.isOver()) await slices.rest();
  }
  return { deleted };
}

function retainedJson({ core }: ApiHost, message: Message) {
  const { expiresAtMs, payload, properties, qos, topic } = message;
  return {
    topic,
    qos,
    bytes: payload.length,
    expiresAt: moment(core, expiresAtMs),
    contentType: properties.contentType ?? null,
  };
}
