/**
 * Ranges of addresses, as an operator writes them: `10.0.0.0/8`, `fe80::/10`,
 * a single address. Which address lies in which range is the business of
 * `node:net`, which is loaded when there are ranges and not before.
 *
 * @module
 */

import type { BlockList } from "node:net";
import {
  canonicalIpv6,
  IPV4_BITS,
  IPV6_BITS,
  isIpv4,
  MAPPED_BITS,
  unmapped,
} from "./ip_address.ts";

/** A range of addresses: all that begin with the same bits. */
export interface Cidr {
  /** An address of it, canonical. */
  readonly address: string;
  /** How many bits all have in common. */
  readonly bits: number;
  /** IPv4, also where it was written as IPv6 that carries IPv4. */
  readonly isIpv4: boolean;
}

/**
 * Reads a range, or a single address, which is a range of one.
 *
 * @throws {RangeError} When it is neither, with a sentence for the operator
 * to which the name of the flag is to be added.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseCidr } from "./cidr.ts";
 *
 * const range = { address: "10.0.0.0", bits: 8, isIpv4: true };
 * assertEquals(parseCidr("10.0.0.0/8"), range);
 * assertEquals(parseCidr("::ffff:10.0.0.0/104"), range);
 * assertThrows(() => parseCidr("10.0.0.0/33"), RangeError, "0 to 32 bits");
 * ```
 */
export function parseCidr(text: string): Cidr {
  const [, written = "", length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(
    text.trim(),
  ) ?? [];
  const address = isIpv4(written) ? written : canonicalIpv6(written);
  if (address === undefined) {
    throw new RangeError(
      `${JSON.stringify(text)} is no address or range such as 10.0.0.0/8, ` +
        "fe80::/10 or ::1",
    );
  }
  const most = isIpv4(address) ? IPV4_BITS : IPV6_BITS;
  const bits = length === undefined ? most : Number(length);
  if (bits > most) {
    throw new RangeError(
      `${JSON.stringify(text)}: a range of such addresses has 0 to ${most} ` +
        "bits",
    );
  }
  const bare = unmapped(address);
  // A range that reaches beyond the mapped addresses is one of IPv6.
  return bare !== address && bits >= MAPPED_BITS
    ? { address: bare, bits: bits - MAPPED_BITS, isIpv4: true }
    : { address, bits, isIpv4: isIpv4(address) };
}

/**
 * Some ranges. `::/0` holds all of IPv6 and nothing of IPv4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CidrSet } from "./cidr.ts";
 *
 * const ours = await CidrSet.of(["10.0.0.0/8", "::1"]);
 * assertEquals(ours.has("10.1.2.3"), true);
 * assertEquals(ours.has("::ffff:10.1.2.3"), true);
 * assertEquals(ours.has("192.0.2.1"), false);
 * ```
 */
export class CidrSet {
  readonly #ipv4: BlockList;
  readonly #ipv6: BlockList;

  private constructor(ipv4: BlockList, ipv6: BlockList) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
  }

  /**
   * The set of what `ranges` hold together.
   *
   * @throws {RangeError} See {@linkcode parseCidr}.
   */
  static async of(ranges: readonly string[]): Promise<CidrSet> {
    const parsed = ranges.map(parseCidr);
    const { BlockList } = await import("node:net");
    // One for each: runtimes differ in whether ::/0 holds 10.0.0.1.
    const [ipv4, ipv6] = [new BlockList(), new BlockList()];
    for (const { address, bits, isIpv4 } of parsed) {
      if (isIpv4) ipv4.addSubnet(address, bits, "ipv4");
      else ipv6.addSubnet(address, bits, "ipv6");
    }
    return new CidrSet(ipv4, ipv6);
  }

  /**
   * Whether `address` is in one of the ranges. It may have a zone
   * (`fe80::1%eth0`); what is no IP address is in none.
   */
  has(address: string): boolean {
    if (isIpv4(address)) return this.#ipv4.check(address, "ipv4");
    const ipv6 = canonicalIpv6(withoutZone(address));
    if (ipv6 === undefined) return false;
    const bare = unmapped(ipv6);
    return bare === ipv6
      ? this.#ipv6.check(ipv6, "ipv6")
      : this.#ipv4.check(bare, "ipv4");
  }
}

/** Without the interface of a link-local address. */
function withoutZone(address: string): string {
  const at = address.indexOf("%");
  return at < 0 ? address : address.slice(0, at);
}
