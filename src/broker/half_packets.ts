/**
 * Half packets have a limit, all of them together. Above it those go who take
 * most of it, not whoever comes next: else strangers could fill it and leave
 * no room for the packets of clients that are served.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import { QUOTA_EXCEEDED } from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import { flushRun } from "./forward_run.ts";

/** The framer of `connection` has set so much aside. */
export function countPartial(connection: Connection, framed: number): void {
  const kept = framed + connection.apartBytes;
  if (kept === connection.partialBytes) return;
  const { core } = connection;
  const began = connection.partialBytes === 0;
  core.partialBytes += kept - connection.partialBytes;
  connection.partialBytes = kept;
  if (core.partialBytes > core.options.limits.partialBytesMax && kept > 0) {
    makeRoom(connection);
  }
  if (began && connection.phase === "open") connection.schedule();
}

/** So many bytes are set aside outside of the framer. */
export function keepApart(connection: Connection, bytes: number): void {
  const { apartBytes, partialBytes, phase } = connection;
  if (phase === "closed" || bytes === apartBytes) return;
  connection.apartBytes = bytes;
  connection.guard(() => countPartial(connection, partialBytes - apartBytes));
}

/** It is closed: nothing is set aside any more. */
export function forgetPartial(connection: Connection): void {
  connection.apartBytes = 0;
  countPartial(connection, 0);
}

/**
 * Ends connections until the limit holds again: those that are not open
 * first, and of these the one that holds the most.
 *
 * @throws {ProtocolError} When it is `added` itself that has to go.
 */
function makeRoom(added: Connection): void {
  const { core } = added;
  // The end of others may publish their wills: what came before goes before.
  flushRun(core, added);
  while (core.partialBytes > core.options.limits.partialBytesMax) {
    const holder = greatestHolder(added);
    const error = new ProtocolError(
      QUOTA_EXCEEDED,
      "too many half packets in all",
    );
    if (holder === added) throw error;
    holder.fail(error);
  }
}

function greatestHolder(added: Connection): Connection {
  let greatest = added;
  for (const each of added.core.connections) {
    const isOpen = each.phase === "open";
    const goesFirst = isOpen === (greatest.phase === "open")
      ? each.partialBytes > greatest.partialBytes
      : !isOpen && each.partialBytes > 0;
    if (goesFirst) greatest = each;
  }
  return greatest;
}
