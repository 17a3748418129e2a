/**
 * Where the broker listens for which settings, what it refuses, and what
 * happens when an address can't be had.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Address } from "../../src/cli/address.ts";
import { defaultSettings, type Settings } from "../../src/cli/settings.ts";
import { planListening } from "../../src/cli/listen_plan.ts";
import { openDoors } from "../../src/cli/open_doors.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { ListenError, type ListenErrorCode } from "../../src/net/listening.ts";

const LOCAL = { hostname: "127.0.0.1", port: 1883 };
const OPEN = { hostname: "0.0.0.0", port: 1883 };

function plan(given: Partial<Settings>) {
  return planListening({ ...defaultSettings(), ...given });
}

function refusal(given: Partial<Settings>): string {
  return assertThrows(() => plan(given), UsageError).message;
}

Deno.test("without an address it is loopback, and it says so", () => {
  for (const allowAnonymous of [false, true]) {
    const { addresses, note } = plan({ allowAnonymous });
    assertEquals(addresses, [
      { ...LOCAL, kind: "asked" },
      { hostname: "::1", port: 1883, kind: "companion" },
    ]);
    assert(note?.includes("loopback"));
    assert(note?.includes("--host 0.0.0.0 --allow-anonymous"));
  }
});

Deno.test("the port is that of the default addresses too", () => {
  const { addresses } = plan({ port: 7 });
  assertEquals(addresses.map(({ port }) => port), [7, 7]);
});

Deno.test("an address that is given must succeed, and nothing is said", () => {
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    const { addresses, note } = plan({ host, port: 7 });
    assertEquals(addresses, [{ hostname: host, port: 7, kind: "asked" }]);
    assertEquals(note, undefined);
  }
});

Deno.test("--listen adds to --host and leaves the default out", () => {
  const listen = [LOCAL, { hostname: "::1", port: 0 }];
  const hostsOf = (given: Partial<Settings>) =>
    plan(given).addresses.map(({ hostname, port }) => [hostname, port]);
  assertEquals(hostsOf({ listen }), [["127.0.0.1", 1883], ["::1", 0]]);
  assertEquals(hostsOf({ listen, host: "localhost", port: 9 }), [
    ["localhost", 9],
    ["127.0.0.1", 1883],
    ["::1", 0],
  ]);
});

Deno.test("an open address is refused in a sentence that says how", () => {
  assertEquals(
    refusal({ host: "0.0.0.0" }),
    "0.0.0.0:1883 is open to other machines and no authentication is set " +
      "up; to let everyone in: --host 0.0.0.0 --allow-anonymous",
  );
  assertEquals(
    refusal({ listen: [LOCAL, { hostname: "::", port: 1 }] }),
    "[::]:1 is open to other machines and no authentication is set up; to " +
      "let everyone in: --listen [::]:1 --allow-anonymous",
  );
  assert(refusal({ host: "gateway.example" }).includes("gateway.example"));
});

Deno.test("an open address is opened when everyone may come in", () => {
  const { addresses } = plan({ listen: [OPEN, LOCAL], allowAnonymous: true });
  assertEquals(addresses.map(({ hostname }) => hostname), [
    "0.0.0.0",
    "127.0.0.1",
  ]);
});

Deno.test("an open address is opened when users have to log in", () => {
  const { addresses, note } = plan({ listen: [OPEN], scramFile: "u.json" });
  assertEquals(addresses.map(({ hostname }) => hostname), ["0.0.0.0"]);
  assertEquals(note, undefined);
});

Deno.test("with users it begins on loopback too, and says what else", () => {
  const { addresses, note } = plan({ scramFile: "u.json" });
  assertEquals(addresses.map(({ hostname }) => hostname), ["127.0.0.1", "::1"]);
  assert(note?.endsWith("from other machines: --host 0.0.0.0"));
});

Deno.test("an address that is given twice is refused", () => {
  const sentence = refusal({ host: "127.0.0.1", listen: [LOCAL] });
  assertEquals(sentence, "127.0.0.1:1883 is given twice");
  const free = { hostname: "127.0.0.1", port: 0 };
  assertEquals(plan({ listen: [free, free] }).addresses.length, 2);
});

/** A machine on which some hosts can't be listened on. */
class Machine {
  readonly tried: Address[] = [];
  readonly #faults: Readonly<Record<string, ListenErrorCode>>;

  constructor(faults: Readonly<Record<string, ListenErrorCode>> = {}) {
    this.#faults = faults;
  }

  listen(address: Address): Promise<Address> {
    this.tried.push(address);
    const code = this.#faults[address.hostname];
    if (code !== undefined) {
      return Promise.reject(new ListenError(code, `no: ${code}`, undefined));
    }
    return Promise.resolve({ ...address, port: address.port || 40_000 });
  }
}

async function opened(
  machine: Machine,
  given: Partial<Settings>,
): Promise<Address[]> {
  const doors: Address[] = [];
  const { addresses } = plan(given);
  await openDoors(machine, addresses, (address) => doors.push(address));
  return doors;
}

Deno.test("port 0 is one free port for both loopbacks", async () => {
  const machine = new Machine();
  const doors = await opened(machine, { port: 0 });
  assertEquals(doors.map(({ port }) => port), [40_000, 40_000]);
  assertEquals(machine.tried.map(({ port }) => port), [0, 40_000]);
});

for (const code of ["not_available", "not_found", "other"] as const) {
  Deno.test(`a machine without IPv6 (${code}) does without`, async () => {
    assertEquals(await opened(new Machine({ "::1": code }), {}), [LOCAL]);
  });

  Deno.test(`an IPv6 address asked for must be (${code})`, async () => {
    const machine = new Machine({ "::1": code });
    await assertRejects(() => opened(machine, { host: "::1" }), ListenError);
  });
}

Deno.test("a port that another has on ::1 is in use", async () => {
  const machine = new Machine({ "::1": "in_use" });
  await assertRejects(() => opened(machine, {}), ListenError, "in_use");
});

Deno.test("a free port that another has on ::1 is left out", async () => {
  const machine = new Machine({ "::1": "in_use" });
  assertEquals((await opened(machine, { port: 0 })).length, 1);
});

Deno.test("the first fault ends it", async () => {
  const machine = new Machine({ "127.0.0.1": "in_use" });
  await assertRejects(() => opened(machine, {}), ListenError);
  assertEquals(machine.tried.length, 1);
});
