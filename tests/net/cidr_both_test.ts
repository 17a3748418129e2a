/**
 * Ranges of addresses: what an operator may write, and which addresses are
 * in them, against arithmetic on bits. Runs under Deno and Bun.
 */

import { type Cidr, CidrSet, parseCidr } from "../../src/net/cidr.ts";
import { canonicalAddress } from "../../src/net/ip_address.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assertEquals, assertThrows } from "../support/std_assert.ts";

function ipv4(address: string, bits: number): Cidr {
  return { address, bits, isIpv4: true };
}

function ipv6(address: string, bits: number): Cidr {
  return { address, bits, isIpv4: false };
}

const RANGES: readonly (readonly [text: string, range: Cidr])[] = [
  ["10.0.0.0/8", ipv4("10.0.0.0", 8)],
  [" 10.0.0.1 ", ipv4("10.0.0.1", 32)],
  ["0.0.0.0/0", ipv4("0.0.0.0", 0)],
  ["::1", ipv6("::1", 128)],
  ["FE80:0::/10", ipv6("fe80::", 10)],
  ["::/0", ipv6("::", 0)],
  ["::ffff:10.0.0.0/104", ipv4("10.0.0.0", 8)],
  ["::ffff:a00:1", ipv4("10.0.0.1", 32)],
  ["::ffff:0:0/96", ipv4("0.0.0.0", 0)],
  ["::ffff:0:0/95", ipv6("::ffff:0:0", 95)],
];

test("ranges and single addresses are read", () => {
  for (const [text, range] of RANGES) {
    assertEquals(parseCidr(text), range, text);
  }
});

const NONE = [
  ["", "/8", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1.2", "host"],
  ["10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0.0/8/8", "1883"],
  [":::", "1::2::3", "12345::", "fe80::1%eth0", "[::1]", "::1:1.2.3", "@::1"],
  ["10.0.0.0/0008", "0x7f.1", "::ffff:10.0.0.01"],
].flat();

test("what is no range is refused in words", () => {
  for (const text of NONE) {
    const says = `${JSON.stringify(text)} is no address or range`;
    assertThrows(() => parseCidr(text), RangeError, says, text);
  }
  const four = () => parseCidr("10.0.0.0/33");
  assertThrows(four, RangeError, "has 0 to 32 bits");
  assertThrows(() => parseCidr("::/129"), RangeError, "has 0 to 128 bits");
});

test("an address has one canonical form", () => {
  for (
    const [text, canonical] of [
      ["192.0.2.1", "192.0.2.1"],
      ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["0:0:0:0:0:0:0:0", "::"],
      ["::FFFF:192.0.2.1", "192.0.2.1"],
      ["0:0:0:0:0:ffff:c000:201", "192.0.2.1"],
      ["::ffff:192.168.254.255", "192.168.254.255"],
      ["::192.0.2.1", "::c000:201"],
      ["::1%eth0", undefined],
      ["localhost", undefined],
    ] as const
  ) assertEquals(canonicalAddress(text), canonical, text);
});

test("mapped addresses, zones and names", async () => {
  const set = await CidrSet.of(
    ["10.0.0.0/8", "fe80::/10", "::ffff:192.0.2.0/120"],
  );
  for (
    const [address, isIn] of [
      ["10.255.0.1", true],
      ["11.0.0.1", false],
      ["::ffff:10.1.2.3", true],
      ["::ffff:a01:203", true],
      ["::FFFF:11.1.2.3", false],
      ["::10.1.2.3", false],
      ["192.0.2.255", true],
      ["192.0.3.0", false],
      ["fe80::1", true],
      ["fe80::1%eth0", true],
      ["fec0::1", false],
      ["", false],
      ["localhost", false],
      ["10.0.0.1:1883", false],
    ] as const
  ) assertEquals(set.has(address), isIn, address);
});

test("all of IPv6 is nothing of IPv4, and the other way", async () => {
  const six = await CidrSet.of(["::/0"]);
  assertEquals([six.has("2001:db8::1"), six.has("10.0.0.1")], [true, false]);
  assertEquals(six.has("::ffff:10.0.0.1"), false);
  const four = await CidrSet.of(["0.0.0.0/0"]);
  assertEquals([four.has("::1"), four.has("10.0.0.1")], [false, true]);
  const none = await CidrSet.of([]);
  assertEquals([none.has("::1"), none.has("10.0.0.1")], [false, false]);
});

/** An address of `size` bits as a number, and as text. */
function textOf(address: bigint, size: number): string {
  const step = size === 32 ? 8 : 16;
  const parts: string[] = [];
  for (let at = size - step; at >= 0; at -= step) {
    const part = address >> BigInt(at) & (1n << BigInt(step)) - 1n;
    parts.push(part.toString(size === 32 ? 10 : 16));
  }
  return parts.join(size === 32 ? "." : ":");
}

function randomAddress(random: Random, size: number): bigint {
  let address = 0n;
  for (let i = 0; i < size; i += 8) {
    address = address << 8n | BigInt(random.pick([0, 255, random.below(256)]));
  }
  return address;
}

test("a range holds what begins with its bits", async () => {
  const work: Promise<void>[] = [];
  forSeeds(300, (random) => {
    const size = random.pick([32, 128]);
    const bits = random.between(0, size);
    const range = randomAddress(random, size);
    const flipped = random.below(size);
    const address = range ^ 1n << BigInt(size - 1 - flipped);
    work.push((async () => {
      const text = `${textOf(range, size)}/${bits}`;
      const set = await CidrSet.of(["192.0.2.77", "2001:db8::77", text]);
      assertEquals(set.has(textOf(range, size)), true, text);
      const other = textOf(address, size);
      assertEquals(set.has(other), flipped >= bits, `${other} in ${text}`);
    })());
  });
  await Promise.all(work);
});
