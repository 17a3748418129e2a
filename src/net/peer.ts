/**
 * How peers and the ends of sockets are named in logs.
 *
 * @module
 */

/**
 * `host:port`, with brackets around an IPv6 address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatAddress } from "./peer.ts";
 *
 * assertEquals(formatAddress("::1", 1883), "[::1]:1883");
 * assertEquals(formatAddress("::ffff:10.0.0.7", 5), "10.0.0.7:5");
 * ```
 */
export function formatAddress(hostname: string, port: number): string {
  const bare = bareHost(hostname);
  return bare.includes(":") ? `[${bare}]:${port}` : `${bare}:${port}`;
}

/** An IPv4 address that came as an IPv6 one is one all the same. */
export function bareHost(hostname: string): string {
  return hostname.startsWith("::ffff:") ? hostname.slice(7) : hostname;
}

/** Why a socket ended, in words, from what the runtime threw. */
export function closeReasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the socket failed";
  const code = (error as { code?: string }).code;
  if (error.name === "ConnectionReset" || code === "ECONNRESET") {
    return "the client reset the socket";
  }
  if (error.name === "BrokenPipe" || code === "EPIPE") {
    return "the client closed the socket";
  }
  if (error.name === "TimedOut" || code === "ETIMEDOUT") {
    return "the network lost the client";
  }
  return `the socket failed (${code ?? error.name})`;
}
