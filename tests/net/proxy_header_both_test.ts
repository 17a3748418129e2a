/**
 * PROXY headers of both versions: what they say, that each byte too few asks
 * for more and each wrong one is refused. Runs under Deno and Bun.
 */

import {
  type ProxyHeader,
  readProxyHeader,
} from "../../src/net/proxy_header.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";
import { join } from "../support/wire.ts";
import {
  ascii,
  INET6_TCP,
  INET_ADDRESSES,
  INET_TCP,
  tls,
  tlv,
  UNIX_STREAM,
  v2,
  V2_SIGNATURE,
  withChecksum,
} from "./proxy_wire.ts";

type Said = Partial<Omit<ProxyHeader, "consumed">>;
type Case = readonly [what: string, bytes: Uint8Array, says: Said];

const MQTT = ascii("\x10\x0c\0\x04MQTT");

const SOURCE = { hostname: "192.0.2.7", port: 4660 };
const DESTINATION = { hostname: "198.51.100.1", port: 1883 };
const ENDS = { source: SOURCE, destination: DESTINATION };

function line(text: string): Uint8Array {
  return ascii(`PROXY ${text}\r\n`);
}

function ends(from: string, to: string, fromPort = 1, toPort = 2): Said {
  return {
    source: { hostname: from, port: fromPort },
    destination: { hostname: to, port: toPort },
  };
}

/** An IPv4 header with fields. */
function inet(...fields: Uint8Array[]): Uint8Array {
  return v2(INET_TCP, join(INET_ADDRESSES, ...fields));
}

const ALL_ONES = Array(8).fill("ffff").join(":");
const SIX_ADDRESSES = Uint8Array.of(
  ...[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1],
  ...[0, 1, 0, 2],
);
const CN = tlv(0x22, "meter-7");
const VERSION = tlv(0x21, "TLSv1.3");
const CRC_OF_ZEROS = tlv(0x03, new Uint8Array(4));

const RIGHT: readonly Case[] = [
  ["TCP4", line("TCP4 192.0.2.7 198.51.100.1 4660 1883"), ENDS],
  [
    "the longest TCP4",
    line("TCP4 255.255.255.255 255.255.255.255 65535 65535"),
    ends("255.255.255.255", "255.255.255.255", 65_535, 65_535),
  ],
  ["port 0", line("TCP4 0.0.0.0 1.2.3.4 0 2"), ends("0.0.0.0", "1.2.3.4", 0)],
  [
    "TCP6",
    line("TCP6 2001:DB8::7 ::1 1 2"),
    ends("2001:db8::7", "::1"),
  ],
  [
    "the longest TCP6",
    line(`TCP6 ${ALL_ONES} ${ALL_ONES} 65535 65535`),
    ends(ALL_ONES, ALL_ONES, 65_535, 65_535),
  ],
  [
    "IPv4 in IPv6",
    line("TCP6 ::ffff:10.0.0.1 ::ffff:a00:2 1 2"),
    ends("10.0.0.1", "10.0.0.2"),
  ],
  ["UNKNOWN", line("UNKNOWN"), {}],
  [
    "the longest UNKNOWN",
    line(`UNKNOWN ${ALL_ONES} ${ALL_ONES} 65535 65535`),
    {},
  ],
  ["UNKNOWN and anything", line("UNKNOWN \0\xff  "), {}],
  ["LOCAL", v2(0, new Uint8Array(0), 0x20), {}],
  ["LOCAL with what is ignored", v2(0xff, Uint8Array.of(1, 2), 0x20), {}],
  ["LOCAL with addresses", v2(INET_TCP, INET_ADDRESSES, 0x20), {}],
  ["UNSPEC", v2(0, Uint8Array.of(1, 2, 3)), {}],
  ["UNSPEC transport", v2(0x10, INET_ADDRESSES), {}],
  ["INET", inet(), ENDS],
  ["INET over UDP", v2(0x12, INET_ADDRESSES), ENDS],
  ["INET6", v2(INET6_TCP, SIX_ADDRESSES), ends("2001:db8::7", "10.0.0.1")],
  ["UNIX", v2(UNIX_STREAM, new Uint8Array(216)), {}],
  [
    "UNIX with a verified name",
    v2(UNIX_STREAM, join(new Uint8Array(216), tls(7, 0, CN))),
    { commonName: "meter-7" },
  ],
  ["padding", inet(tlv(4, ""), tlv(4, "x".repeat(300))), ENDS],
  ["unknown fields", inet(tlv(0xe0, "a"), tlv(0xe0, "b")), ENDS],
  ["ALPN", inet(tlv(1, "mqtt")), { ...ENDS, alpn: "mqtt" }],
  ["an empty ALPN", inet(tlv(1, "")), ENDS],
  ["a version of TLS", inet(tls(1, 1, VERSION)), {
    ...ENDS,
    tlsVersion: "TLSv1.3",
  }],
  ["a version without TLS", inet(tls(0, 1, VERSION)), ENDS],
  ["a certificate now", inet(tls(3, 0, VERSION, CN)), {
    ...ENDS,
    tlsVersion: "TLSv1.3",
    commonName: "meter-7",
  }],
  ["a certificate in this session", inet(tls(4, 0, CN)), {
    ...ENDS,
    commonName: "meter-7",
  }],
  ["a name beyond ASCII", inet(tls(7, 0, tlv(0x22, "Z\xc3\xa4hler"))), {
    ...ENDS,
    commonName: "Zähler",
  }],
  ["an empty name", inet(tls(7, 0, tlv(0x22, ""))), ENDS],
  ["a name that failed", inet(tls(7, 1, CN)), ENDS],
  ["a name without certificate", inet(tls(1, 0, CN)), ENDS],
  ["a name outside of TLS", inet(CN), ENDS],
  ["a checksum", withChecksum(inet(tlv(1, "mqtt"), CRC_OF_ZEROS)), {
    ...ENDS,
    alpn: "mqtt",
  }],
  [
    "as long as may be",
    inet(tlv(4, "x".repeat(4096 - 12 - 3))),
    ENDS,
  ],
];

