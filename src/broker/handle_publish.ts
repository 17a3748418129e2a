/**
 * PUBLISH from a client: MQTT 3.1.1 and 5.0 sections 3.3 and 4.3.
 *
 * @module
 */

import { encodeAcknowledgement5 } from "../codec/acknowledgement.ts";
import type { Framer } from "../codec/framer.ts";
import type { Message } from "../codec/message.ts";
import { PUBACK, PUBREC } from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { readPublish } from "../codec/publish.ts";
import {
  NO_MATCHING_SUBSCRIBERS,
  NOT_AUTHORIZED,
  QUOTA_EXCEEDED,
  RECEIVE_MAXIMUM_EXCEEDED,
  SUCCESS,
} from "../codec/reason_code.ts";
import type { EndCause } from "../metrics/end_cause.ts";
import type { Route } from "../router/route.ts";
import { mayPublish } from "./access.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { deliver } from "./deliver.ts";
import { flushRun } from "./forward_run.ts";
import { takeAlike, takeAlikeAliased } from "./alike.ts";
import { isRefused, QUEUE_FULL } from "./overflow.ts";
import { Publication } from "./publication.ts";
import { checkPublish, settleTopic } from "./publish_rules.ts";
import { keepRetained } from "./retain.ts";
import { unkeepable } from "./store_trouble.ts";
import {
  REFERENCE_BYTES_MIN,
  sendAcknowledgement,
  sendExplained,
} from "./send.ts";

/** Large messages leave before their chunk's end when there is this much. */
const EARLY_BYTES_MIN = 2 * REFERENCE_BYTES_MIN;

/**
 * Routes the PUBLISH that `framer` found. A QoS 0 message joins the run of
 * those before it where it can; the caller flushes the run before anything
 * else is handled.
 */
export function handlePublish(connection: Connection, framer: Framer): void {
  const { core, isV5 } = connection;
  const { publication, run } = core;
  readPublish(
    framer.bytes,
    framer.start,
    framer.body,
    framer.end,
    connection.level,
    publication,
  );
  core.counters.publishReceived++;
  const headLength = publication.payloadAt - publication.frameAt;
  const { mountPoint } = connection;
  const isRewritten = publication.topicAlias > 0 || mountPoint !== undefined;
  const words = isRewritten ? publication.words : undefined;
  if (isRewritten) settleTopic(connection, publication);
  const problem = core.hasPublishRules
    ? checkPublish(connection, publication)
    : SUCCESS;
  const { bytes, topicAt, topicEnd, qos } = publication;
  const route = core.router.route(bytes, topicAt + 2, topicEnd, run.route);
  if (!mayPublish(core, connection.session!, route)) {
    flushRun(core, connection);
    refusePublish(connection, publication, NOT_AUTHORIZED);
    return;
  }
  if (
    qos === 0 && !publication.retain && route.takesRuns &&
    core.options.hooks.onPublish === undefined
  ) {
    if (!run.extend(route, publication)) {
      flushRun(core, connection);
      run.begin(route, publication, isV5);
    }
    if (publication.payloadLength >= REFERENCE_BYTES_MIN) {
      run.isOwned = framer.isOwned && !isRewritten;
      if (run.isOwned || run.length >= EARLY_BYTES_MIN) {
        flushRun(core, connection);
      }
    } else if (core.hasPublishRules) return;
    else if (words === undefined) takeAlike(core, framer, headLength);
    else takeAlikeAliased(core, framer, headLength, words);
    return;
  }
  flushRun(core, connection);
  publication.begin(isV5, core.nowMs);
  handleSingle(connection, publication, route, problem);
}

