/**
 * DISCONNECT from a client: section 3.14.
 *
 * @module
 */

import { readDisconnect } from "../codec/disconnect.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR, SUCCESS } from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import { setExpiry } from "./sessions.ts";
import { expiryMsOf } from "./terms.ts";
import { dropWill } from "./wills.ts";

/** The client leaves, with its will or without. */
export function handleDisconnect(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { reason, properties } = readDisconnect(
    bytes,
    at,
    end,
    connection.level,
  );
  const { sessionExpirySeconds } = properties;
  if (sessionExpirySeconds !== undefined) {
    changeExpiry(connection, sessionExpirySeconds);
  }
  // [MQTT-3.14.4-3]; 0x04 and all others of 5.0 leave the will in place.
  if (reason === SUCCESS && connection.will !== undefined) {
    dropWill(connection);
    // A start would publish it until that is kept: then only it is closed.
    connection.promises = true;
  }
  connection.close(
    "client",
    reason === SUCCESS
      ? "the client disconnected"
      : `the client disconnected with reason 0x${reason.toString(16)}`,
  );
}

/** MQTT 5.0 section 3.14.2.2.2. */
function changeExpiry(connection: Connection, seconds: number): void {
  const { core } = connection;
  const session = connection.session!;
  if (session.expiryMs === 0 && seconds > 0) {
    // A session that was to end can't be kept now.
    throw new ProtocolError(
      PROTOCOL_ERROR,
      "a session expiry interval in DISCONNECT where CONNECT had none",
    );
  }
  const { sessionExpirySecondsMax } = core.options.limits;
  const kept = Math.min(seconds, sessionExpirySecondsMax);
  setExpiry(core, session, expiryMsOf(kept));
}
