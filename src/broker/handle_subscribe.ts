/**
 * SUBSCRIBE: sections 3.8 and 3.9 of MQTT 3.1.1 and 5.0.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import {
  NOT_AUTHORIZED,
  PROTOCOL_ERROR,
  QUOTA_EXCEEDED,
  SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
  SUBSCRIPTION_IDS_NOT_SUPPORTED,
  TOPIC_FILTER_INVALID,
  WILDCARDS_NOT_SUPPORTED,
} from "../codec/reason_code.ts";
import { encodeSuback } from "../codec/suback.ts";
import { readSubscribe, type SubscribeEntry } from "../codec/subscribe.ts";
import {
  isShared,
  sharedFilterOf,
  subscriptionFault,
} from "../topic/shared_filter.ts";
import {
  type Grant,
  PLAIN_GRANTS,
  type Subscription,
} from "../topic/subscription.ts";
import { filterLimitFault, hasWildcard } from "../topic/topic.ts";
import { clientInfo } from "./client_info.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession } from "./core.ts";
import { pump } from "./pump.ts";
import { sendAnswer } from "./send.ts";
import { hasRoomFor, regrant, subscribe } from "./sessions.ts";
import { storeTrouble } from "./store_trouble.ts";

const NO_IDS: readonly number[] = [];

/** What became of one filter. */
interface Outcome {
  /** The granted QoS, or why not. */
  readonly reasonCode: number;
  /** Whether there was no such subscription before. */
  readonly isNew: boolean;
  /** What is granted; undefined when nothing is. */
  readonly subscription: Subscription<ClientSession> | undefined;
  /** Why nothing is granted, in words; else empty. */
  readonly detail: string;
  /** Whether the store is why. */
  readonly isTrouble?: true;
}

/** Why a filter is not granted, in words. */
interface Refusal {
  readonly reasonCode: number;
  readonly detail: string;
  /** Whether the store is why. */
  readonly isTrouble?: true;
}

/** Grants or refuses each filter, answers, sends retained messages. */
export function handleSubscribe(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { level } = connection;
  const { packetId, entries, properties } = readSubscribe(
    bytes,
    at,
    end,
    level,
  );
  const { mountPoint } = connection;
  const ids = properties.subscriptionIds ?? NO_IDS;
  for (const entry of entries) {
    checkEntry(connection, entry, ids);
    if (mountPoint !== undefined) {
      entry.filter = mountPoint.filter(entry.filter);
    }
  }
  // As if they had come one by one [MQTT-3.8.4-4] (5.0: 3.8.4-5).
  const outcomes = entries.map((entry) => grantOne(connection, entry, ids));
  if (level === 3 && isUntold(connection, outcomes)) return;
  const reasonCodes = outcomes.map(({ reasonCode, subscription }, index) =>
    subscription === undefined && level === 3 ? entries[index]!.qos : reasonCode
  );
  const why = outcomes.find(({ detail }) => detail !== "")?.detail ?? "";
  sendAnswer(
    connection,
    why,
    (properties) => encodeSuback({ packetId, reasonCodes, properties }, level),
  );
  for (const [index, { subscription, isNew }] of outcomes.entries()) {
    const { retainHandling } = entries[index]!;
    // 5.0 section 3.8.3.1: [MQTT5-3.3.1-9], [MQTT5-3.3.1-10]
    const isWanted = retainHandling === 0 || (retainHandling === 1 && isNew);
    if (subscription !== undefined && isWanted) {
      feedRetained(connection, subscription);
    }
  }
}

/**
 * Whether a refusal can't be told and has ended the connection. MQTT 3.1 has
 * no word for one: who may not read gets the "positive acknowledgement" of its
 * section 3.8; for all else that would be a promise which is not kept.
 */
function isUntold(
  connection: Connection,
  outcomes: readonly Outcome[],
): boolean {
  const untold = outcomes.find(({ reasonCode, subscription }) =>
    subscription === undefined && reasonCode !== NOT_AUTHORIZED
  );
  if (untold === undefined) return false;
  const { detail, isTrouble, reasonCode } = untold;
  if (!isTrouble) throw new ProtocolError(reasonCode, detail);
  connection.close("store_trouble", `it has subscribed, and ${detail}`);
  return true;
}

function checkEntry(
  connection: Connection,
  { filter, noLocal }: SubscribeEntry,
  subscriptionIds: readonly number[],
): void {
  const fault = subscriptionFault(filter);
  if (fault !== undefined) throw new ProtocolError(PROTOCOL_ERROR, fault);
  if (noLocal && isShared(filter)) {
    // [MQTT5-3.8.3-4]
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "No Local on a shared subscription",
    );
  }
  if (!connection.isV5) return;
  // CONNACK has told: 5.0 sections 3.2.2.3.11 to 3.2.2.3.13.
  const refusal = featureRefusal(connection, filter, subscriptionIds);
  if (refusal === undefined) return;
  throw new ProtocolError(refusal.reasonCode, refusal.detail);
}

