/**
 * PUBLISH from a client: MQTT 3.1.1 sections 3.3 and 4.3.
 *
 * @module
 */

import { Framer } from "../codec/framer.ts";
import type { Message } from "../codec/message.ts";
import { PUBACK, PUBREC } from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { readPublish } from "../codec/publish.ts";
import { RECEIVE_MAXIMUM_EXCEEDED } from "../codec/reason_code.ts";
import type { Route, Targets } from "../router/route.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { deliver, deliverAway, hasRoomForQos0, mustWait } from "./deliver.ts";
import { CLEAR, congest } from "./flow.ts";
import { Publication } from "./publication.ts";
import { REFERENCE_BYTES_MIN, sendAcknowledgement } from "./send.ts";

/** Large messages leave before their chunk's end when there is this much. */
const EARLY_BYTES_MIN = 2 * REFERENCE_BYTES_MIN;

/**
 * Routes the PUBLISH that `framer` found. A QoS 0 message joins the run of
 * those before it where it can; the caller flushes the run before anything
 * else is handled.
 */
export function handlePublish(connection: Connection, framer: Framer): void {
  const { core } = connection;
  const { publication, run } = core;
  readPublish(
    framer.bytes,
    framer.start,
    framer.body,
    framer.end,
    publication,
  );
  core.counters.publishReceived++;
  const { bytes, topicAt, topicEnd, qos } = publication;
  const route = core.router.route(bytes, topicAt + 2, topicEnd, run.route);
  if (
    qos === 0 && !publication.retain &&
    core.options.hooks.onPublish === undefined
  ) {
    if (!run.extend(route, publication)) {
      flushRun(core, connection);
      run.begin(route, publication);
    }
    if (publication.payloadLength >= REFERENCE_BYTES_MIN) {
      run.isOwned = framer.isOwned;
      if (run.isOwned || run.length >= EARLY_BYTES_MIN) {
        flushRun(core, connection);
      }
    }
    return;
  }
  flushRun(core, connection);
  publication.begin();
  if (qos === 2 && isRepeated(connection, publication.packetId)) return;
  spread(core, connection, publication, route, publication.retain);
  if (qos === 1) {
    sendAcknowledgement(connection, PUBACK, publication.packetId);
  } else if (qos === 2) {
    sendAcknowledgement(connection, PUBREC, publication.packetId);
  }
}

/** QoS 2: answers a repetition; remembers what is none [MQTT-4.3.3-2]. */
function isRepeated(connection: Connection, packetId: number): boolean {
  const { core } = connection;
  const session = connection.session!;
  if (session.received.has(packetId)) {
    sendAcknowledgement(connection, PUBREC, packetId);
    return true;
  }
  if (session.received.size >= core.options.limits.inflightInMax) {
    throw new ProtocolError(
      RECEIVE_MAXIMUM_EXCEEDED,
      "too many QoS 2 messages that are not released",
    );
  }
  session.received.add(packetId);
  if (session.persistent) core.journal?.idReceived(session.clientId, packetId);
  return false;
}

/**
 * Publishes an owned message: a will, or one from inside of the process.
 *
 * @throws {ProtocolError} When the topic is malformed or above a limit.
 */
export function publishMessage(
  core: Core,
  publisher: Connection | null,
  message: Message,
  retain: boolean,
): void {
  // Not the broker's own: a client may be lost, and its will go out, while
  // that one is in use.
  const publication = new Publication();
  publication.show(message);
  const route = core.router.route(message.bytes, 2, message.topicEnd, null);
  spread(core, publisher, publication, route, retain);
}

function spread(
  core: Core,
  publisher: Connection | null,
  publication: Publication,
  route: Route<ClientSession>,
  retain: boolean,
): void {
  core.options.hooks.onPublish?.({
    clientId: publisher?.session?.clientId,
    topic: route.topic,
    payload: publication.message.payload,
    qos: publication.qos,
    retain,
  });
  if (retain) keepRetained(core, publication, route.topic);
  deliver(core, publisher, publication, route);
}

/** [MQTT-3.3.1-5], [MQTT-3.3.1-10], [MQTT-3.3.1-11]. */
function keepRetained(
  core: Core,
  publication: Publication,
  topic: string,
): void {
  if (publication.payloadLength === 0) {
    if (core.retained.delete(topic)) core.journal?.retainedCleared(topic);
    return;
  }
  const { message } = publication;
  if (core.retained.set(topic, message)) {
    core.journal?.retained(topic, message);
    return;
  }
  core.journal?.retainedCleared(topic);
  core.counters.retainedRefused++;
  core.log("warn", "retained_full", "a message is not retained", {
    topic,
    retained: core.retained.size,
    retained_bytes: core.retained.bytes,
  });
}

/** Forwards the run, if there is one, and empties it. */
export function flushRun(core: Core, publisher: Connection): void {
  const { run } = core;
  if (!run.active) return;
  try {
    forwardRun(core, run.targets!, publisher);
  } finally {
    run.clear(core.pool);
  }
}

function forwardRun(
  core: Core,
  targets: Targets<ClientSession>,
  publisher: Connection,
): void {
  const { bytes, start, end, count } = core.run;
  let receivers = 0;
  for (let i = 0; i < targets.length; i++) {
    const { subscriber } = targets[i]!;
    const { connection } = subscriber;
    if (connection === null || mustWait(core, subscriber)) {
      deliverSingly(core, bytes.subarray(start, end), count, subscriber);
      continue;
    }
    if (connection.flow !== CLEAR && !hasRoomForQos0(core, connection)) {
      core.counters.droppedSlowClient += count;
      continue;
    }
    receivers++;
    if (end - start < REFERENCE_BYTES_MIN) {
      connection.queue.append(bytes, start, end);
    } else sendLargeRun(core, connection);
    if (!connection.dirty) core.markDirty(connection);
    if (connection.queue.bytes >= core.options.limits.writeQueueHighBytes) {
      congest(core, connection, publisher);
    }
  }
  core.counters.publishSent += receivers * count;
}

/**
 * Sends or queues a run of which a copy for each target would cost: at once
 * where the socket can, then from memory that all targets share.
 */
function sendLargeRun(core: Core, connection: Connection): void {
  const { run } = core;
  const { queue, transport } = connection;
  let { start } = run;
  if (queue.bytes === 0 && transport.sendNow !== undefined) {
    const sent = transport.sendNow(run.bytes, start, run.end);
    core.counters.bytesSent += sent;
    start += sent;
    if (start === run.end) return;
  }
  if (run.isOwned) queue.appendReference(run.bytes, start, run.end);
  else if (run.targets!.length === 1) queue.append(run.bytes, start, run.end);
  else queue.appendShared(run.shared(core.pool), start - run.start);
  const isOfLarge = run.length >= run.count * REFERENCE_BYTES_MIN;
  if (isOfLarge) core.flushEarly(connection);
}

/** Takes a run apart again, for a target that wants single messages. */
function deliverSingly(
  core: Core,
  bytes: Uint8Array,
  count: number,
  session: ClientSession,
): void {
  if (session.handler === undefined && !core.options.queueQos0) {
    core.counters.droppedOffline += count;
    return;
  }
  // Not the broker's own: it shows the message behind the run by now.
  const publication = new Publication();
  const framer = new Framer(bytes.length);
  framer.feed(bytes, bytes.length);
  while (framer.next()) {
    readPublish(
      framer.bytes,
      framer.start,
      framer.body,
      framer.end,
      publication,
    );
    publication.begin();
    deliverAway(core, session, publication, 0);
  }
}
