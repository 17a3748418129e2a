/**
 * Control packet types and what may stand in a packet's first byte: MQTT
 * 3.1.1 sections 2.2.1 and 2.2.2 (5.0: 2.1.2 and 2.1.3).
 *
 * @module
 */

/** Client asks to connect. */
export const CONNECT = 1;
/** The answer to CONNECT. */
export const CONNACK = 2;
/** An application message. */
export const PUBLISH = 3;
/** QoS 1: received. */
export const PUBACK = 4;
/** QoS 2, step 1: received. */
export const PUBREC = 5;
/** QoS 2, step 2: released. */
export const PUBREL = 6;
/** QoS 2, step 3: complete. */
export const PUBCOMP = 7;
/** Client asks for topics. */
export const SUBSCRIBE = 8;
/** The answer to SUBSCRIBE. */
export const SUBACK = 9;
/** Client gives topics back. */
export const UNSUBSCRIBE = 10;
/** The answer to UNSUBSCRIBE. */
export const UNSUBACK = 11;
/** Client shows that it lives. */
export const PINGREQ = 12;
/** The answer to PINGREQ. */
export const PINGRESP = 13;
/** Client leaves in good order; in 5.0 the broker too says why it ends. */
export const DISCONNECT = 14;
/** 5.0: a step of enhanced authentication. */
export const AUTH = 15;

/** Who sends a packet, where the two may not send the same. */
export type Sender = "client" | "server";

/** The packet types in words, by number, for logs. */
export const PACKET_NAMES: readonly string[] = [
  "packet type 0",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "AUTH",
];

/** PUBLISH, first byte: bit 0. */
export const RETAIN_BIT = 0x01;
/** PUBLISH, first byte: bits 1 and 2. */
export const QOS_BITS = 0x06;
/** PUBLISH, first byte: bit 3. */
export const DUP_BIT = 0x08;

/**
 * 1 for each first byte that MQTT 3.1.1 allows, 0 for the others: unknown
 * types, reserved flags [MQTT-2.2.2-2], QoS 3 [MQTT-3.3.1-4], DUP at QoS 0
 * [MQTT-3.3.1-2].
 */
export const FIRST_BYTE_VALID: Readonly<Uint8Array> = firstBytes(0);

/** The same for MQTT 5.0 [MQTT-2.1.3-1], which has AUTH [MQTT-3.15.1-1]. */
export const FIRST_BYTE_VALID_5: Readonly<Uint8Array> = withAuth();

/**
 * The same for MQTT 3.1, which has a client set DUP on a PUBREL, SUBSCRIBE
 * or UNSUBSCRIBE that it sends again.
 */
export const FIRST_BYTE_VALID_3_1: Readonly<Uint8Array> = firstBytes(DUP_BIT);

/** The same where a connection begins: with CONNECT [MQTT-3.1.0-1]. */
export const FIRST_BYTE_CONNECT: Readonly<Uint8Array> = onlyConnect();

function onlyConnect(): Uint8Array {
  const valid = new Uint8Array(256);
  valid[CONNECT << 4] = 1;
  return valid;
}

function firstBytes(repeatBit: number): Uint8Array {
  const valid = new Uint8Array(256);
  for (let type = CONNECT; type <= DISCONNECT; type++) {
    const flags = type === PUBREL || type === SUBSCRIBE ||
        type === UNSUBSCRIBE
      ? 2
      : 0;
    valid[type << 4 | flags] = 1;
    if (flags !== 0) valid[type << 4 | flags | repeatBit] = 1;
  }
  for (let flags = 0; flags < 16; flags++) {
    const qos = (flags & QOS_BITS) >> 1;
    const dupAtQos0 = qos === 0 && (flags & DUP_BIT) !== 0;
    valid[PUBLISH << 4 | flags] = qos === 3 || dupAtQos0 ? 0 : 1;
  }
  return valid;
}

function withAuth(): Uint8Array {
  const valid = firstBytes(0);
  valid[AUTH << 4] = 1;
  return valid;
}
