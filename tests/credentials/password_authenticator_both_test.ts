/**
 * Logins by user name and password: who is let in, what others are told, how
 * many wait and are under way, what is remembered and for how long, what a
 * change of users does to all of that, and that a storm of logins leaves the
 * event loop to others.
 */

import type { LoginAnswer } from "../../src/auth/authenticator.ts";
import {
  PasswordAuthenticator,
  type PasswordOptions,
} from "../../src/credentials/password_authenticator.ts";
import type { PasswordUsers } from "../../src/credentials/password_file.ts";
import {
  hashPassword,
  isPassword,
  type PasswordHash,
} from "../../src/credentials/password_hash.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
} from "../support/std_assert.ts";
import { roundsDuring } from "./event_loop.ts";

const ADA = await hashPassword(bytes("pencil"), 1000);
const BOB = await hashPassword(bytes("rubber"), 1000);
const USERS: PasswordUsers = new Map([["ada", ADA], ["bob", BOB]]);

/** Long enough to see that a second one is not hashed. */
const SLOW = await hashPassword(bytes("pencil"), 100_000);

interface Login {
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  readonly address?: string;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Logs in, and waits for the answer, which comes exactly once. */
function login(
  passwords: PasswordAuthenticator,
  { userName, password, address = "127.0.0.1:1" }: Login,
): Promise<LoginAnswer> {
  const sent = password === undefined ? undefined : bytes(password);
  const { promise, resolve, reject } = Promise.withResolvers<LoginAnswer>();
  let answers = 0;
  passwords.authenticate({
    clientId: "ann",
    userName,
    password: sent,
    address,
    certificate: undefined,
  }, (answer) => {
    if (++answers > 1) reject(new Error("a second answer"));
    resolve(answer);
  });
  sent?.fill(0); // it was only lent
  return promise;
}

async function resultOf(
  passwords: PasswordAuthenticator,
  sent: Login,
): Promise<string> {
  return (await login(passwords, sent)).result;
}

function of(user: PasswordHash, options: PasswordOptions = {}) {
  return new PasswordAuthenticator(new Map([["ada", user]]), options);
}

/** Looks which hashes passwords are compared with. */
function watch() {
  const hashed: PasswordHash[] = [];
  const watched: typeof isPassword = (password, hash) => {
    hashed.push(hash);
    return isPassword(password, hash);
  };
  return { hashed, watched };
}

const RIGHT: Login = { userName: "ada", password: "pencil" };

test("who knows the password is let in, others are not", async () => {
  const passwords = new PasswordAuthenticator(USERS);
  const logins: readonly (readonly [Login, string])[] = [
    [RIGHT, "allow"],
    [{ userName: "bob", password: "rubber" }, "allow"],
    [{ userName: "ada", password: "rubber" }, "bad_credentials"],
    [{ userName: "ada", password: "" }, "bad_credentials"],
    [{ userName: "ada" }, "bad_credentials"],
    [{ userName: "eve", password: "pencil" }, "bad_credentials"],
    [{ userName: "Ada", password: "pencil" }, "bad_credentials"],
    [{ userName: "", password: "pencil" }, "bad_credentials"],
    [{ userName: "__proto__", password: "pencil" }, "bad_credentials"],
    [{}, "pass"],
    [{ password: "pencil" }, "pass"],
  ];
  for (const round of ["hashed", "remembered"]) {
    for (const [sent, result] of logins) {
      const what = `${JSON.stringify(sent)}, ${round}`;
      assertEquals(await resultOf(passwords, sent), result, what);
    }
  }
});

test("without users nobody is let in", async () => {
  const passwords = new PasswordAuthenticator(new Map());
  assertEquals(await resultOf(passwords, RIGHT), "bad_credentials");
});

test("a password is hashed once in a minute", async () => {
  let nowMs = 0;
  const passwords = of(SLOW, { nowMs: () => nowMs });
  const isHashed = async () => {
    const answer = resultOf(passwords, RIGHT);
    const { underWay } = passwords;
    assertEquals(await answer, "allow");
    return underWay > 0;
  };
  assert(await isHashed());
  assertFalse(await isHashed());
  nowMs = 59_999;
  assertFalse(await isHashed());
  nowMs = 60_000;
  assert(await isHashed());
  assertFalse(await isHashed());
});

test("a wrong password is hashed each time", async () => {
  const passwords = of(SLOW);
  const wrong = { userName: "ada", password: "rubber" };
  for (let i = 0; i < 2; i++) {
    const answer = login(passwords, wrong);
    assertEquals(passwords.underWay, 1);
    assertEquals((await answer).result, "bad_credentials");
  }
});

test("one password of many clients is hashed for the first ones", async () => {
  const { hashed, watched } = watch();
  const passwords = of(ADA, { atOnceMax: 1, isPassword: watched });
  const all = Array.from({ length: 50 }, () => resultOf(passwords, RIGHT));
  assertEquals(new Set(await Promise.all(all)), new Set(["allow"]));
  assertEquals(hashed.length, 1);
});

test("a name that nobody has costs what one does", async () => {
  const { hashed, watched } = watch();
  const passwords = of(ADA, { isPassword: watched });
  for (const userName of ["ada", "eve"]) {
    await login(passwords, { userName, password: "rubber" });
  }
  const costs = hashed.map(({ text }) => text.split("$").slice(0, 3));
  assertEquals(costs, [["", "7", "1000"], ["", "7", "1000"]]);
});

test("some are under way, some wait, and the rest is told to go", async () => {
  const passwords = of(ADA, { waitingMax: 6, waitingMaxEach: 3 });
  const from = (host: string, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const sent = { userName: "ada", password: "rubber" };
      return resultOf(passwords, { ...sent, address: `${host}:${i}` });
    });
  // All of them have one owner, for they are of one network.
  const flood = [...from("[::1]", 4), ...from("[::2]", 3)];
  assertEquals([passwords.underWay, passwords.waiting], [2, 3]);
  const late = from("10.0.0.1", 2);
  const last = from("10.0.0.2", 2);
  assertEquals([passwords.underWay, passwords.waiting], [2, 6]);
  const [bad, busy] = ["bad_credentials", "unavailable"];
  const results = await Promise.all([...flood, ...late, ...last]);
  assertEquals(results.filter((result) => result === busy).length, 3);
  assertEquals(results.slice(0, 7), [bad, bad, bad, bad, bad, busy, busy]);
  assertEquals(results.slice(7), [bad, bad, bad, busy]);
  assertEquals([passwords.underWay, passwords.waiting], [0, 0]);
});

