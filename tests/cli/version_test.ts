/**
 * The version that the broker tells is the one that is published.
 */

import { assertEquals } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { VERSION, versionLine } from "../../src/cli/version.ts";

Deno.test("the version is that of deno.json", () => {
  assertEquals(VERSION, denoJson.version);
});

Deno.test("the version comes with the protocols and the runtime", () => {
  assertEquals(
    versionLine("Deno 2.9.6"),
    `broker ${denoJson.version} (MQTT 3.1, 3.1.1, 5.0; Deno 2.9.6)`,
  );
});
