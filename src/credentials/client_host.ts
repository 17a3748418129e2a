/**
 * Where a client is, without the port that it happens to have.
 *
 * @module
 */

/**
 * The host in `host:port`; what is no such address stays as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hostOf } from "./client_host.ts";
 *
 * assertEquals(hostOf("192.0.2.7:50000"), "192.0.2.7");
 * assertEquals(hostOf("[2001:db8::7]:50000"), "2001:db8::7");
 * ```
 */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
