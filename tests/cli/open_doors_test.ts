/**
 * What happens when an address of a plan can't be had: it ends there, but
 * what was our own choice may be left out.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { planListening } from "../../src/cli/listen_plan.ts";
import { openDoors } from "../../src/cli/open_doors.ts";
import { defaultSettings, type Settings } from "../../src/cli/settings.ts";
import { ListenError, type ListenErrorCode } from "../../src/net/listening.ts";

type Faults = Readonly<Record<string, ListenErrorCode>>;

/** A free port of the machine. */
const FREE = 40_000;
const LOCAL = "127.0.0.1 1883";

/** Opens what the settings ask for on a machine with `faults`. */
async function opened(
  given: Partial<Settings>,
  faults: Faults = {},
  tried: string[] = [],
): Promise<string[]> {
  const { listeners } = planListening({ ...defaultSettings(), ...given });
  const doors: string[] = [];
  await openDoors(
    listeners,
    ({ hostname }, port) => {
      tried.push(`${hostname} ${port}`);
      const code = faults[hostname];
      return code === undefined
        ? Promise.resolve({ hostname, port: port || FREE })
        : Promise.reject(new ListenError(code, `no: ${code}`, undefined));
    },
    ({ hostname, port }) => doors.push(`${hostname} ${port}`),
  );
  return doors;
}

Deno.test("port 0 is one free port for both loopbacks", async () => {
  const tried: string[] = [];
  const doors = await opened({ port: 0 }, {}, tried);
  assertEquals(doors, [`127.0.0.1 ${FREE}`, `::1 ${FREE}`]);
  assertEquals(tried, ["127.0.0.1 0", `::1 ${FREE}`]);
});

for (const code of ["not_available", "not_found", "other"] as const) {
  Deno.test(`a machine without IPv6 (${code}) does without`, async () => {
    assertEquals(await opened({}, { "::1": code }), [LOCAL]);
  });

  Deno.test(`an IPv6 address asked for must be (${code})`, async () => {
    const work = opened({ host: "::1" }, { "::1": code });
    await assertRejects(() => work, ListenError);
  });
}

Deno.test("a port that another has on ::1 is in use", async () => {
  const work = opened({}, { "::1": "in_use" });
  await assertRejects(() => work, ListenError, "in_use");
});

Deno.test("a free port that another has on ::1 is left out", async () => {
  const doors = await opened({ port: 0 }, { "::1": "in_use" });
  assertEquals(doors, [`127.0.0.1 ${FREE}`]);
});

Deno.test("the first fault ends it", async () => {
  const tried: string[] = [];
  const work = opened({}, { "127.0.0.1": "in_use" }, tried);
  await assertRejects(() => work, ListenError);
  assertEquals(tried, [LOCAL]);
});
