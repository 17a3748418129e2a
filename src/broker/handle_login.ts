/**
 * Packets of a client that is not connected yet: CONNECT, and AUTH where the
 * login takes several steps.
 *
 * @module
 */

import type { Framer } from "../codec/framer.ts";
import { AUTH, DISCONNECT, PACKET_NAMES } from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR } from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import { handleAuth } from "./handle_auth.ts";
import { handleConnect } from "./handle_connect.ts";

/** Handles the packet of `type` that `framer` found. */
export function handleLogin(
  connection: Connection,
  type: number,
  { bytes, body, end }: Framer,
): void {
  if (connection.phase !== "challenged") {
    handleConnect(connection, bytes, body, end); // the framer lets no other in
  } else if (type === AUTH) handleAuth(connection, bytes, body, end);
  else if (type === DISCONNECT) {
    connection.close("client", "the client gave up its login");
  } else {
    // [MQTT5-3.1.2-30]
    const detail = `${PACKET_NAMES[type]} in a login`;
    throw new ProtocolError(PROTOCOL_ERROR, detail);
  }
}
