/**
 * What happens when a connection ends: the will, the session, the others.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import type { Will } from "../codec/connect.ts";
import type { ClientSession, Core } from "./core.ts";
import {
  SERVER_SHUTTING_DOWN,
  USE_ANOTHER_SERVER,
} from "../codec/reason_code.ts";
import type { EndCause } from "../metrics/end_cause.ts";
import { Away } from "./away.ts";
import { countClient } from "./arrival.ts";
import { clientInfo } from "./client_info.ts";
import { releaseWaiters } from "./flow.ts";
import type { Phase } from "./phase.ts";
import { endSession, handOver } from "./sessions.ts";
import { dropWill, moveWill, publishWill } from "./wills.ts";

/** `connection`, which was in `phase`, is closed. */
export function endConnection(
  connection: Connection,
  phase: Phase,
  cause: EndCause,
): void {
  const { core } = connection;
  core.counters.connectionsClosed++;
  core.counters.ends[cause]++;
  core.aliasBytes -= connection.extras.aliasBytes;
  releaseWaiters(connection);
  if (phase === "open") endOpen(connection);
  else if (cause !== "http") {
    dropWill(connection);
    core.log("info", "connection_closed", "closed before it was connected", {
      address: connection.transport.address,
      reason: connection.closeReason,
    });
  }
}

function endOpen(connection: Connection): void {
  const { core, closeReason } = connection;
  const session = connection.session!;
  session.connection = null;
  countClient(connection, -1);
  const will = moveWill(connection);
  if (session.persistent) {
    handOver(core, session);
    endPersistent(core, session, will);
  } else {
    // A clean session ends before its will goes out: it can't receive it.
    endSession(core, session);
    if (will !== undefined) publishWill(core, session, will);
  }
  core.log("info", "client_disconnected", "disconnected", {
    client_id: session.clientId,
    address: connection.transport.address,
    reason: closeReason,
  });
  core.reconnects.ended(session.clientId, core.nowMs);
  core.options.hooks.onDisconnect?.(clientInfo(connection), closeReason);
}

/**
 * [MQTT-3.1.2-8]; DISCONNECT has taken the will away before
 * [MQTT-3.1.2-10]. At 5.0 it may have to wait [MQTT5-3.1.3-9].
 */
function endPersistent(
  core: Core,
  session: ClientSession,
  will: Will | undefined,
): void {
  const isDelayed = (will?.properties.willDelaySeconds ?? 0) > 0;
  const later = isDelayed ? will : undefined;
  core.journal?.sessionLeft(session.clientId, core.nowMs, later);
  new Away(core, session, later, core.nowMs);
  if (will !== undefined && !isDelayed) publishWill(core, session, will);
}

/**
 * Closes all connections: the broker stops. Wills are published; 5.0 clients
 * are told why, and where else to go.
 */
export function closeAllConnections(core: Core, reason: string): void {
  const { serverReference } = core.options;
  const code = serverReference === ""
    ? SERVER_SHUTTING_DOWN
    : USE_ANOTHER_SERVER;
  for (const connection of [...core.connections]) {
    connection.close("shutdown", reason, code, serverReference);
  }
}