test("a header says who the client is, once it is whole", () => {
  for (const [what, bytes, says] of RIGHT) {
    const stream = join(bytes, MQTT);
    const whole = {
      consumed: bytes.length,
      source: undefined,
      destination: undefined,
      commonName: undefined,
      alpn: undefined,
      tlsVersion: undefined,
      ...says,
    };
    for (let length = 0; length <= stream.length; length++) {
      const wanted = length < bytes.length ? undefined : whole;
      assertEquals(readProxyHeader(stream, length), wanted, what);
    }
  }
});

const ILL_FORMED = "a PROXY line that is not well formed";
const NO_CR_LF = "a PROXY line that does not end in CR LF";
const TOO_LONG = "a PROXY line of more than 107 bytes";
const BEYOND = "a PROXY header with a field beyond its end";
const TWICE = "a PROXY header that says something twice";
const CHECKSUM = "a PROXY header whose checksum is wrong";
const TOO_SHORT = "a PROXY header that is too short for its addresses";
const NO_FAMILY = "a PROXY header of an unknown address family or transport";
const NO_VERSION = "a PROXY header of an unknown version or command";

/** Lines that are refused as a whole. */
const ILL_FORMED_LINES = [
  ["", "TCP4", "TCP4 192.0.2.7", "TCP4 192.0.2.7 192.0.2.1 1", "UNKNOWNX"],
  ["TCP4  192.0.2.7 192.0.2.1 1 2", "TCP4 192.0.2.7 192.0.2.1 1 2 "],
  ["TCP4 192.0.2.07 192.0.2.1 1 2", "TCP4 192.0.2.256 192.0.2.1 1 2"],
  ["TCP4 192.0.2 192.0.2.1 1 2", "TCP4 192.0.2.7 192.0.2.1 01 2"],
  ["TCP4 192.0.2.7 192.0.2.1 1 65536", "TCP4 192.0.2.7 192.0.2.1 -1 2"],
  ["TCP4 ::1 ::1 1 2", "TCP6 192.0.2.7 192.0.2.1 1 2", "TCP6 ::1 1::2:: 1 2"],
  ["TCP6 ::1%lo ::1 1 2", "TCP6 [::1] ::1 1 2", "TCP6 12345:: ::1 1 2"],
  ["TCP5 ::1 ::1 1 2", "tcp4 192.0.2.7 192.0.2.1 1 2", "UDP4 1.1.1.1 1.1.1.1"],
  ["TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2", "TCP4\t192.0.2.7 192.0.2.1 1 2"],
].flat();

