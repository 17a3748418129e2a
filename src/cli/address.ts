/**
 * Addresses to listen on, as people write them, and which of them only this
 * machine can reach. Nothing is looked up here.
 *
 * @module
 */

import { parseQuantity } from "./quantity.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** Where to listen. */
export interface Address {
  /** A name or address; an IPv6 address has no brackets. */
  readonly hostname: string;
  /** The port; 0 takes a free one. */
  readonly port: number;
}

/** The range of a port to listen on. */
export const PORTS = { least: 0, most: 65_535, unit: "" };

/**
 * Reads `host:port` or `[::1]:port`.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is no such address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAddress } from "./address.ts";
 *
 * const address = parseAddress("[::1]:1883", "--listen");
 * assertEquals(address, { hostname: "::1", port: 1883 });
 * ```
 */
export function parseAddress(text: string, label: string): Address {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):([^:]*)$/s.exec(text.trim()) ??
    [];
  if (!host || !port) {
    throw new UsageError(
      `${label} must be host:port or [ipv6]:port, not ${quoted(text)}`,
    );
  }
  return {
    hostname: parseHost(host, label),
    port: parseQuantity(port, PORTS, `the port of ${label}`),
  };
}

/**
 * Reads a name or an address, without a port. An IPv6 address may have
 * brackets.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseHost } from "./address.ts";
 *
 * assertEquals(parseHost("[::1]", "--host"), "::1");
 * assertThrows(() => parseHost("not a host", "--host"));
 * ```
 */
export function parseHost(text: string, label: string): string {
  const host = text.trim().replace(/^\[(.*)\]$/s, "$1");
  if (canonicalHost(host) !== undefined) return host;
  throw new UsageError(
    `${label} must be a host name or an IP address, not ${quoted(text)}`,
  );
}

/**
 * Whether only this machine can reach what listens on `hostname`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isLoopback } from "./address.ts";
 *
 * assertEquals(isLoopback("127.0.0.1"), true);
 * assertEquals(isLoopback("0:0:0:0:0:0:0:1"), true);
 * assertEquals(isLoopback("0.0.0.0"), false);
 * ```
 */
export function isLoopback(hostname: string): boolean {
  const host = canonicalHost(hostname);
  if (host === undefined) return false;
  return host === "localhost" || host === "[::1]" ||
    IPV4_LOOPBACK.test(host) || IPV4_MAPPED_LOOPBACK.test(host);
}

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const IPV4_LOOPBACK = /^127\.\d+\.\d+\.\d+$/;
/** `::ffff:127.0.0.0/104` as the URL standard writes it. */
const IPV4_MAPPED_LOOPBACK = /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/;

/**
 * The one way to write a host, by the rules for URLs; `undefined` when it is
 * none. Those rules take `1883` for 0.0.7.91: what a person hardly means.
 */
function canonicalHost(host: string): string | undefined {
  const bare = IPV6.test(host) ? `[${host.replace(ZONE, "")}]` : host;
  if (bare === host && !NAME.test(host)) return undefined;
  const url = `http://${bare}/`;
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return IPV4.test(hostname) && hostname !== host ? undefined : hostname;
}

const NAME = /^[\p{L}\p{M}\p{N}._-]+$/u;
const IPV6 = /^[\da-f:.]*:[\da-f:.]*(?:%[\w.-]+)?$/i;
/** The interface of a link-local IPv6 address: `fe80::1%eth0`. */
const ZONE = /%.*$/;