/** Routes a message that joins no run, and acknowledges it. */
function handleSingle(
  connection: Connection,
  publication: Publication,
  route: Route<ClientSession>,
  problem: number,
): void {
  const { core } = connection;
  const { packetId, qos } = publication;
  if (problem !== SUCCESS) {
    refusePublish(connection, publication, problem);
    return;
  }
  const trouble = unkeepable(connection, publication, route);
  if (trouble !== undefined) {
    refuseUnkept(connection, publication, "store_trouble", trouble);
    return;
  }
  if (isRefused(connection, publication, route.targets)) {
    refuseUnkept(connection, publication, "queue_full", QUEUE_FULL);
    return;
  }
  if (qos === 2 && isRepeated(connection, packetId)) return;
  spread(core, connection.session, publication, route);
  if (qos === 0) return;
  const reason = route.targets.length === 0 ? NO_MATCHING_SUBSCRIBERS : SUCCESS;
  const type = qos === 1 ? PUBACK : PUBREC;
  sendAcknowledgement(connection, type, packetId, reason);
}

/**
 * A message that is not routed. 5.0 clients are told why; others know no
 * word for it and get the acknowledgement that they wait for [MQTT-3.3.5-2].
 */
function refusePublish(
  connection: Connection,
  { packetId, qos }: Publication,
  reason: number,
  detail: string = REFUSALS[reason] ??
    "a payload that is not the UTF-8 it says it is",
): void {
  if (qos === 0) return;
  const type = qos === 1 ? PUBACK : PUBREC;
  // It was good when it came first, and has been routed.
  const isRouted = qos === 2 && connection.session!.received.has(packetId);
  if (!connection.isV5 || isRouted) {
    sendAcknowledgement(connection, type, packetId);
    return;
  }
  sendExplained(
    connection,
    detail,
    (properties) =>
      encodeAcknowledgement5({ type, packetId, reason, properties }),
  );
}

const REFUSALS: Readonly<Record<number, string>> = {
  [NOT_AUTHORIZED]: "no right to publish on this topic",
};

/** Before 5.0 there is no word for it, and an acknowledgement would lie. */
function refuseUnkept(
  connection: Connection,
  publication: Publication,
  cause: EndCause,
  why: string,
): void {
  if (connection.isV5) {
    refusePublish(connection, publication, QUOTA_EXCEEDED, why);
  } else connection.close(cause, `it has published, and ${why}`);
}

/** QoS 2: answers a repetition; remembers what is none [MQTT-4.3.3-2]. */
function isRepeated(connection: Connection, packetId: number): boolean {
  const { core } = connection;
  const session = connection.session!;
  if (session.received.has(packetId)) {
    sendAcknowledgement(connection, PUBREC, packetId);
    return true;
  }
  const { receivedBefore } = connection.extras;
  // A client that comes back begins to count anew: 5.0 section 4.9.
  const most = core.options.limits.inflightInMax + receivedBefore;
  if (session.received.size >= most) {
    // [MQTT5-3.3.4-8]
    throw new ProtocolError(
      RECEIVE_MAXIMUM_EXCEEDED,
      "too many QoS 2 messages that are not released",
    );
  }
  session.received.add(packetId);
  if (session.isStored) core.journal?.idReceived(session.clientId, packetId);
  return false;
}

/**
 * Publishes an owned message: a will, or one from inside of the process.
 *
 * @param author Whose will it is.
 * @throws {ProtocolError} When the topic is malformed or above a limit.
 */
export function publishMessage(
  core: Core,
  author: ClientSession | null,
  message: Message,
  retain: boolean,
): void {
  // Not the broker's own: a client may be lost, and its will go out, while
  // that one is in use.
  const publication = new Publication();
  publication.show(message);
  publication.retain = retain;
  const route = core.router.route(message.bytes, 2, message.topicEnd, null);
  spread(core, author, publication, route);
}

function spread(
  core: Core,
  author: ClientSession | null,
  publication: Publication,
  route: Route<ClientSession>,
): void {
  const { retain } = publication;
  if (core.options.hooks.onPublish !== undefined) {
    const { message } = publication;
    core.options.hooks.onPublish({
      clientId: author?.clientId,
      topic: route.topic,
      payload: message.payload,
      qos: publication.qos,
      retain,
      properties: message.properties,
    });
  }
  if (retain) {
    keepRetained(core, publication, route.topic, author?.clientId);
  }
  deliver(core, author, publication, route.targets);
}
