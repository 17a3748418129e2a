/**
 * What an operator does to clients and their sessions. The caller ends the
 * turn.
 *
 * @module
 */

import { ADMINISTRATIVE_ACTION, BANNED } from "../codec/reason_code.ts";
import type { ClientSession, Core } from "./core.ts";
import { endSession } from "./sessions.ts";

/** Disconnects a client; false when it is not connected. */
export function disconnectClient(core: Core, clientId: string): boolean {
  const connection = core.sessions.get(clientId)?.connection ?? null;
  if (connection === null) return false;
  const reason = "an operator has ended the connection";
  connection.close("operator", reason, ADMINISTRATIVE_ACTION);
  return true;
}

/**
 * Keeps a client out, and disconnects it; false when there are too many who
 * are kept out.
 */
export function banClient(
  core: Core,
  clientId: string,
  untilMs: number,
): boolean {
  if (!core.bans.add(clientId, untilMs, core.nowMs)) return false;
  const connection = core.sessions.get(clientId)?.connection ?? null;
  const reason = "an operator keeps this client out";
  connection?.close("operator", reason, BANNED);
  core.log("warn", "client_banned", reason, {
    client_id: clientId,
    seconds: Math.round((untilMs - core.nowMs) / 1000),
  });
  return true;
}

/** Ends a session of a client, and its connection if it has one. */
export function deleteSession(core: Core, session: ClientSession): void {
  disconnectClient(core, session.clientId);
  // One that was clean has ended with its connection.
  if (core.sessions.get(session.clientId) !== session) return;
  endSession(core, session);
  core.log("info", "session_deleted", "an operator has ended a session", {
    client_id: session.clientId,
  });
}
