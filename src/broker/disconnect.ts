/**
 * What happens when a connection ends: the will, the session, the others.
 *
 * @module
 */

import type { Connection, Phase } from "./connection.ts";
import type { Core } from "./core.ts";
import { releaseWaiters } from "./flow.ts";
import { publishMessage } from "./handle_publish.ts";

/** `connection`, which was in `phase`, is closed. */
export function endConnection(connection: Connection, phase: Phase): void {
  const { core } = connection;
  core.counters.connectionsClosed++;
  releaseWaiters(connection);
  if (phase === "open") endOpen(connection);
  else {
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
  // A clean session ends before its will goes out: it can't receive it.
  if (!session.persistent) core.endSession(session);
  publishWill(core, connection);
  core.log("info", "client_disconnected", "disconnected", {
    client_id: session.clientId,
    address: connection.transport.address,
    reason: closeReason,
  });
  core.options.hooks.onDisconnect?.(
    {
      clientId: session.clientId,
      userName: connection.userName,
      address: connection.transport.address,
    },
    closeReason,
  );
}

/** [MQTT-3.1.2-8]; DISCONNECT has taken it away before [MQTT-3.1.2-10]. */
function publishWill(core: Core, connection: Connection): void {
  const { will } = connection;
  if (will === undefined) return;
  connection.will = undefined;
  core.counters.willsPublished++;
  publishMessage(core, null, will, connection.willRetain);
}

/** Closes all connections: the broker stops. Wills are published. */
export function closeAllConnections(core: Core, reason: string): void {
  for (const connection of [...core.connections]) connection.close(reason);
}
