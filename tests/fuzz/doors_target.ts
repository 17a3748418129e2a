/**
 * What reads the first bytes at a door: the PROXY header, and what a peer
 * speaks. A verdict comes once, more bytes don't change it, and it is the
 * one that a regular expression for the whole would give.
 */

import { type Spoken, spokenFrom } from "../../src/net/first_bytes.ts";
import { canonicalAddress } from "../../src/net/ip_address.ts";
import { type ProxyEnd, readProxyHeader } from "../../src/net/proxy_header.ts";
import {
  ascii,
  INET6_TCP,
  INET_ADDRESSES,
  INET_TCP,
  tls,
  tlv,
  UNIX_STREAM,
  v2,
  withChecksum,
} from "../net/proxy_wire.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { connect, join } from "../support/wire.ts";
import type { Target } from "./fuzzer.ts";
import { mutate } from "./mutate.ts";

const CN = tlv(0x22, "meter-7");

/** Right ones of both versions. */
export const HEADERS: readonly Uint8Array[] = [
  ascii("PROXY TCP4 192.0.2.7 198.51.100.1 4660 1883\r\n"),
  ascii("PROXY TCP6 2001:db8::7 ::ffff:10.0.0.1 1 65535\r\n"),
  ascii("PROXY UNKNOWN\r\n"),
  ascii(`PROXY UNKNOWN ${"f".repeat(90)}\r\n`),
  v2(0, new Uint8Array(0), 0x20),
  v2(INET_TCP, INET_ADDRESSES),
  v2(INET6_TCP, join(new Uint8Array(36).fill(7), tlv(1, "mqtt"))),
  v2(UNIX_STREAM, join(new Uint8Array(216), tls(7, 0, CN))),
  v2(INET_TCP, join(INET_ADDRESSES, tls(1, 0, tlv(0x21, "TLSv1.3"), CN))),
  withChecksum(
    v2(INET_TCP, join(INET_ADDRESSES, tlv(4, "x"), tlv(3, "\0\0\0\0"))),
  ),
];

const GREETINGS: readonly Uint8Array[] = [
  ...HEADERS,
  ascii("\x16\x03\x01\x02\0\x01"),
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
    .map((method) => ascii(`${method} /mqtt HTTP/1.1\r\n`)),
  connect({ clientId: "a" }),
  connect({ level: 3, clientId: "a".repeat(300) }),
];

/** Reads more and more of `input`; what was said once has to stay. */
function verdictOf<T>(
  input: Uint8Array,
  read: (bytes: Uint8Array, length: number) => T | undefined,
): T | undefined {
  let verdict: T | undefined;
  for (let length = 0; length <= input.length; length++) {
    const now = read(input, length);
    if (verdict !== undefined) assertEquals(now, verdict, `of ${length} bytes`);
    verdict = now;
  }
  return verdict;
}

function checkEnd(end: ProxyEnd | undefined): void {
  if (end === undefined) return;
  assertEquals(canonicalAddress(end.hostname), end.hostname);
  assert(end.port >= 0 && end.port <= 65_535);
}

export const PROXY_TARGET: Target = {
  name: "PROXY header",
  make: (random) => mutate(random, random.pick(HEADERS), HEADERS),
  run(input) {
    const header = verdictOf(input, readProxyHeader);
    if (header === undefined || "fault" in header) return;
    const { consumed } = header;
    assert(consumed >= 15 && consumed <= input.length);
    assertEquals(readProxyHeader(input, consumed), header);
    assertEquals(readProxyHeader(input, consumed - 1), undefined);
    checkEnd(header.source);
    checkEnd(header.destination);
    assertEquals(header.source === undefined, header.destination === undefined);
  },
};

/** Each protocol once more, as one would say it in a line. */
const SPOKEN: readonly (readonly [Spoken, RegExp])[] = [
  // deno-lint-ignore no-control-regex -- so it begins
  ["tls", /^\x16\x03/],
  ["http", /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) /],
  ["proxy", /^(?:PROXY |\r\n\r\n\0\r\nQUIT\n)/],
  [
    "mqtt",
    // deno-lint-ignore no-control-regex -- so it begins
    /^\x10(?:[\x0c-\x7f]|[\x80-\xff]{1,3}[\0-\x7f])\0(?:\x04MQTT|\x06MQIsdp)/,
  ],
];

export const FIRST_BYTES_TARGET: Target = {
  name: "first bytes",
  make: (random) => mutate(random, random.pick(GREETINGS), GREETINGS),
  run(input) {
    const text = String.fromCharCode(...input.subarray(0, 100));
    const fits = SPOKEN.filter(([, form]) => form.test(text));
    assert(fits.length < 2);
    const spoken = fits[0]?.[0];
    for (const use of ["may begin", "not here"] as const) {
      const verdict = verdictOf(
        input,
        (bytes, length) => spokenFrom(bytes, length, use),
      );
      if (typeof verdict === "string") assertEquals(verdict, spoken);
      else if (verdict === undefined) assert(input.length < 12);
      else if (spoken === "proxy") assertEquals(use, "not here");
      else assert(spoken === undefined || isShort(input), verdict.fault);
    }
  },
};

/** A remaining length that takes more bytes than it needs, to say little. */
function isShort(input: Uint8Array): boolean {
  let length = 0;
  for (let at = 1; at < 5; at++) {
    length += (input[at]! & 0x7f) * 128 ** (at - 1);
    if (input[at]! < 0x80) break;
  }
  return input[0] === 0x10 && length < 12;
}
