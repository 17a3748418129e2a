/**
 * Users of SCRAM-SHA-256 that change while clients log in and after they have
 * done so.
 */

import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { ScramSha256 } from "../../src/credentials/scram_sha_256.ts";
import { deriveScramUser } from "../../src/credentials/scram_user.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
} from "../support/std_assert.ts";
import { ScramClient } from "./scram_client.ts";

const ADA = await deriveScramUser("pencil", { iterations: 4096 });
const BOB = await deriveScramUser("pencil", { iterations: 5000 });

/** @param meanwhile Called when the challenge is there. */
async function login(
  scram: ScramSha256,
  userName: string,
  meanwhile: (challenge: string) => void = () => {},
): Promise<AuthStep> {
  const exchange = scram.begin();
  const say = (text: string) =>
    new Promise<AuthStep>((done) =>
      exchange.next(new TextEncoder().encode(text), done)
    );
  const client = new ScramClient(userName, "pencil");
  const step = await say(client.first());
  assert(step.result === "continue");
  const challenge = new TextDecoder().decode(step.data);
  meanwhile(challenge);
  return await say(client.final(challenge));
}

function proofOf(step: AuthStep): unknown {
  assert(step.result === "allow", step.result);
  return step.proof;
}

test("others take the place of all users", async () => {
  const users = new Map([["ada", ADA]]);
  const scram = new ScramSha256({ lookup: (name) => users.get(name) });
  assertEquals((await login(scram, "ada")).result, "allow");
  scram.replace(new Map([["bob", BOB]]));
  assertEquals((await login(scram, "ada")).result, "bad_credentials");
  assertEquals((await login(scram, "bob")).result, "allow");
});

test("names that nobody has are like the new users", async () => {
  const scram = new ScramSha256({ lookup: () => undefined });
  const costOf = (iterations: number) => (challenge: string) =>
    assertMatch(challenge, new RegExp(`,i=${iterations}$`));
  await login(scram, "eve", costOf(16_384));
  scram.replace(new Map([["bob", BOB]]));
  await login(scram, "eve", costOf(5000));
  scram.replace(new Map());
  await login(scram, "eve", costOf(16_384));
});

test("who is gone when the proof comes is not let in", async () => {
  const scram = new ScramSha256({ lookup: () => ADA });
  for (const users of [new Map(), new Map([["ada", BOB]])]) {
    scram.replace(new Map([["ada", ADA]]));
    const step = await login(scram, "ada", () => scram.replace(users));
    assertEquals(step.result, "bad_credentials");
  }
  scram.replace(new Map([["ada", ADA]]));
  const same = new Map([["ada", { ...ADA }], ["bob", BOB]]);
  const step = await login(scram, "ada", () => scram.replace(same));
  assertEquals(step.result, "allow");
});

test("who was let in may stay as long as its keys are there", async () => {
  const scram = new ScramSha256({ lookup: () => undefined });
  scram.replace(new Map([["ada", ADA], ["bob", BOB]]));
  const ada = proofOf(await login(scram, "ada"));
  const bob = proofOf(await login(scram, "bob"));
  assert(scram.stillAdmits(ada) && scram.stillAdmits(bob));
  scram.replace(new Map([["ada", BOB], ["bob", { ...BOB }]]));
  assertFalse(scram.stillAdmits(ada));
  assert(scram.stillAdmits(bob));
  scram.replace(new Map());
  assertFalse(scram.stillAdmits(bob));
});
