/**
 * Addresses as people write them, and which of them are loopback: a mistake
 * there would open a door.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { isLoopback, parseAddress, parseHost } from "../../src/cli/address.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const ADDRESSES: readonly (readonly [string, string, number])[] = [
  ["127.0.0.1:1883", "127.0.0.1", 1883],
  ["127.0.0.1:0", "127.0.0.1", 0],
  [" 0.0.0.0:65535 ", "0.0.0.0", 65_535],
  ["[::1]:1883", "::1", 1883],
  ["[::]:1883", "::", 1883],
  ["[fe80::1%eth0]:1883", "fe80::1%eth0", 1883],
  ["localhost:1883", "localhost", 1883],
  ["gateway.example:1883", "gateway.example", 1883],
  ["Gateway-7_b:1883", "Gateway-7_b", 1883],
];

for (const [text, hostname, port] of ADDRESSES) {
  Deno.test(`"${text}" is an address`, () => {
    assertEquals(parseAddress(text, "--listen"), { hostname, port });
  });
}

const NO_ADDRESSES = [
  "",
  "1883",
  "localhost",
  ":1883",
  "::1:1883",
  "[::1]",
  "[::1]1883",
  "[]:1883",
  "[127.0.0.1]x:1",
  "mqtt://host:1883",
  "host:1883/",
  "host:",
  "host:port",
  "host:-1",
  "host:65536",
  "host:1.5",
  "a b:1883",
  "a/b:1883",
  "user@host:1883",
  "1883:1883",
  "127.1:1883",
  "256.0.0.1:1883",
  "0x7f000001:1883",
  "[::g]:1883",
  "[1:2]:1883",
  "%65:1883",
];

for (const text of NO_ADDRESSES) {
  Deno.test(`"${text}" is no address`, () => {
    const error = assertThrows(
      () => parseAddress(text, "--listen"),
      UsageError,
    );
    assertEquals(error.message.includes("--listen"), true, error.message);
  });
}

Deno.test("a host may have an IPv6 address's brackets or not", () => {
  assertEquals(parseHost("::1", "--host"), "::1");
  assertEquals(parseHost("[::1]", "--host"), "::1");
  assertEquals(parseHost(" db.example ", "--host"), "db.example");
});

for (const text of ["", "not a host", "a:1883", "*", "1883", "[::1]:1883"]) {
  Deno.test(`"${text}" is no host`, () => {
    assertThrows(() => parseHost(text, "--host"), UsageError, "--host");
  });
}

const LOOPBACK = [
  "127.0.0.1",
  "127.255.255.254",
  "::1",
  "0:0:0:0:0:0:0:1",
  "0000::0001",
  "::ffff:127.0.0.1",
  "::ffff:7f01:203",
  "localhost",
  "LocalHost",
];

for (const hostname of LOOPBACK) {
  Deno.test(`${hostname} is loopback`, () => {
    assertEquals(isLoopback(hostname), true);
  });
}

const OPEN = [
  "",
  "0.0.0.0",
  "::",
  "::ffff:0.0.0.0",
  "::ffff:10.0.0.1",
  "::2",
  "1::1",
  "10.0.0.1",
  "128.0.0.1",
  "1.127.0.0",
  "fe80::1%lo",
  "127.0.0.1.example",
  "localhost.example",
  "not a host",
];

for (const hostname of OPEN) {
  Deno.test(`"${hostname}" is not loopback`, () => {
    assertEquals(isLoopback(hostname), false);
  });
}
