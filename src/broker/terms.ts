/**
 * What holds between a client and the broker: what CONNECT asks for, within
 * the broker's limits, and what CONNACK says of it (MQTT 5.0 sections 3.1.2.11
 * and 3.2.2.3).
 *
 * @module
 */

import type { Connect } from "../codec/connect.ts";
import type { Properties } from "../codec/properties.ts";
import { SentAliases } from "../session/topic_aliases.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { PACKET_BYTES_MOST, SESSION_EXPIRY_NEVER } from "./limit_table.ts";
import type { BrokerOptions } from "./options.ts";
import { isMetered } from "./rate.ts";

/** What holds when nothing is said. */
const RECEIVE_MAXIMUM_DEFAULT = 65_535;
/** The longest keep alive that there is. */
const KEEP_ALIVE_SECONDS_MOST = 65_535;

/** How a client is served. */
export interface Terms {
  /** Seconds between packets at most; 0 switches the check off. */
  readonly keepAliveSeconds: number;
  /** QoS 1 and 2 messages in flight to the client at most. */
  readonly inflightMax: number;
  /** Topic aliases towards the client at most. */
  readonly topicAliasMax: number;
  /** Seconds that the session outlives its connection. */
  readonly expirySeconds: number;
}

/** Seconds that the session outlives its connection. */
function expiryOf(
  { limits }: BrokerOptions,
  { level, cleanSession, properties }: Connect,
): number {
  const asked = level === 5
    ? properties.sessionExpirySeconds ?? 0
    : cleanSession
    ? 0
    : SESSION_EXPIRY_NEVER;
  return Math.min(asked, limits.sessionExpirySecondsMax);
}

/** Milliseconds for a Session Expiry Interval: section 3.1.2.11.2. */
export function expiryMsOf(expirySeconds: number): number {
  return expirySeconds === SESSION_EXPIRY_NEVER
    ? Infinity
    : expirySeconds * 1000;
}

/** The terms for a client that sent `connect`. */
export function termsOf({ options }: Core, connect: Connect): Terms {
  const { limits } = options;
  const { keepAliveSeconds, properties } = connect;
  const isTooPatient = keepAliveSeconds === 0 ||
    keepAliveSeconds > limits.keepAliveSecondsMax;
  const isCapped = limits.keepAliveSecondsMax < KEEP_ALIVE_SECONDS_MOST;
  return {
    keepAliveSeconds: isTooPatient && isCapped
      ? limits.keepAliveSecondsMax
      : keepAliveSeconds,
    inflightMax: Math.min(
      limits.inflightOutMax,
      properties.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT,
    ),
    topicAliasMax: Math.min(
      limits.topicAliasMax,
      properties.topicAliasMaximum ?? 0,
    ),
    expirySeconds: expiryOf(options, connect),
  };
}

/** From now on `connection` is served on these terms. */
export function applyTerms(
  connection: Connection,
  session: ClientSession,
  terms: Terms,
): void {
  const { mountPoint } = connection;
  connection.inflightMax = terms.inflightMax;
  connection.isMetered = isMetered(connection);
  // [MQTT-3.1.2-24]: one and a half times the keep alive.
  connection.keepAliveMs = terms.keepAliveSeconds * 1500;
  if (session.receivedSize > 0) {
    connection.ownExtras.receivedBefore = session.receivedSize;
  }
  if (terms.topicAliasMax > 0) {
    connection.ownExtras.sentAliases = new SentAliases(terms.topicAliasMax);
  }
  connection.takesSingly = terms.topicAliasMax > 0 ||
    mountPoint !== undefined ||
    connection.extras.packetBytesMax !== Infinity;
}

/** What CONNACK tells a 5.0 client; nothing to others. */
export function announced(
  { options }: Core,
  connect: Connect,
  clientId: string,
  terms: Terms,
): Properties {
  if (connect.level < 5) return {};
  const { features, limits, responseInformation } = options;
  const { properties: asked } = connect;
  const wantsResponses = asked.requestResponseInformation === true &&
    responseInformation !== "";
  return {
    ...(terms.expirySeconds !== (asked.sessionExpirySeconds ?? 0) &&
      { sessionExpirySeconds: terms.expirySeconds }),
    ...(limits.inflightInMax < RECEIVE_MAXIMUM_DEFAULT &&
      { receiveMaximum: limits.inflightInMax }),
    ...(features.maximumQos < 2 && { maximumQos: features.maximumQos }),
    ...(!features.retain && { retainAvailable: false }),
    ...(limits.packetBytesMax < PACKET_BYTES_MOST &&
      { maximumPacketSize: limits.packetBytesMax }),
    ...(connect.clientId === "" && { assignedClientId: clientId }),
    ...(limits.topicAliasMax > 0 &&
      { topicAliasMaximum: limits.topicAliasMax }),
    ...(!features.wildcards && { wildcardSubscriptionAvailable: false }),
    ...(!features.subscriptionIds && { subscriptionIdsAvailable: false }),
    ...(!features.sharedSubscriptions &&
      { sharedSubscriptionAvailable: false }),
    ...(terms.keepAliveSeconds !== connect.keepAliveSeconds &&
      { serverKeepAliveSeconds: terms.keepAliveSeconds }),
    ...(wantsResponses &&
      {
        responseInformation: responseInformation
          .replaceAll("%c", () => clientId),
      }),
  };
}
