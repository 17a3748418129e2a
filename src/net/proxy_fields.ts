/**
 * What stands behind the addresses of a PROXY header of version 2: fields of
 * a type, a length and a value. Unknown ones are passed over.
 *
 * @module
 */

import { decodeText, isText, readUint16, readUint32 } from "../codec/text.ts";
import { crc32c } from "./crc32c.ts";
import type { Fault } from "./first_bytes.ts";

/** What the fields say that anyone here asks for. */
export interface ProxyFields {
  /** See `ProxyHeader`. */
  readonly commonName: string | undefined;
  /** See `ProxyHeader`. */
  readonly alpn: string | undefined;
  /** See `ProxyHeader`. */
  readonly tlsVersion: string | undefined;
}

/** Types of fields: section 2.2. */
const ALPN = 0x01;
const CRC32C = 0x03;
const SSL = 0x20;
const SSL_VERSION = 0x21;
const SSL_CN = 0x22;

/** What a field has before its value: a type, and a length of two bytes. */
const HEAD_BYTES = 3;
const CRC32C_BYTES = 4;
/** What SSL has before its own fields: what there is, and if it is right. */
const SSL_HEAD_BYTES = 5;
/** PP2_CLIENT_SSL: the client speaks TLS. */
const CLIENT_TLS = 0x01;
/** PP2_CLIENT_CERT_CONN or _SESS: a certificate, now or in this session. */
const CLIENT_CERTIFICATE = 0x06;
const VERIFIED = 0;

/** Where the value of each type lies; twice the same type is a fault. */
type Places = Map<number, readonly [at: number, end: number]>;

/**
 * Reads the fields in `bytes[at, end)`, which is where the header ends.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { readProxyFields } from "./proxy_fields.ts";
 *
 * const bytes = Uint8Array.of(1, 0, 4, 0x6d, 0x71, 0x74, 0x74);
 * const fields = readProxyFields(bytes, 0, bytes.length);
 * assert(!("fault" in fields));
 * assertEquals(fields.alpn, "mqtt");
 * ```
 */
export function readProxyFields(
  bytes: Uint8Array,
  at: number,
  end: number,
): ProxyFields | Fault {
  const places = findFields(bytes, at, end);
  if ("fault" in places) return places;
  const crc = places.get(CRC32C);
  if (crc !== undefined && !isIntact(bytes, end, ...crc)) {
    return { fault: "a PROXY header whose checksum is wrong" };
  }
  const alpn = textAt(bytes, places.get(ALPN));
  const tls = readTls(bytes, places.get(SSL));
  if ("fault" in tls) return tls;
  if (alpn === null) return notText("ALPN");
  return { alpn, ...tls };
}

function findFields(
  bytes: Uint8Array,
  start: number,
  end: number,
): Places | Fault {
  const places: Places = new Map();
  for (let at = start; at < end;) {
    const valueAt = at + HEAD_BYTES;
    const valueEnd = valueAt > end
      ? Infinity
      : valueAt + readUint16(bytes, at + 1, end);
    if (valueEnd > end) {
      return { fault: "a PROXY header with a field beyond its end" };
    }
    const type = bytes[at]!;
    const isRead = type === ALPN || type === CRC32C ||
      type >= SSL && type <= SSL_CN;
    if (isRead) {
      if (places.has(type)) {
        return { fault: "a PROXY header that says something twice" };
      }
      places.set(type, [valueAt, valueEnd]);
    }
    at = valueEnd;
  }
  return places;
}

function isIntact(
  bytes: Uint8Array,
  headerEnd: number,
  at: number,
  end: number,
): boolean {
  if (end - at !== CRC32C_BYTES) return false;
  return crc32c(bytes, headerEnd, at) === readUint32(bytes, at);
}

function readTls(
  bytes: Uint8Array,
  place: readonly [number, number] | undefined,
): Pick<ProxyFields, "commonName" | "tlsVersion"> | Fault {
  if (place === undefined) {
    return { commonName: undefined, tlsVersion: undefined };
  }
  const [at, end] = place;
  if (at + SSL_HEAD_BYTES > end) {
    return { fault: "a PROXY header with a field on TLS that is too short" };
  }
  const client = bytes[at]!;
  const places = findFields(bytes, at + SSL_HEAD_BYTES, end);
  if ("fault" in places) return places;
  const tlsVersion = textAt(bytes, places.get(SSL_VERSION));
  const commonName = textAt(bytes, places.get(SSL_CN));
  if (tlsVersion === null) return notText("TLS version");
  if (commonName === null) return notText("common name");
  const isVerified = (client & CLIENT_CERTIFICATE) !== 0 &&
    readUint32(bytes, at + 1) === VERIFIED;
  return {
    // A name that nobody has verified is no name.
    commonName: isVerified ? commonName : undefined,
    tlsVersion: client & CLIENT_TLS ? tlsVersion : undefined,
  };
}

/** Null when it is not text; `undefined` when there is none, or no letter. */
function textAt(
  bytes: Uint8Array,
  place: readonly [number, number] | undefined,
): string | undefined | null {
  if (place === undefined) return undefined;
  const [at, end] = place;
  if (!isText(bytes, at, end)) return null;
  return at === end ? undefined : decodeText(bytes, at, end);
}

function notText(what: string): Fault {
  return { fault: `a PROXY header whose ${what} is not UTF-8 text` };
}
