/**
 * The one way to write an IP address, so that two can be compared as texts:
 * RFC 5952, and an IPv4 address that IPv6 carries is that IPv4 address.
 *
 * @module
 */

const IPV4_BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
/** Without a leading zero, which some read as octal. */
const IPV4 = new RegExp(`^${IPV4_BYTE}(?:\\.${IPV4_BYTE}){3}$`);
const IPV6 = /^[\da-f:.]{2,45}$/i;
/** `::ffff:a.b.c.d` as the URL standard writes it. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/** How many bits an IPv4 address has. */
export const IPV4_BITS = 32;
/** How many bits an IPv6 address has. */
export const IPV6_BITS = 128;
/** How many bits of a mapped address stand before the IPv4 address. */
export const MAPPED_BITS: number = IPV6_BITS - IPV4_BITS;

/**
 * An address in its one form; `undefined` when it is none. It may have no
 * brackets, port or zone.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalAddress } from "./ip_address.ts";
 *
 * assertEquals(canonicalAddress("2001:DB8:0:0::1"), "2001:db8::1");
 * assertEquals(canonicalAddress("::ffff:10.0.0.7"), "10.0.0.7");
 * assertEquals(canonicalAddress("10.0.0.07"), undefined);
 * ```
 */
export function canonicalAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  const ipv6 = canonicalIpv6(text);
  return ipv6 === undefined ? undefined : unmapped(ipv6);
}

/** Whether `text` is an IPv4 address as {@linkcode canonicalAddress} takes. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** An IPv6 address in its one form, which hides no IPv4 address. */
export function canonicalIpv6(text: string): string | undefined {
  if (!IPV6.test(text) || !text.includes(":")) return undefined;
  const url = `http://[${text}]/`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.slice(1, -1);
}

/** The IPv4 address that a canonical IPv6 address carries, or itself. */
export function unmapped(ipv6: string): string {
  const [, high, low] = MAPPED.exec(ipv6) ?? [];
  if (high === undefined || low === undefined) return ipv6;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join(".");
}
