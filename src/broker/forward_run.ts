/**
 * Forwards a run of QoS 0 messages to all its targets: to most of them as
 * one piece of memory.
 *
 * @module
 */

import { PLAIN_GRANTS } from "../topic/subscription.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { deliverTo, hasRoomForQos0, mayHaveToWait } from "./deliver.ts";
import { CLEAR, congest } from "./flow.ts";
import { Publication } from "./publication.ts";
import { REFERENCE_BYTES_MIN } from "./send.ts";
import { countSent } from "./traffic.ts";

/** Forwards the run, if there is one, and empties it. */
export function flushRun(core: Core, publisher: Connection): void {
  const { run } = core;
  if (!run.active) return;
  try {
    forwardRun(core, publisher);
  } finally {
    run.clear(core.pool);
  }
}

function forwardRun(core: Core, publisher: Connection): void {
  const { run } = core;
  const { count } = run;
  const targets = run.targets!;
  core.longTurns.deliveries += targets.length;
  let receivers = 0;
  for (let i = 0; i < targets.length; i++) {
    const { subscriber } = targets[i]!;
    const { connection } = subscriber;
    if (
      connection === null || connection.takesSingly ||
      mayHaveToWait(core, subscriber)
    ) {
      deliverSingly(core, publisher, subscriber);
      continue;
    }
    if (connection.flow !== CLEAR && !hasRoomForQos0(core, connection)) {
      core.counters.droppedSlowClient += count;
      connection.ownExtras.dropped += count;
      continue;
    }
    receivers++;
    connection.publishSent += count;
    if (connection.isV5 !== run.isV5) {
      const translated = run.translated();
      connection.queue.append(translated, 0, translated.length);
    } else if (run.length < REFERENCE_BYTES_MIN) {
      connection.queue.append(run.bytes, run.start, run.end);
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
    countSent(connection, sent);
    start += sent;
    if (start === run.end) return;
  }
  if (run.isOwned) queue.appendReference(run.bytes, start, run.end);
  else if (run.targets!.length === 1) queue.append(run.bytes, start, run.end);
  else queue.appendShared(run.shared(core.pool), start - run.start);
  const isOfLarge = run.length >= run.count * REFERENCE_BYTES_MIN;
  if (isOfLarge) core.flushEarly(connection);
}

/** Takes the run apart again, for a target that wants single messages. */
function deliverSingly(
  core: Core,
  publisher: Connection,
  session: ClientSession,
): void {
  const { run, nowMs } = core;
  const isAway = session.connection === null && session.handler === undefined;
  if (isAway && !core.options.queueQos0) {
    core.counters.droppedOffline += run.count;
    return;
  }
  const grant = PLAIN_GRANTS[0];
  const publication = new Publication();
  run.forEach(() => {
    publication.begin(run.isV5, nowMs);
    deliverTo(core, publisher, publication, session, grant, "");
  }, publication);
}