test("who has waited for too long is not hashed any more", async () => {
  let nowMs = 0;
  const options = { atOnceMax: 1, waitMsMax: 500, nowMs: () => nowMs };
  const passwords = of(SLOW, options);
  const first = resultOf(passwords, RIGHT);
  const second = resultOf(passwords, { userName: "ada", password: "x" });
  nowMs = 501;
  assertEquals(await first, "allow");
  assertEquals(await second, "unavailable");
});

test("users change at once, also for who is under way", async () => {
  const passwords = new PasswordAuthenticator(USERS);
  const { proof } = await login(passwords, RIGHT);
  const bob = await login(passwords, { userName: "bob", password: "rubber" });
  assert(passwords.stillAdmits(proof) && passwords.stillAdmits(bob.proof));
  const again = await hashPassword(bytes("pencil"), 1000);
  passwords.replace(new Map([["ada", again], ["bob", BOB]]));
  assertFalse(passwords.stillAdmits(proof));
  assert(passwords.stillAdmits(bob.proof));
  assertEquals(await resultOf(passwords, RIGHT), "allow");
  passwords.replace(new Map([["ada", BOB]]));
  assertFalse(passwords.stillAdmits(bob.proof));
  assertEquals(await resultOf(passwords, RIGHT), "bad_credentials");
  const rubber = { userName: "ada", password: "rubber" };
  const underWay = resultOf(passwords, rubber);
  assertEquals(passwords.underWay, 1);
  passwords.replace(new Map());
  assertEquals(await underWay, "bad_credentials");
});

test("what can't be checked is unavailable, and holds up nobody", async () => {
  const broken = { ...ADA, hash: new Uint8Array(3) };
  const passwords = new PasswordAuthenticator(
    new Map([["ada", broken], ["bob", BOB]]),
    { atOnceMax: 1 },
  );
  const bob = { userName: "bob", password: "rubber" };
  assertEquals(
    await Promise.all([RIGHT, RIGHT, bob].map((sent) => {
      return resultOf(passwords, sent);
    })),
    ["unavailable", "unavailable", "allow"],
  );
});

test("a storm of 2,000 logins leaves the event loop to others", async () => {
  const user = await hashPassword(bytes("pencil"), 5000);
  // However slow the machine is, nobody has waited for too long.
  const passwords = of(user, { nowMs: () => 0 });
  const results: string[] = [];
  const rounds = await roundsDuring(async () => {
    const storm = Array.from({ length: 2000 }, async (_, i) => {
      const address = `10.0.0.${i % 8}:${i}`;
      const sent = { userName: `u${i}`, password: `${i}`, address };
      results.push(await resultOf(passwords, sent));
    });
    assertEquals([passwords.underWay, passwords.waiting], [2, 1024]);
    await Promise.all(storm);
  });
  const busy = results.filter((result) => result === "unavailable").length;
  assertEquals([results.length, busy], [2000, 2000 - 1026]);
  // On this thread there would be no more than one or two.
  assertGreater(rounds, 50);
});