const WRONG: readonly (readonly [string, Uint8Array, string])[] = [
  ...ILL_FORMED_LINES.map((text) => [text, line(text), ILL_FORMED] as const),
  ["LF alone", ascii("PROXY UNKNOWN\n"), NO_CR_LF],
  ["CR alone", ascii("PROXY UNKNOWN\r "), NO_CR_LF],
  ["two CR", ascii("PROXY UNKNOWN\r\r\n"), NO_CR_LF],
  ["a line too long", line(`UNKNOWN ${"x".repeat(92)}`), TOO_LONG],
  ["a line that never ends", ascii("PROXY " + "x".repeat(900)), TOO_LONG],
  ["lower case", ascii("proxy "), "no PROXY header where one is due"],
  ["MQTT", MQTT, "no PROXY header where one is due"],
  ["version 3", join(V2_SIGNATURE, 0x31), NO_VERSION],
  ["version 1 in binary", join(V2_SIGNATURE, 0x11), NO_VERSION],
  ["an unknown command", join(V2_SIGNATURE, 0x22), NO_VERSION],
  ["an unknown family", join(V2_SIGNATURE, 0x21, 0x41), NO_FAMILY],
  ["an unknown transport", join(V2_SIGNATURE, 0x21, 0x13), NO_FAMILY],
  [
    "too much",
    join(V2_SIGNATURE, 0x21, 0x11, [0x10, 0x01]),
    "a PROXY header of 4097 bytes, above 4096",
  ],
  ["INET cut", v2(INET_TCP, INET_ADDRESSES.subarray(0, 11)), TOO_SHORT],
  ["INET6 cut", v2(INET6_TCP, new Uint8Array(35)), TOO_SHORT],
  ["UNIX cut", v2(UNIX_STREAM, new Uint8Array(215)), TOO_SHORT],
  ["a byte behind the addresses", inet(Uint8Array.of(4)), BEYOND],
  ["a field without length", inet(Uint8Array.of(4, 0)), BEYOND],
  ["a field that is cut", inet(Uint8Array.of(4, 0, 2, 0)), BEYOND],
  ["a field cut in TLS", inet(tls(7, 0, Uint8Array.of(0x22, 0, 1))), BEYOND],
  ["ALPN twice", inet(tlv(1, "a"), tlv(1, "b")), TWICE],
  ["TLS twice", inet(tls(7, 1, CN), tls(7, 0, CN)), TWICE],
  ["a name twice", inet(tls(7, 0, CN, CN)), TWICE],
  [
    "TLS of four bytes",
    inet(tlv(0x20, "\x07\0\0\0")),
    "a PROXY header with a field on TLS that is too short",
  ],
  [
    "a name that is not UTF-8",
    inet(tls(7, 0, tlv(0x22, "\xff"))),
    "a PROXY header whose common name is not UTF-8 text",
  ],
  [
    "a name with U+0000",
    inet(tls(7, 0, tlv(0x22, "a\0b"))),
    "a PROXY header whose common name is not UTF-8 text",
  ],
  [
    "an ALPN that is not UTF-8",
    inet(tlv(1, "\x80")),
    "a PROXY header whose ALPN is not UTF-8 text",
  ],
  ["a wrong checksum", inet(CRC_OF_ZEROS), CHECKSUM],
  [
    "a checksum and a byte more",
    withChecksum(inet(tlv(3, "\0\0\0\0x")), 5),
    CHECKSUM,
  ],
  ["a short checksum", inet(tlv(3, "abc")), CHECKSUM],
];

test("what is no header is refused, and by its first wrong byte", () => {
  for (const [what, bytes, fault] of WRONG) {
    let isRefused = false;
    for (let length = 0; length <= bytes.length; length++) {
      const verdict = readProxyHeader(bytes, length);
      if (isRefused || length === bytes.length) {
        assertEquals(verdict, { fault }, what);
      } else if (verdict !== undefined) {
        assertEquals(verdict, { fault }, what);
        isRefused = true;
      }
    }
  }
});

test("a checksum finds every byte that was changed", () => {
  const bytes = withChecksum(inet(tlv(1, "mqtt"), CRC_OF_ZEROS));
  // Under another type the field would be no checksum at all.
  const typeAt = bytes.length - CRC_OF_ZEROS.length;
  for (let at = V2_SIGNATURE.length + 4; at < bytes.length; at++) {
    if (at === typeAt) continue;
    const changed = bytes.slice();
    changed[at]! ^= 0x40;
    const verdict = readProxyHeader(changed, changed.length);
    assertEquals(verdict !== undefined && "fault" in verdict, true, `${at}`);
  }
});
