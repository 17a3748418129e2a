/**
 * The patience that the broker has with a connection: keep alive, the time
 * to a CONNECT, half packets, the end of a login. All of a connection's
 * deadlines share one place among the broker's: the soonest. What comes in
 * only notes the time; whether it was enough is looked at when it is due.
 *
 * @module
 */

import {
  KEEP_ALIVE_TIMEOUT,
  MAXIMUM_CONNECT_TIME,
} from "../codec/reason_code.ts";
import type { EndCause } from "../metrics/end_cause.ts";
import type { Connection } from "./connection.ts";
import { reportTimeout } from "./faults.ts";
import { CONGESTED, giveUpWaiting } from "./flow.ts";
import { refuseNow } from "./login.ts";
import { goOnReading } from "./rate.ts";

const SLOW_PACKET_BYTES = 1000;

/**
 * Whether each chunk of a packet keeps its client alive, because much comes
 * at a time or is still missing; a smaller one does so only when it is
 * complete [MQTT-3.1.2-24].
 */
export function isSlowPacket(length: number, missingBytes: number): boolean {
  return length > SLOW_PACKET_BYTES || missingBytes > SLOW_PACKET_BYTES;
}

/** When something of `connection` is due next; `Infinity` for never. */
export function nextDueMs(connection: Connection): number {
  const { admission, extras, flow } = connection;
  const dueMs = connection.phase === "open"
    ? Math.min(keepAliveDueMs(connection), partialDueMs(connection))
    : connectDueMs(connection);
  return Math.min(
    dueMs,
    flow === CONGESTED ? connection.congestedUntilMs : Infinity,
    admission?.untilMs ?? Infinity,
    extras.refusal?.atMs ?? Infinity,
    extras.tooFastUntilMs > 0 ? extras.tooFastUntilMs : Infinity,
  );
}

/** Does what is due. */
export function handleDue(connection: Connection): void {
  const { core } = connection;
  const { nowMs } = core;
  if (connection.flow === CONGESTED && nowMs >= connection.congestedUntilMs) {
    giveUpWaiting(core, connection);
  }
  const { admission, extras } = connection;
  if (extras.refusal !== undefined && nowMs >= extras.refusal.atMs) {
    refuseNow(connection, extras.refusal.refusal);
    return;
  }
  if (admission !== undefined && nowMs >= admission.untilMs) {
    const detail = "the time for which the login was good is over";
    timeOut(connection, "login_expired", MAXIMUM_CONNECT_TIME, detail);
    return;
  }
  if (extras.tooFastUntilMs > 0 && nowMs >= extras.tooFastUntilMs) {
    goOnReading(connection);
  }
  if (connection.phase !== "open") {
    if (nowMs >= connectDueMs(connection)) {
      const detail = "no CONNECT in time";
      timeOut(connection, "too_slow", MAXIMUM_CONNECT_TIME, detail);
    }
  } else if (nowMs >= keepAliveDueMs(connection)) {
    const detail = "nothing received for 1.5 times the keep alive";
    timeOut(connection, "keep_alive", KEEP_ALIVE_TIMEOUT, detail);
  } else if (nowMs >= partialDueMs(connection)) {
    const detail = "a packet that does not go on";
    timeOut(connection, "too_slow", MAXIMUM_CONNECT_TIME, detail);
  }
}

function connectDueMs({ core, receivedMs }: Connection): number {
  return receivedMs + core.options.limits.connectTimeoutMs;
}

/** [MQTT-3.1.2-24]; while we do not listen, silence is not the client's. */
function keepAliveDueMs(connection: Connection): number {
  if (connection.keepAliveMs === 0) return Infinity;
  const isOurs = connection.isBlocked && !connection.blocksItself;
  const deafMs = isOurs ? connection.core.nowMs - connection.blockedMs : 0;
  return connection.receivedMs + connection.keepAliveMs + deafMs;
}

function partialDueMs(connection: Connection): number {
  if (connection.partialBytes === 0 || connection.isBlocked) return Infinity;
  const { limits } = connection.core.options;
  return connection.chunkMs + limits.partialPacketTimeoutMs;
}

function timeOut(
  connection: Connection,
  cause: EndCause,
  reason: number,
  detail: string,
): void {
  reportTimeout(connection, reason, detail);
  connection.close(cause, detail, reason);
}
