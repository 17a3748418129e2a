/**
 * Gives each packet of a connected client but PUBLISH, which has a path of
 * its own, to its handler.
 *
 * @module
 */

import {
  packetIdOf,
  readAcknowledgement,
  readBodiless,
  reasonOf,
} from "../codec/acknowledgement.ts";
import type { Framer } from "../codec/framer.ts";
import {
  AUTH,
  CONNECT,
  DISCONNECT,
  PACKET_NAMES,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from "../codec/packet_type.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR } from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import {
  handlePuback,
  handlePubcomp,
  handlePubrec,
  handlePubrel,
} from "./handle_acknowledgement.ts";
import { handleAuth } from "./handle_auth.ts";
import { handleDisconnect } from "./handle_disconnect.ts";
import { handleSubscribe } from "./handle_subscribe.ts";
import { handleUnsubscribe } from "./handle_unsubscribe.ts";
import { sendBodiless } from "./send.ts";

/** Handles the packet of `type` that `framer` found. */
export function handlePacket(
  connection: Connection,
  type: number,
  framer: Framer,
): void {
  const { bytes, body, end } = framer;
  switch (type) {
    case PUBACK:
      handlePuback(connection, packetIdOf(acknowledged(connection, framer)));
      return;
    case PUBREC: {
      const value = acknowledged(connection, framer);
      handlePubrec(connection, packetIdOf(value), reasonOf(value));
      return;
    }
    case PUBREL:
      handlePubrel(connection, packetIdOf(acknowledged(connection, framer)));
      return;
    case PUBCOMP:
      handlePubcomp(connection, packetIdOf(acknowledged(connection, framer)));
      return;
    case SUBSCRIBE:
      handleSubscribe(connection, bytes, body, end);
      return;
    case UNSUBSCRIBE:
      handleUnsubscribe(connection, bytes, body, end);
      return;
    case PINGREQ:
      readBodiless(type, body, end);
      sendBodiless(connection, PINGRESP); // [MQTT-3.12.4-1]
      return;
    case DISCONNECT:
      handleDisconnect(connection, bytes, body, end);
      return;
    case AUTH:
      handleAuth(connection, bytes, body, end);
      return;
    default:
      refuseType(type);
  }
}

/** The packet id and the reason, in one number. */
function acknowledged(
  { level }: Connection,
  { bytes, start, body, end }: Framer,
): number {
  return readAcknowledgement(bytes[start]! >> 4, bytes, body, end, level);
}

function refuseType(type: number): never {
  throw new ProtocolError(
    PROTOCOL_ERROR,
    type === CONNECT
      ? "a second CONNECT" // [MQTT-3.1.0-2]
      : `${PACKET_NAMES[type]} from a client`,
  );
}
