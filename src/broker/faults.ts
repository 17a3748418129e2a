/**
 * What went wrong with a connection and whose fault it was: counted, and
 * told in the log.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import {
  UNSPECIFIED_ERROR,
  UNSUPPORTED_PROTOCOL_VERSION,
} from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import { refuse } from "./handle_connect.ts";

/**
 * Tells what was thrown while a connection was served; returns the reason
 * with which it is closed.
 */
export function reportFault(connection: Connection, error: unknown): string {
  const { core } = connection;
  if (error instanceof ProtocolError) {
    core.counters.protocolErrors++;
    core.log("warn", "protocol_error", error.message, {
      ...whoOf(connection),
      reason_code: error.reason,
    });
    return error.message;
  }
  core.counters.internalErrors++;
  const sentence = "an error inside of the broker";
  core.log("error", "internal_error", sentence, {
    ...whoOf(connection),
    stack: (error instanceof Error ? error.stack : undefined) ?? String(error),
  });
  return sentence;
}

/** Something was thrown while a connection was served: that ends it. */
export function endByFault(connection: Connection, error: unknown): void {
  const reason = reportFault(connection, error);
  const isTheirs = error instanceof ProtocolError;
  const code = isTheirs ? error.reason : UNSPECIFIED_ERROR;
  // 5.0 section 4.13: CONNACK says it before the login is over. That a version
  // is not spoken here all are told: [MQTT-3.1.2-2].
  const isTold = connection.phase !== "open" &&
    (connection.isV5 || code === UNSUPPORTED_PROTOCOL_VERSION);
  if (isTold) refuse(connection, code, reason);
  else {
    const cause = isTheirs ? "protocol_error" : "internal_error";
    connection.close(cause, reason, code);
  }
}

/** Tells that a connection ends because nothing came in time. */
export function reportTimeout(
  connection: Connection,
  reason: number,
  detail: string,
): void {
  connection.core.log("info", "timeout", detail, {
    ...whoOf(connection),
    reason_code: reason,
  });
}

function whoOf(
  connection: Connection,
): { client_id: string; address: string } {
  return {
    client_id: connection.session?.clientId ?? "",
    address: connection.transport.address,
  };
}
