/**
 * What a peer speaks, from its first bytes: for one door that takes all.
 * It says so as soon as it is sure; whether the rest is right is the
 * business of whoever reads that protocol.
 *
 * @module
 */

import { CONNECT } from "../codec/packet_type.ts";
import { isFirstOf } from "./prefix.ts";
import { PROXY_V1_SIGNATURE, PROXY_V2_SIGNATURE } from "./proxy_signature.ts";

/** A protocol that begins at a door. */
export type Spoken = "mqtt" | "tls" | "http" | "proxy";

/** Something is wrong with what the peer sent. */
export interface Fault {
  /** What, in a sentence. */
  readonly fault: string;
}

/** The methods that RFC 9110 and RFC 5789 name, each before its space. */
const HTTP_METHODS: readonly Uint8Array[] = [
  "GET ",
  "HEAD ",
  "POST ",
  "PUT ",
  "DELETE ",
  "CONNECT ",
  "OPTIONS ",
  "TRACE ",
  "PATCH ",
].map((method) => new TextEncoder().encode(method));

/** A handshake record of any version: RFC 8446 section 5.1. */
const TLS_HANDSHAKE = Uint8Array.of(0x16, 0x03);

const MQTT_FIRST_BYTE = CONNECT << 4;
const MQTT_LENGTH_BYTES_MAX = 4;
/** No CONNECT is shorter: a name, level, flags, keep alive, client id. */
const MQTT_REMAINING_LEAST = 12;
/** The protocol names behind their lengths: [MQTT-3.1.2-1], and 3.1. */
const MQTT_NAMES: readonly Uint8Array[] = ["\0\x04MQTT", "\0\x06MQIsdp"]
  .map((name) => new TextEncoder().encode(name));

const PROXY_SIGNATURES = [PROXY_V1_SIGNATURE, PROXY_V2_SIGNATURE];

/** Where a PROXY header may stand, and where it is no way to begin. */
export type ProxyUse = "may begin" | "not here";

/**
 * What begins with `bytes[0, length)`; `undefined` while it may be one thing
 * or another.
 *
 * @param proxy Whether a PROXY header is one of the things.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spokenFrom } from "./first_bytes.ts";
 *
 * const bytes = new TextEncoder().encode("PUT /mqtt");
 * assertEquals(spokenFrom(bytes, 2, "not here"), undefined);
 * assertEquals(spokenFrom(bytes, bytes.length, "not here"), "http");
 * ```
 */
export function spokenFrom(
  bytes: Uint8Array,
  length: number,
  proxy: ProxyUse,
): Spoken | Fault | undefined {
  if (length === 0) return undefined;
  if (bytes[0] === MQTT_FIRST_BYTE) return mqttFrom(bytes, length);
  let isOpen = false;
  const tls = isFirstOf(TLS_HANDSHAKE, bytes, 0, length);
  if (tls === true) return "tls";
  if (tls === undefined) isOpen = true;
  for (const method of HTTP_METHODS) {
    const http = isFirstOf(method, bytes, 0, length);
    if (http === true) return "http";
    if (http === undefined) isOpen = true;
  }
  if (proxy === "may begin") {
    for (const signature of PROXY_SIGNATURES) {
      const header = isFirstOf(signature, bytes, 0, length);
      if (header === true) return "proxy";
      if (header === undefined) isOpen = true;
    }
  }
  return isOpen ? undefined : unknownFrom(bytes[0]!, proxy);
}

/** A CONNECT, as far as the protocol's name. */
function mqttFrom(
  bytes: Uint8Array,
  length: number,
): Spoken | Fault | undefined {
  let remaining = 0;
  let at = 1;
  for (;;) {
    if (at === length) return undefined;
    const byte = bytes[at]!;
    remaining += (byte & 0x7f) * 128 ** (at - 1);
    at++;
    if (byte < 0x80) break;
    if (at > MQTT_LENGTH_BYTES_MAX) {
      return { fault: "an MQTT CONNECT with a remaining length too long" };
    }
  }
  if (remaining < MQTT_REMAINING_LEAST) {
    return { fault: `an MQTT CONNECT of only ${remaining} bytes` };
  }
  let isOpen = false;
  for (const name of MQTT_NAMES) {
    const mqtt = isFirstOf(name, bytes, at, length);
    if (mqtt === true) return "mqtt";
    if (mqtt === undefined) isOpen = true;
  }
  return isOpen
    ? undefined
    : { fault: "an MQTT CONNECT with an unknown protocol name" };
}

function unknownFrom(byte: number, proxy: ProxyUse): Fault {
  const known = proxy === "may begin"
    ? "MQTT, TLS, HTTP or a PROXY header"
    : "MQTT, TLS or HTTP";
  const hex = byte.toString(16).padStart(2, "0");
  return { fault: `bytes that are not ${known}; the first is 0x${hex}` };
}