function grantOne(
  connection: Connection,
  entry: SubscribeEntry,
  subscriptionIds: readonly number[],
): Outcome {
  const { core } = connection;
  const session = connection.session!;
  const { filter } = entry;
  const known = session.subscriptions.get(filter);
  const refusal = featureRefusal(connection, filter, subscriptionIds) ??
    rightsRefusal(connection, filter) ??
    (known === undefined ? limitRefusal(connection, filter) : undefined);
  if (refusal !== undefined) {
    core.log("warn", "subscription_refused", refusal.detail, {
      client_id: session.clientId,
      filter,
    });
    return { ...refusal, isNew: false, subscription: undefined };
  }
  const grant = grantOf(connection, entry, subscriptionIds);
  if (known !== undefined) regrant(core, known, grant); // [MQTT-3.8.4-3]
  const subscription = known ?? subscribe(core, session, filter, grant);
  if (session.isStored) {
    core.journal?.subscribed(session.clientId, filter, grant);
  }
  core.options.hooks.onSubscribe?.(
    clientInfo(connection),
    filter,
    grant.qos,
  );
  const isNew = known === undefined;
  return { reasonCode: grant.qos, isNew, subscription, detail: "" };
}

function grantOf(
  { core }: Connection,
  { qos: asked, noLocal, retainAsPublished }: SubscribeEntry,
  subscriptionIds: readonly number[],
): Grant {
  const { maximumQos } = core.options.features;
  const qos = asked < maximumQos ? asked : maximumQos;
  const isPlain = !noLocal && !retainAsPublished &&
    subscriptionIds.length === 0;
  if (isPlain) return PLAIN_GRANTS[qos];
  return { qos, noLocal, retainAsPublished, subscriptionIds };
}

/** What is switched off [MQTT-3.8.3-2]; 5.0 goes on to call it an error. */
function featureRefusal(
  { core }: Connection,
  filter: string,
  subscriptionIds: readonly number[],
): Refusal | undefined {
  const { features } = core.options;
  if (!features.sharedSubscriptions && isShared(filter)) {
    const detail = "shared subscriptions are switched off";
    return { reasonCode: SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, detail };
  }
  if (!features.wildcards && hasWildcard(filter)) {
    const detail = "wildcards are switched off";
    return { reasonCode: WILDCARDS_NOT_SUPPORTED, detail };
  }
  if (!features.subscriptionIds && subscriptionIds.length > 0) {
    const detail = "subscription identifiers are switched off";
    return { reasonCode: SUBSCRIPTION_IDS_NOT_SUPPORTED, detail };
  }
  return undefined;
}

/** A filter of which the client may read nothing. */
function rightsRefusal(
  { core, session }: Connection,
  filter: string,
): Refusal | undefined {
  const { rights } = session!;
  if (rights.reach(sharedFilterOf(filter) ?? filter) !== "none") {
    return undefined;
  }
  core.counters.subscribeDenied++;
  const detail = "no right to read what this filter matches";
  return { reasonCode: NOT_AUTHORIZED, detail };
}

function limitRefusal(
  { core, session }: Connection,
  filter: string,
): Refusal | undefined {
  const { limits } = core.options;
  const trouble = session!.isStored ? storeTrouble(core) : undefined;
  if (trouble !== undefined) {
    core.counters.storeRefused++;
    return { reasonCode: QUOTA_EXCEEDED, detail: trouble, isTrouble: true };
  }
  if (session!.subscriptions.size >= limits.subscriptionsMax) {
    const detail =
      `more than ${limits.subscriptionsMax} subscriptions of a client`;
    return { reasonCode: QUOTA_EXCEEDED, detail };
  }
  if (core.subscriptionCount >= limits.subscriptionsTotalMax) {
    const detail =
      `more than ${limits.subscriptionsTotalMax} subscriptions in all`;
    return { reasonCode: QUOTA_EXCEEDED, detail };
  }
  const detail = filterLimitFault(filter, limits);
  if (detail === undefined && !hasRoomFor(core, filter)) {
    const detail = "the filters of all subscriptions take more than " +
      `${limits.subscriptionsBytesMax} bytes`;
    return { reasonCode: QUOTA_EXCEEDED, detail };
  }
  return detail === undefined
    ? undefined
    : { reasonCode: TOPIC_FILTER_INVALID, detail };
}

/**
 * [MQTT-3.3.1-6], [MQTT-3.3.1-8]: on each subscribe, with RETAIN set. What is
 * found soon goes out at once.
 */
function feedRetained(
  connection: Connection,
  subscription: Subscription<ClientSession>,
): void {
  const { core } = connection;
  const { retained, totals } = core;
  // 5.0 section 4.8.2: none to a shared subscription.
  if (retained.isEmpty || isShared(subscription.filter)) return;
  if (totals.retainedPending >= core.options.limits.retainedPendingMax) {
    core.counters.retainedPendingDropped++;
    return;
  }
  connection.session!.feed.push(subscription, retained);
  pump(core, connection);
}
