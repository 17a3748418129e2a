/**
 * What is remembered of hosts and client ids: it fades, and there is a bound
 * to it.
 */

import { assert, assertEquals } from "@std/assert";
import { Addresses } from "../../src/broker/addresses.ts";
import { limitsWith } from "../../src/broker/limits.ts";
import { Reconnects } from "../../src/broker/reconnects.ts";

const BANNED = "too many failed logins";

/** Hosts that may fail three times, and are then banned for a minute. */
function strict(): Addresses {
  const loginBanMs = 60_000;
  return new Addresses(limitsWith({ loginFailuresMax: 3, loginBanMs }));
}

function failTimes(addresses: Addresses, host: string, times: number): void {
  for (let i = 0; i < times; i++) addresses.loginFailed(host, 0);
}

Deno.test("a host that fails too often is banned for a time", () => {
  const addresses = strict();
  failTimes(addresses, "10.0.0.1", 3);
  assertEquals(addresses.banOf("10.0.0.1", 0), undefined);
  failTimes(addresses, "10.0.0.1", 1);
  assertEquals(addresses.banOf("10.0.0.1", 0), BANNED);
  assertEquals(addresses.banOf("10.0.0.2", 0), undefined);
  assertEquals(addresses.banOf("10.0.0.1", 59_999), BANNED);
  assertEquals(addresses.banOf("10.0.0.1", 60_000), undefined);
  // What it did has faded meanwhile: it begins anew.
  addresses.loginFailed("10.0.0.1", 60_000);
  assertEquals(addresses.banOf("10.0.0.1", 60_000), undefined);
});

Deno.test("another failure does not lift a ban", () => {
  const addresses = strict();
  failTimes(addresses, "10.0.0.1", 4);
  // A connection that was there before; three failures have faded.
  addresses.loginFailed("10.0.0.1", 3_000);
  assertEquals(addresses.banOf("10.0.0.1", 59_999), BANNED);
  assertEquals(addresses.banOf("10.0.0.1", 60_000), undefined);
});

Deno.test("failures fade, one a second", () => {
  const addresses = strict();
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += 1000) {
    addresses.loginFailed("10.0.0.1", nowMs);
    assertEquals(addresses.banOf("10.0.0.1", nowMs), undefined);
  }
  for (let nowMs = 3_600_000; nowMs < 3_604_000; nowMs += 500) {
    addresses.loginFailed("10.0.0.1", nowMs);
  }
  assertEquals(addresses.banOf("10.0.0.1", 3_604_000), BANNED);
});

Deno.test("who shares an address with clients fades faster", () => {
  const addresses = strict();
  // Three devices with a wrong password behind one address, each second.
  const fails = () => {
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) {
      for (let i = 0; i < 3; i++) addresses.loginFailed("10.0.0.1", nowMs);
    }
    return addresses.banOf("10.0.0.1", 60_000);
  };
  const host = addresses.enter("10.0.0.1");
  host.clients = 2;
  assertEquals(fails(), undefined);
  host.clients = 0;
  assertEquals(fails(), BANNED);
});

Deno.test("after ten failures the answer waits", () => {
  const loginDelayMs = 700;
  const addresses = new Addresses(limitsWith({ loginDelayMs }));
  const waits = Array.from(
    { length: 12 },
    () => addresses.loginFailed("10.0.0.1", 0),
  );
  assertEquals(waits, [...Array(10).fill(0), 700, 700]);
  assertEquals(addresses.loginFailed("10.0.0.2", 0), 0);
  // One that keeps calm gets its answers at once again.
  assertEquals(addresses.loginFailed("10.0.0.1", 3_000), 0);
});

