/**
 * How fast clients may send: each of them, and all of one door together. Who
 * is too fast is not read from for a while; what was read is served.
 *
 * @module
 */

import { TokenBucket } from "../base/token_bucket.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";

/** Whether anything is to be counted for `connection`. */
export function isMetered({ core, transport }: Connection): boolean {
  const { limits } = core.options;
  return limits.clientBytesPerSecond > 0 ||
    limits.clientMessagesPerSecond > 0 ||
    transport.door.bytes !== undefined || transport.door.messages !== undefined;
}

/** The client has sent so much; it waits where that is too much. */
export function meter(
  connection: Connection,
  bytes: number,
  messages: number,
): void {
  const { core, transport: { door } } = connection;
  const extras = connection.ownExtras;
  const { clientBytesPerSecond, clientMessagesPerSecond } = core.options.limits;
  extras.bytes ??= bucketOf(core, clientBytesPerSecond);
  extras.messages ??= bucketOf(core, clientMessagesPerSecond);
  const { nowMs } = core;
  const waitMs = Math.max(
    extras.bytes?.take(bytes, nowMs) ?? 0,
    extras.messages?.take(messages, nowMs) ?? 0,
    door.bytes?.take(bytes, nowMs) ?? 0,
    door.messages?.take(messages, nowMs) ?? 0,
  );
  if (waitMs === 0) return;
  const untilMs = nowMs + waitMs;
  if (extras.tooFastUntilMs === 0) {
    core.counters.ratePauses++;
    connection.block();
  }
  extras.tooFastUntilMs = Math.max(extras.tooFastUntilMs, untilMs);
  connection.schedule();
}

/** The wait is over. */
export function goOnReading(connection: Connection): void {
  connection.extras.tooFastUntilMs = 0;
  connection.unblock();
}

/** One that holds what comes in a second. */
function bucketOf(
  { nowMs }: Core,
  perSecond: number,
): TokenBucket | undefined {
  if (perSecond === 0) return undefined;
  return new TokenBucket(perSecond, perSecond, nowMs);
}
