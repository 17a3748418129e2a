/**
 * Gives each packet of a connected client but PUBLISH, which has a path of
 * its own, to its handler.
 *
 * @module
 */

import { readAcknowledgement, readBodiless } from "../codec/acknowledgement.ts";
import type { Framer } from "../codec/framer.ts";
import {
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
import { handleSubscribe } from "./handle_subscribe.ts";
import { handleUnsubscribe } from "./handle_unsubscribe.ts";
import { sendBodiless } from "./send.ts";

/** Handles the packet of `type` that `framer` found. */
export function handlePacket(
  connection: Connection,
  type: number,
  { bytes, body, end }: Framer,
): void {
  switch (type) {
    case PUBACK:
      handlePuback(connection, readAcknowledgement(type, bytes, body, end));
      return;
    case PUBREC:
      handlePubrec(connection, readAcknowledgement(type, bytes, body, end));
      return;
    case PUBREL:
      handlePubrel(connection, readAcknowledgement(type, bytes, body, end));
      return;
    case PUBCOMP:
      handlePubcomp(connection, readAcknowledgement(type, bytes, body, end));
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
      readBodiless(type, body, end);
      connection.will = undefined; // [MQTT-3.14.4-3]
      connection.close("the client disconnected");
      return;
    default:
      refuseType(type);
  }
}

function refuseType(type: number): never {
  throw new ProtocolError(
    PROTOCOL_ERROR,
    type === CONNECT
      ? "a second CONNECT" // [MQTT-3.1.0-2]
      : `${PACKET_NAMES[type]} from a client`,
  );
}
