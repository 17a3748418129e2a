/**
 * Wills, from CONNECT until they are published or dropped. What all of them
 * take is counted: each may be almost as large as a CONNECT packet, and one
 * that is delayed outlives its connection. When one is due is for
 * `broker/disconnect.ts` and, if it is delayed, for `broker/away.ts` to say.
 *
 * @module
 */

import { utf8Length } from "../base/utf8.ts";
import type { Will } from "../codec/connect.ts";
import { makeMessage } from "../codec/message.ts";
import { allowsPublish, tellDenied } from "./access.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { publishMessage } from "./handle_publish.ts";

/** Memory that a will takes beside its bytes, and a property pair, about. */
const WILL_BYTES = 400;
const PAIR_BYTES = 100;

/** Keeps `will` for `connection`; false when all take too much with it. */
export function keepWill(connection: Connection, will: Will): boolean {
  const { core } = connection;
  const bytes = core.willBytes + bytesOf(will);
  if (bytes > core.options.limits.willBytesMax) return false;
  core.willBytes = bytes;
  connection.will = will;
  return true;
}

/** A will that a store has kept. */
export function countWill(core: Core, will: Will): void {
  core.willBytes += bytesOf(will);
}

/** The will of `connection`, which has it no more, is still counted. */
export function moveWill(connection: Connection): Will | undefined {
  const { will } = connection;
  connection.will = undefined;
  return will;
}

/** Drops the will of `connection`, if it has one. */
export function dropWill(connection: Connection): void {
  const will = moveWill(connection);
  if (will !== undefined) uncountWill(connection.core, will);
}

/**
 * Publishes the will of `session`, if that still may, and lets go of it. Its
 * life, if it has an end, begins now.
 */
export function publishWill(
  core: Core,
  session: ClientSession,
  will: Will,
): void {
  uncountWill(core, will);
  const { topic, payload, qos, properties } = will;
  if (!allowsPublish(session.rights, topic)) {
    tellDenied(core, session.clientId, topic);
    return;
  }
  core.counters.willsPublished++;
  const message = makeMessage(topic, payload, qos, properties, core.nowMs);
  publishMessage(core, session, message, will.retain);
}

/** `will` is over. */
export function uncountWill(core: Core, will: Will): void {
  core.willBytes -= bytesOf(will);
}

function bytesOf({ topic, payload, properties }: Will): number {
  const { contentType, correlationData, responseTopic } = properties;
  let bytes = WILL_BYTES + utf8Length(topic) + payload.length +
    utf8Length(contentType ?? "") + utf8Length(responseTopic ?? "") +
    (correlationData?.length ?? 0);
  for (const [name, value] of properties.userProperties ?? []) {
    bytes += PAIR_BYTES + utf8Length(name) + utf8Length(value);
  }
  return bytes;
}
