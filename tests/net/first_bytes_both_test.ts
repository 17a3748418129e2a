/**
 * What a peer speaks, from its first bytes: each protocol from as few as are
 * enough, and no two of them for the same bytes. Runs under Deno and Bun.
 */

import {
  type ProxyUse,
  type Spoken,
  spokenFrom,
} from "../../src/net/first_bytes.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { connect } from "../support/wire.ts";

const USES: readonly ProxyUse[] = ["may begin", "not here"];

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const V2 = "\r\n\r\n\0\r\nQUIT\n";
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS"];

/** What it is, from how many bytes on. */
const KNOWN: readonly (readonly [Spoken, number, Uint8Array])[] = [
  ["tls", 2, Uint8Array.of(0x16, 3, 1, 2, 0, 1)],
  ["tls", 2, Uint8Array.of(0x16, 3, 3)],
  ["mqtt", 8, connect({ clientId: "a" })],
  ["mqtt", 9, connect({ clientId: "a".repeat(200) })],
  ["mqtt", 10, connect({ level: 3, clientId: "a" })],
  ["mqtt", 11, ascii("\x10\xff\xff\xff\x01\0\x04MQTT")],
  ...[...METHODS, "TRACE", "PATCH"].map((method) =>
    ["http", method.length + 1, ascii(`${method} /`)] as const
  ),
  ["proxy", 6, ascii("PROXY TCP4 ")],
  ["proxy", 12, ascii(V2 + "\x21\x11")],
];

test("a protocol is known from as few bytes as are enough", () => {
  for (const [spoken, enough, bytes] of KNOWN) {
    for (let length = 0; length <= bytes.length; length++) {
      const wanted = length < enough ? undefined : spoken;
      assertEquals(spokenFrom(bytes, length, "may begin"), wanted, spoken);
      if (spoken === "proxy") continue;
      assertEquals(spokenFrom(bytes, length, "not here"), wanted, spoken);
    }
  }
});

const UNKNOWN: readonly (readonly [text: string, says: string])[] = [
  ["SSH-2.0-x", "bytes that are not MQTT, TLS or HTTP; the first is 0x53"],
  ["\0", "bytes that are not MQTT, TLS or HTTP; the first is 0x00"],
  ["\x16\x02", "bytes that are not MQTT, TLS or HTTP; the first is 0x16"],
  ["\x30\0", "bytes that are not MQTT, TLS or HTTP; the first is 0x30"],
  ["PRI * HTTP/2.0", "bytes that are not MQTT, TLS or HTTP; the first is 0x50"],
  ["get /", "bytes that are not MQTT, TLS or HTTP; the first is 0x67"],
  ["GET\t/", "bytes that are not MQTT, TLS or HTTP; the first is 0x47"],
  ["PROXY ", "bytes that are not MQTT, TLS or HTTP; the first is 0x50"],
  [V2, "bytes that are not MQTT, TLS or HTTP; the first is 0x0d"],
  ["\x10\x80\x80\x80\x80", "an MQTT CONNECT with a remaining length too long"],
  ["\x10\x0b", "an MQTT CONNECT of only 11 bytes"],
  ["\x10\x0c\0\x04MQTX", "an MQTT CONNECT with an unknown protocol name"],
  ["\x10\x0c\0\x05", "an MQTT CONNECT with an unknown protocol name"],
];

test("what is none of them is told in a sentence", () => {
  for (const [text, fault] of UNKNOWN) {
    const bytes = ascii(text);
    const verdict = spokenFrom(bytes, bytes.length, "not here");
    assertEquals(verdict, { fault }, text);
  }
  assertEquals(spokenFrom(ascii("\n"), 1, "may begin"), {
    fault: "bytes that are not MQTT, TLS, HTTP or a PROXY header; " +
      "the first is 0x0a",
  });
});

function nearly(random: Random): Uint8Array {
  const bytes = random.pick(KNOWN)[2].slice(0, 20);
  if (random.chance(70)) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}

test("once there is a verdict, more bytes don't change it", () => {
  forSeeds(3000, (random) => {
    const bytes = nearly(random);
    for (const use of USES) {
      let verdict: ReturnType<typeof spokenFrom>;
      for (let length = 0; length <= bytes.length; length++) {
        const now = spokenFrom(bytes, length, use);
        if (verdict !== undefined) assertEquals(now, verdict);
        verdict = now;
      }
      // Whoever may send no header loses nothing else by that.
      const other = spokenFrom(bytes, bytes.length, "may begin");
      if (typeof verdict === "string") assertEquals(verdict, other);
    }
  });
});

test("what no known protocol begins with is decided by its end", () => {
  for (let byte = 0; byte < 256; byte++) {
    const bytes = Uint8Array.of(byte, ...new Array(15).fill(0xfe));
    const verdict = spokenFrom(bytes, bytes.length, "may begin");
    assert(typeof verdict === "object", `0x${byte.toString(16)}`);
  }
});
