/**
 * Hashes of passwords: those that Mosquitto's own tool has made are checked,
 * ours are of its form, each mistake is told without a secret, and nothing of
 * it holds up the event loop. Runs under Deno and Bun, as each has its own
 * cryptography.
 */

import {
  canCompute,
  hashPassword,
  isPassword,
  parsePasswordHash,
  unknownLike,
} from "../../src/credentials/password_hash.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "../support/std_assert.ts";
import { roundsDuring } from "./event_loop.ts";

/** By `mosquitto_passwd` 2.0.11, with its iterations of then. */
const MADE_BY_MOSQUITTO: readonly (readonly [string, string])[] = [
  [
    "pencil",
    "$7$101$+TpsGl3AJC+SNqpH$nrEr5e9EEySCODpRglsee3ALhBc3//SwOZfiiqp+bkjWJ" +
    "jwUlLq/6/4j9FOENjvfQ0TePdpa6deOumw1QtniIQ==",
  ],
  [
    "",
    "$7$101$Q5JRGkjupJr6TjMZ$s+XqIQlTZtFT4c0SKyM/TPqDXcCeAR5X76YAFOxYfGTND" +
    "Yz8YiYgnCMqU1PERsyT1zXpGItbcq84c51x7e56Pw==",
  ],
  [
    "x y",
    "$6$OI27wipLDS9P0TgJ$xum2JiTZ/VczqLzoaBVnfzXz34Ytu6rkPjfAXcNSoKPc81+//" +
    "Jo4EUq+LsvczzsWipgpgqOEcQWEMJBTrgXqrg==",
  ],
];

/** The password is "pencil"; made by an implementation in Zig. */
const ARGON2ID = "$argon2id$v=19$m=64,t=2,p=1$" +
  "esoNtvrfpu3lMtl77U7QtOhWZtmT6/m0u07sQ13J41A$" +
  "omu52seK/5wC9MEiy63Z8k3aNVSM3WblgnZQbRiDAMU";

const SALT = new Uint8Array(12).toBase64();
const HASH = new Uint8Array(64).toBase64();
const SHORT = new Uint8Array(63).toBase64();
const RAW = new Uint8Array(32).toBase64().replace("=", "");

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

for (const [password, text] of MADE_BY_MOSQUITTO) {
  const start = text.slice(0, 3);
  test(`${start} of ${JSON.stringify(password)} is checked`, async () => {
    const found = parsePasswordHash(text);
    assertEquals(found.text, text);
    assert(await isPassword(bytes(password), found));
    for (const other of [`${password}.`, "Pencil", `\0${password}!`]) {
      assertFalse(await isPassword(bytes(other), found), other);
    }
  });
}

test("argon2id is checked where there is one, and else told", async () => {
  const found = parsePasswordHash(ARGON2ID);
  const { method } = found;
  const parts = { memory: 64, passes: 2, parallelism: 1 };
  assertEquals(method, { name: "argon2id", ...parts });
  if (canCompute(method)) {
    assert(await isPassword(bytes("pencil"), found));
    assertFalse(await isPassword(bytes("pencils"), found));
  } else await assertRejects(() => isPassword(bytes("pencil"), found));
});

test("the other two can be computed everywhere", () => {
  for (const [, text] of MADE_BY_MOSQUITTO) {
    assert(canCompute(parsePasswordHash(text).method));
  }
});

test("what we write is Mosquitto's, with a salt of its own", async () => {
  const made = await hashPassword(bytes("pencil"), 1000);
  assertMatch(made.text, /^\$7\$1000\$[\w+/]{16}\$[\w+/]{86}==$/);
  assertEquals(parsePasswordHash(made.text), made);
  assert(await isPassword(bytes("pencil"), made));
  const again = await hashPassword(bytes("pencil"), 1000);
  assertNotEquals(again.salt, made.salt);
});

test("a guess costs 210,000 iterations unless told", async () => {
  const { method } = await hashPassword(bytes("pencil"));
  assertEquals(method, { name: "pbkdf2", iterations: 210_000 });
});

test("iterations have a range when a hash is made", async () => {
  for (const iterations of [999, 10_000_001, 1000.5, NaN]) {
    await assertRejects(() => hashPassword(bytes("x"), iterations), RangeError);
  }
});

const NO_FORMAT = "a hash that is not $7$, $6$ or $argon2id$ as it is to be";
const BAD: readonly (readonly [string, string])[] = [
  ["", NO_FORMAT],
  ["pencil", NO_FORMAT],
  ["$5$abc$def", NO_FORMAT],
  [`$7$${SALT}$${HASH}`, NO_FORMAT],
  [`$7$-1$${SALT}$${HASH}`, NO_FORMAT],
  [`$7$1e3$${SALT}$${HASH}`, NO_FORMAT],
  [`$7$1000000000$${SALT}$${HASH}`, NO_FORMAT],
  [`$7$101$${SALT}$${HASH}$`, NO_FORMAT],
  [`$7$101$${SALT}$${HASH}\n`, "a hash that is not 64 bytes in base64"],
  [
    `$7$0$${SALT}$${HASH}`,
    "iterations=0, which must be 1 to 10000000",
  ],
  [
    `$7$10000001$${SALT}$${HASH}`,
    "iterations=10000001, which must be 1 to 10000000",
  ],
  [
    `$7$101$AAAA$${HASH}`,
    "a salt that is not 8 to 64 bytes in base64",
  ],
  [`$7$101$${SALT}$${SHORT}`, "a hash that is not 64 bytes in base64"],
  [`$6$${SALT}$${HASH}=`, "a hash that is not 64 bytes in base64"],
  [`$6$*$${HASH}`, "a salt that is not 8 to 64 bytes in base64"],
  [`$argon2id$v=16$m=64,t=1,p=1$${RAW}$${RAW}`, NO_FORMAT],
  [
    `$argon2id$v=19$m=262145,t=1,p=1$${RAW}$${RAW}`,
    "m=262145, which must be 8 to 262144",
  ],
  [
    `$argon2id$v=19$m=31,t=1,p=4$${RAW}$${RAW}`,
    "m=31, which must be 32 to 262144",
  ],
  [
    `$argon2id$v=19$m=64,t=101,p=1$${RAW}$${RAW}`,
    "t=101, which must be 1 to 100",
  ],
  [
    `$argon2id$v=19$m=64,t=1,p=17$${RAW}$${RAW}`,
    "p=17, which must be 1 to 16",
  ],
  [
    `$argon2id$v=19$m=64,t=1,p=1$${RAW}$${RAW}=`,
    "a hash that is not 16 to 64 bytes in base64",
  ],
];

for (const [text, sentence] of BAD) {
  test(`no hash: ${JSON.stringify(text)}`, () => {
    const { message } = assertThrows(() => parsePasswordHash(text), RangeError);
    assertEquals(message, sentence);
  });
}

test("an unknown user's hash is alike, and no password fits", async () => {
  const known = await hashPassword(bytes("pencil"), 1000);
  const unknown = unknownLike(known);
  assertEquals(unknown.method, known.method);
  assertEquals(unknown.hash.length, known.hash.length);
  assertFalse(await isPassword(bytes("pencil"), unknown));
});

test("the event loop goes on while passwords are hashed", async () => {
  const known = parsePasswordHash(`$7$200000$${SALT}$${HASH}`);
  const rounds = await roundsDuring(async () => {
    await Promise.all([1, 2, 3, 4].map(() => isPassword(bytes("x"), known)));
  });
  // On this thread there would be no more than one or two.
  assertGreater(rounds, 20);
});
