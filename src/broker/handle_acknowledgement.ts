/**
 * PUBACK, PUBREC, PUBREL, PUBCOMP from a client: section 4.3. An
 * acknowledgement of something that is not in flight is answered where the
 * flow needs it and ignored otherwise: it may follow a lost session.
 *
 * @module
 */

import { PUBCOMP, PUBREL } from "../codec/packet_type.ts";
import {
  PACKET_ID_NOT_FOUND,
  SUCCESS,
  UNSPECIFIED_ERROR,
} from "../codec/reason_code.ts";
import {
  FREE,
  PUBACK_DUE,
  PUBCOMP_DUE,
  PUBREC_DUE,
} from "../session/inflight.ts";
import type { Connection } from "./connection.ts";
import { relax } from "./flow.ts";
import { pump, resend } from "./pump.ts";
import { sendAcknowledgement } from "./send.ts";

/** QoS 1 to the client: done. */
export function handlePuback(connection: Connection, packetId: number): void {
  const { inflight } = connection.session!;
  if (inflight.stateOf(packetId) !== PUBACK_DUE) return;
  release(connection, packetId);
}

/**
 * QoS 2 to the client: it has the message [MQTT-4.3.3-1], or, with a reason
 * of 0x80 and above, does not want it (5.0 section 4.3.3).
 */
export function handlePubrec(
  connection: Connection,
  packetId: number,
  reason: number,
): void {
  const session = connection.session!;
  const { inflight } = session;
  const state = inflight.stateOf(packetId);
  if (state === PUBACK_DUE) return;
  if (reason >= UNSPECIFIED_ERROR) {
    if (state !== FREE) release(connection, packetId);
    return;
  }
  if (state === PUBREC_DUE) {
    inflight.received(packetId);
    if (session.isStored) {
      connection.core.journal?.received(session.clientId, packetId);
    }
  }
  // Also for an id we don't know: the client waits for it.
  const answer = state === FREE ? PACKET_ID_NOT_FOUND : SUCCESS;
  sendAcknowledgement(connection, PUBREL, packetId, answer);
}

/** QoS 2 to the client: done. */
export function handlePubcomp(connection: Connection, packetId: number): void {
  const { inflight } = connection.session!;
  if (inflight.stateOf(packetId) !== PUBCOMP_DUE) return;
  release(connection, packetId);
}

/** QoS 2 from the client: the packet id is free again [MQTT-4.3.3-2]. */
export function handlePubrel(connection: Connection, packetId: number): void {
  const { core } = connection;
  const session = connection.session!;
  const isKnown = session.received.delete(packetId);
  if (isKnown && session.isStored) {
    core.journal?.idReleased(session.clientId, packetId);
  }
  // [MQTT-3.6.4-1] in every case: the PUBCOMP before may have been lost.
  const answer = isKnown ? SUCCESS : PACKET_ID_NOT_FOUND;
  sendAcknowledgement(connection, PUBCOMP, packetId, answer);
}

function release(connection: Connection, packetId: number): void {
  const { core } = connection;
  const session = connection.session!;
  session.inflight.release(packetId);
  if (session.isStored) core.journal?.done(session.clientId, packetId);
  if (connection.extras.resends !== undefined) resend(core, connection);
  if (!session.hasWaiting) return;
  pump(core, connection);
  relax(core, connection);
}
