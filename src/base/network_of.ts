/**
 * What of an address tells one peer from another.
 *
 * @module
 */

/**
 * What one peer commands: an IPv4 address, or the 64 bits of an IPv6 address
 * that name a network, for in that it has as many addresses as it likes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { networkOf } from "./network_of.ts";
 *
 * assertEquals(networkOf("192.0.2.7"), "192.0.2.7");
 * assertEquals(networkOf("2001:db8::7"), networkOf("2001:db8:0:0:1::"));
 * ```
 */
export function networkOf(host: string): string {
  if (!host.includes(":")) return host;
  const [front = "", back] = host.split("::");
  const groups = front.split(":");
  if (back === undefined) return groups.slice(0, 4).join(":");
  const zeros = 8 - groups.length - back.split(":").length;
  const filled = [...groups, ...Array<string>(Math.max(zeros, 0)).fill("0")];
  return [...filled, ...back.split(":")].slice(0, 4).join(":");
}
