/**
 * The PROXY protocol, versions 1 and 2 (`proxy-protocol.txt` of HAProxy): who
 * a peer is that comes through a load balancer, said in front of all else.
 * Whoever may say so is settled before this is asked: a header from just
 * anyone is a lie that works.
 *
 * @module
 */

import type { Fault } from "./first_bytes.ts";
import { canonicalAddress, isIpv4 } from "./ip_address.ts";
import { isFirstOf } from "./prefix.ts";
import { readProxyFields } from "./proxy_fields.ts";
import { PROXY_V1_SIGNATURE, PROXY_V2_SIGNATURE } from "./proxy_signature.ts";

/** One end of the connection that came to the proxy. */
export interface ProxyEnd {
  /** The IP address, canonical; IPv4 where IPv6 carries it. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/** What a proxy says of a client. */
export interface ProxyHeader {
  /** How many bytes the header has; behind it the client speaks. */
  readonly consumed: number;
  /**
   * The client; `undefined` where the proxy speaks for itself (LOCAL), does
   * not know or has it from a Unix socket: then the socket's own peer counts.
   */
  readonly source: ProxyEnd | undefined;
  /** Where the client connected to. */
  readonly destination: ProxyEnd | undefined;
  /** The common name of a client certificate that the proxy has verified. */
  readonly commonName: string | undefined;
  /** What client and proxy agreed to speak. */
  readonly alpn: string | undefined;
  /** The version of TLS that the client speaks to the proxy. */
  readonly tlsVersion: string | undefined;
}

/** Section 2.1: the line with its CR LF. */
const V1_BYTES_MAX = 107;
const CR = 13;
const LF = 10;
const NUMBER = "(0|[1-9]\\d{0,4})";
const V1_LINE = new RegExp(
  `^(TCP[46]) ([\\da-fA-F:.]+) ([\\da-fA-F:.]+) ${NUMBER} ${NUMBER}$`,
);
const PORT_MAX = 65_535;

const V2_HEAD_BYTES = 16;
/** What may follow the head: far more than any proxy has to say. */
const V2_BYTES_MAX = 4096;
const V2_VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
const UNSPEC = 0;
const INET = 1;
const INET6 = 2;
const DGRAM = 2;
/** How long the two addresses are with their ports, by family. */
const V2_ADDRESS_BYTES: readonly number[] = [0, 12, 36, 216];

const NOBODY = {
  source: undefined,
  destination: undefined,
  commonName: undefined,
  alpn: undefined,
  tlsVersion: undefined,
} as const;

/**
 * Reads the header that `bytes[0, length)` begins with; `undefined` when it
 * is not all here yet. Call it again with all bytes so far: until the header
 * is whole it looks at little of them.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { readProxyHeader } from "./proxy_header.ts";
 *
 * const line = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 1883\r\n";
 * const bytes = new TextEncoder().encode(line);
 * assertEquals(readProxyHeader(bytes, 20), undefined);
 * const header = readProxyHeader(bytes, bytes.length);
 * assert(header !== undefined && !("fault" in header));
 * assertEquals(header.source, { hostname: "192.0.2.7", port: 56_324 });
 * assertEquals(header.consumed, line.length);
 * ```
 */
export function readProxyHeader(
  bytes: Uint8Array,
  length: number,
): ProxyHeader | Fault | undefined {
  const isV1 = isFirstOf(PROXY_V1_SIGNATURE, bytes, 0, length);
  if (isV1 === true) return readV1(bytes, length);
  const isV2 = isFirstOf(PROXY_V2_SIGNATURE, bytes, 0, length);
  if (isV2 === true) return readV2(bytes, length);
  if (isV1 === undefined || isV2 === undefined) return undefined;
  return wrong("no PROXY header where one is due");
}

function readV1(
  bytes: Uint8Array,
  length: number,
): ProxyHeader | Fault | undefined {
  const crMax = V1_BYTES_MAX - 2;
  let at = PROXY_V1_SIGNATURE.length;
  while (at < length && at <= crMax && bytes[at] !== CR && bytes[at] !== LF) {
    at++;
  }
  if (at > crMax) return wrong("a PROXY line of more than 107 bytes");
  if (at === length) return undefined;
  if (bytes[at] === CR && at + 1 === length) return undefined;
  if (bytes[at] !== CR || bytes[at + 1] !== LF) {
    return wrong("a PROXY line that does not end in CR LF");
  }
  const text = String.fromCharCode(
    ...bytes.subarray(PROXY_V1_SIGNATURE.length, at),
  );
  const consumed = at + 2;
  if (/^UNKNOWN(?: |$)/.test(text)) return { consumed, ...NOBODY };
  const [, family, from, to, fromPort, toPort] = V1_LINE.exec(text) ?? [];
  const address = family === "TCP4" ? ipv4 : canonicalOf6;
  const source = endOf(address(from ?? ""), Number(fromPort));
  const destination = endOf(address(to ?? ""), Number(toPort));
  if (source === undefined || destination === undefined) {
    return wrong("a PROXY line that is not well formed");
  }
  return { ...NOBODY, consumed, source, destination };
}

function ipv4(text: string): string | undefined {
  return isIpv4(text) ? text : undefined;
}

function canonicalOf6(text: string): string | undefined {
  return text.includes(":") ? canonicalAddress(text) : undefined;
}

function endOf(
  hostname: string | undefined,
  port: number,
): ProxyEnd | undefined {
  if (hostname === undefined || !(port <= PORT_MAX)) return undefined;
  return { hostname, port };
}

function readV2(
  bytes: Uint8Array,
  length: number,
): ProxyHeader | Fault | undefined {
  const at = PROXY_V2_SIGNATURE.length;
  if (length === at) return undefined;
  const command = bytes[at]! & 15;
  if (bytes[at]! >> 4 !== V2_VERSION || command > PROXY) {
    return wrong("a PROXY header of an unknown version or command");
  }
  if (length === at + 1) return undefined;
  const family = bytes[at + 1]! >> 4;
  const transport = bytes[at + 1]! & 15;
  const addressBytes = V2_ADDRESS_BYTES[family];
  // The family of LOCAL is ignored: section 2.2.
  if (command === PROXY && (addressBytes === undefined || transport > DGRAM)) {
    return wrong("a PROXY header of an unknown address family or transport");
  }
  if (length < V2_HEAD_BYTES) return undefined;
  const rest = bytes[at + 2]! << 8 | bytes[at + 3]!;
  if (rest > V2_BYTES_MAX) {
    return wrong(`a PROXY header of ${rest} bytes, above ${V2_BYTES_MAX}`);
  }
  const consumed = V2_HEAD_BYTES + rest;
  const isNobody = command === LOCAL || family === UNSPEC ||
    transport === UNSPEC;
  const addressEnd = V2_HEAD_BYTES + (isNobody ? 0 : addressBytes!);
  if (addressEnd > consumed) {
    return wrong("a PROXY header that is too short for its addresses");
  }
  if (length < consumed) return undefined;
  if (isNobody) return { consumed, ...NOBODY };
  const fields = readProxyFields(bytes, addressEnd, consumed);
  if ("fault" in fields) return fields;
  return { consumed, ...readEnds(family, bytes), ...fields };
}

/** Both ends of a connection; of a Unix socket there is nothing to tell. */
function readEnds(
  family: number,
  bytes: Uint8Array,
): Pick<ProxyHeader, "source" | "destination"> {
  if (family !== INET && family !== INET6) {
    return { source: undefined, destination: undefined };
  }
  const size = family === INET ? 4 : 16;
  const toAt = V2_HEAD_BYTES + size;
  const portsAt = toAt + size;
  return {
    source: {
      hostname: addressOf(bytes.subarray(V2_HEAD_BYTES, toAt)),
      port: bytes[portsAt]! << 8 | bytes[portsAt + 1]!,
    },
    destination: {
      hostname: addressOf(bytes.subarray(toAt, portsAt)),
      port: bytes[portsAt + 2]! << 8 | bytes[portsAt + 3]!,
    },
  };
}

/** An address of 4 or 16 bytes. */
function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) {
    groups.push((bytes[i]! << 8 | bytes[i + 1]!).toString(16));
  }
  return canonicalAddress(groups.join(":"))!;
}

function wrong(fault: string): Fault {
  return { fault };
}