Deno.test("of IPv6 it is the network that is banned", () => {
  const networks: [banned: string, same: string[], others: string[]][] = [
    [
      "2001:db8:1:2:3:4:5:6",
      ["2001:db8:1:2::", "2001:db8:1:2::9", "2001:db8:1:2:ffff::1:0"],
      ["2001:db8:1:3::9", "2001:db8:1::9", "2001:db8::1:2:3:4:5", "::1"],
    ],
    ["2001:db8::1", ["2001:db8:0:0:5::1"], ["2001:db8:0:1::1"]],
    ["fe80::1", ["fe80::2", "fe80::a:b:c:d"], ["fe81::1", "10.0.0.1"]],
    ["::1", ["::2"], ["1::1"]],
  ];
  for (const [banned, same, others] of networks) {
    const addresses = strict();
    failTimes(addresses, banned, 4);
    for (const host of [banned, ...same]) {
      assertEquals(addresses.banOf(host, 0), BANNED, `${host} of ${banned}`);
    }
    for (const host of others) {
      assertEquals(addresses.banOf(host, 0), undefined, `${host}, ${banned}`);
    }
  }
});

Deno.test("who has no address, as with a Unix socket, is not banned", () => {
  const addresses = strict();
  failTimes(addresses, "", 100);
  assertEquals(addresses.loginFailed("", 0), 0);
  assertEquals(addresses.banOf("", 0), undefined);
  assertEquals(addresses.failedHosts, 0);
});

Deno.test("connections of a host are counted up and down", () => {
  const most = { connectionsPerAddressMax: 2 };
  const addresses = new Addresses(limitsWith(most));
  const first = addresses.enter("::1");
  // With IPv6 who has one address has all of its network.
  const second = addresses.enter("::2");
  assertEquals(first, second);
  for (const host of ["::1", "::3"]) {
    assertEquals(addresses.banOf(host, 0), "too many connections");
  }
  assertEquals(addresses.banOf("1::1", 0), undefined);
  addresses.leave(first);
  assertEquals(addresses.banOf("::1", 0), undefined);
  addresses.leave(second);
  assertEquals(addresses.enter("::1").connections, 1);
  for (let i = 1; i < 3; i++) addresses.enter(`10.0.0.${i}`);
  assertEquals(addresses.banOf("10.0.0.1", 0), undefined);
});

Deno.test("hosts that fail are remembered up to a bound", () => {
  const addresses = strict();
  failTimes(addresses, "10.0.0.1", 4);
  const hosts = Array.from(
    { length: 10_000 },
    (_, at) => `10.1.${at >> 8}.${at & 255}`,
  );
  for (const host of hosts.slice(1)) failTimes(addresses, host, 1);
  assertEquals(addresses.failedHosts, 10_000);
  assertEquals(addresses.banOf("10.0.0.1", 0), BANNED);
  // Who fails again is not the oldest any more.
  failTimes(addresses, "10.0.0.1", 1);
  failTimes(addresses, hosts[0]!, 1);
  assertEquals(addresses.failedHosts, 10_000);
  assertEquals(addresses.banOf("10.0.0.1", 0), BANNED);
  for (const host of hosts) failTimes(addresses, host, 1);
  assertEquals(addresses.failedHosts, 10_000);
  assertEquals(addresses.banOf("10.0.0.1", 0), undefined);
});

Deno.test("ends of connections fade, five a second", () => {
  const reconnects = new Reconnects();
  assertEquals(reconnects.lately("a", 0), 0);
  for (let i = 0; i < 10; i++) reconnects.ended("a", 0);
  assertEquals(reconnects.lately("a", 0), 10);
  assertEquals(reconnects.lately("a", 1000), 5);
  assertEquals(reconnects.lately("a", 5000), 0);
  assertEquals(reconnects.lately("b", 0), 0);
  for (let nowMs = 0; nowMs < 100_000; nowMs += 200) {
    reconnects.ended("a", nowMs + 5000);
    assert(reconnects.lately("a", nowMs + 5000) < 1.01);
  }
});

Deno.test("client ids are remembered up to a bound", () => {
  const reconnects = new Reconnects();
  for (let i = 0; i < 5; i++) reconnects.ended("first", 0);
  for (let i = 0; i < 9_999; i++) reconnects.ended(`c${i}`, 0);
  assertEquals(reconnects.lately("first", 0), 5);
  reconnects.ended("one more", 0);
  assertEquals(reconnects.lately("first", 0), 0);
  assertEquals(reconnects.lately("c0", 0), 1);
});
