/**
 * Back-pressure. A client is *congested* when more waits for it than its
 * high-water mark. Its publishers are then not read from, for a bounded
 * time; after that the client is *slow* and loses QoS 0 messages until it
 * has caught up, while QoS 1 and 2 wait in its session.
 *
 * ```text
 *            above high water            publisherPauseMs over
 *   CLEAR ────────────────────► CONGESTED ───────────────────► SLOW
 *     ▲                            │                            │
 *     └────────────────────────────┴──── below low water ───────┘
 * ```
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";

/** All is well. */
export const CLEAR = 0;
/** Too much waits; publishers wait too. */
export const CONGESTED = 1;
/** Too much has waited for too long; QoS 0 is dropped. */
export const SLOW = 2;

/** The state of a client that receives. */
export type Flow = 0 | 1 | 2;

/** Whether more waits for `connection` than its high-water mark. */
export function isAboveHigh(core: Core, connection: Connection): boolean {
  const { limits } = core.options;
  const session = connection.session;
  return connection.queue.bytes >= limits.writeQueueHighBytes ||
    (session !== null &&
      (session.backlogLength * 2 >= limits.backlogMessagesMax ||
        session.backlogBytes * 2 >= limits.backlogBytesMax));
}

function isBelowLow(core: Core, connection: Connection): boolean {
  const { limits } = core.options;
  const session = connection.session;
  return connection.queue.bytes * 2 <= limits.writeQueueHighBytes &&
    (session === null ||
      (session.backlogLength * 4 <= limits.backlogMessagesMax &&
        session.backlogBytes * 4 <= limits.backlogBytesMax));
}

/**
 * Something was queued for `target`, which is above its high-water mark.
 *
 * @param publisher Who caused it; null for the process itself or a will.
 */
export function congest(
  core: Core,
  target: Connection,
  publisher: Connection | null,
): void {
  const { publisherPauseMs } = core.options.limits;
  if (target.flow === CLEAR) {
    target.flow = publisherPauseMs === 0 ? SLOW : CONGESTED;
    target.congestedUntilMs = core.nowMs + publisherPauseMs;
    if (target.flow === SLOW) logSlow(core, target);
    else target.schedule();
  }
  if (target.flow !== CONGESTED || publisher === null) return;
  if (publisher.phase !== "open" || target.waiters.has(publisher)) return;
  target.waiters.add(publisher);
  core.counters.publisherPauses++;
  publisher.block();
}

/** The time that publishers wait for `target` is over. */
export function giveUpWaiting(core: Core, target: Connection): void {
  target.flow = SLOW;
  logSlow(core, target);
  releaseWaiters(target);
}

/** Bytes have left, or messages were acknowledged: is it better now? */
export function relax(core: Core, target: Connection): void {
  if (target.flow === CLEAR || !isBelowLow(core, target)) return;
  target.flow = CLEAR;
  releaseWaiters(target);
}

/** Lets all who wait for `target` go on: it caught up, or is gone. */
export function releaseWaiters(target: Connection): void {
  for (const publisher of target.waiters) publisher.unblock();
  target.waiters.clear();
}

/** A client that does not read its acknowledgements is not read from. */
export function blockOnOwnQueue(core: Core, client: Connection): void {
  const { writeQueueBytesMax } = core.options.limits;
  if (client.blocksItself || client.queue.bytes < writeQueueBytesMax) return;
  client.blocksItself = true;
  client.block();
}

/** Bytes have left: is it read from again? */
export function unblockOnOwnQueue(core: Core, client: Connection): void {
  if (client.queue.bytes > core.options.limits.writeQueueHighBytes) return;
  client.blocksItself = false;
  client.unblock();
}

function logSlow(core: Core, target: Connection): void {
  core.log(
    "warn",
    "slow_client",
    "a client reads too slowly and loses QoS 0 messages",
    {
      client_id: target.session?.clientId ?? "",
      address: target.transport.address,
      queued_bytes: target.queue.bytes,
    },
  );
}
