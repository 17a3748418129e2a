/**
 * The clock is set before the core hears an answer, not after, whether it
 * comes at once or later.
 */

import { assertEquals } from "@std/assert";
import { ALLOW_ALL } from "../../src/auth/authenticator.ts";
import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { clocked, clockedEnhanced } from "../../src/host/clocked.ts";

const ADDRESS = "127.0.0.1:1";

Deno.test("the clock is set, then the login is answered", () => {
  const seen: string[] = [];
  clocked(ALLOW_ALL, () => seen.push("clock")).authenticate({
    clientId: "ann",
    userName: undefined,
    password: undefined,
    address: ADDRESS,
    certificate: undefined,
  }, ({ result }) => seen.push(result));
  assertEquals(seen, ["clock", "allow"]);
});

Deno.test("the clock is set before each step of a login of several", () => {
  const seen: string[] = [];
  const waiting: ((step: AuthStep) => void)[] = [];
  const { method, begin } = clockedEnhanced({
    method: "TICKET",
    begin: ({ clientId }) => ({
      next(data, answer) {
        seen.push(`${clientId} says ${data}`);
        waiting.push(answer);
      },
    }),
  }, () => seen.push("clock"));
  assertEquals(method, "TICKET");
  const exchange = begin({ clientId: "ann", address: ADDRESS });
  const answer = (step: AuthStep) => seen.push(step.result);
  exchange.next(Uint8Array.of(4, 2), answer);
  waiting[0]!({ result: "continue", data: undefined });
  exchange.next(undefined, answer);
  waiting[1]!({ result: "not_authorized" });
  assertEquals(seen, [
    "ann says 4,2",
    "clock",
    "continue",
    "ann says undefined",
    "clock",
    "not_authorized",
  ]);
});
