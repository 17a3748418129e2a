/**
 * A client, as hooks see it.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import type { ClientInfo } from "./hooks.ts";

/** Of a connection that is open, or just ends. */
export function clientInfo({ session, transport }: Connection): ClientInfo {
  const { clientId, userName } = session!;
  return { clientId, userName, address: transport.address };
}
