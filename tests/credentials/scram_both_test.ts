/**
 * SCRAM-SHA-256 from the client's side: the example of RFC 7677, who is let
 * in, and each way to be refused. Runs under Deno and Bun, as each has a
 * WebCrypto of its own.
 */

import type {
  AuthExchange,
  AuthStep,
} from "../../src/auth/enhanced_authenticator.ts";
import {
  type ScramOptions,
  ScramSha256,
} from "../../src/credentials/scram_sha_256.ts";
import {
  deriveScramUser,
  type ScramUser,
} from "../../src/credentials/scram_user.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "../support/std_assert.ts";
import { ScramClient } from "./scram_client.ts";

const SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const SALT = Uint8Array.fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
const SECRET = new Uint8Array(32).fill(7);

const USERS: ReadonlyMap<string, ScramUser> = new Map(
  await Promise.all(
    [["user", "pencil"], ["ada, =1", "I\u00adX"], ["zoë", "pä\u1680ss"]].map(
      async ([name, password]) => {
        const how = { iterations: 4096, salt: SALT };
        return [name!, await deriveScramUser(password!, how)] as const;
      },
    ),
  ),
);

function begin(options: Partial<ScramOptions> = {}): AuthExchange {
  return new ScramSha256({
    lookup: (userName) => USERS.get(userName),
    newNonce: () => SERVER_NONCE,
    secret: SECRET,
    iterations: [4096],
    ...options,
  }).begin();
}

/** Sends a text and waits for the answer, which comes exactly once. */
async function say(
  exchange: AuthExchange,
  text: string | Uint8Array | undefined,
): Promise<AuthStep> {
  const steps: AuthStep[] = [];
  const data = typeof text === "string" ? new TextEncoder().encode(text) : text;
  await new Promise<void>((done) => {
    exchange.next(data, (step) => {
      steps.push(step);
      done();
    });
    data?.fill(0); // it was only borrowed
  });
  assertEquals(steps.length, 1);
  return steps[0]!;
}

/** What the client is told by a step that goes on or lets it in. */
function textOf(step: AuthStep): string {
  assert("data" in step && step.data !== undefined, step.result);
  return new TextDecoder().decode(step.data);
}

async function challenged(
  exchange: AuthExchange,
  first: string,
): Promise<string> {
  return textOf(await say(exchange, first));
}

/** Logs in by the book. */
async function login(
  exchange: AuthExchange,
  name: string,
  password: string,
): Promise<AuthStep> {
  const client = new ScramClient(name, password);
  const challenge = await challenged(exchange, client.first());
  const step = await say(exchange, client.final(challenge));
  if (step.result === "allow") {
    assertEquals(textOf(step), client.expectedServerFinal);
  }
  return step;
}

const REFUSED: AuthStep = { result: "bad_credentials" };
const CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
const FIRST = `n,,n=user,r=${CLIENT_NONCE}`;
const NONCE = `${CLIENT_NONCE}${SERVER_NONCE}`;
const PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const FINAL = `c=biws,r=${NONCE},p=${PROOF}`;

test("the example of RFC 7677", async () => {
  const exchange = begin();
  assertEquals(
    await challenged(exchange, FIRST),
    `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
  );
  const step = await say(exchange, FINAL);
  assertEquals(
    textOf(step),
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  );
  assert(step.result === "allow");
  assertEquals(step.userName, "user");
});

test("names are escaped, prepared, and given in one form", async () => {
  const logins = [
    ["ada, =1", "IX", "ada, =1"],
    ["ada, =1", "\u2168", "ada, =1"],
    ["zoe\u0308", "pa\u0308 ss", "zoë"],
    ["\uff55ser", "pencil", "user"],
    ["us\u00ader", "pencil", "user"],
  ] as const;
  for (const [name, password, userName] of logins) {
    const step = await login(begin(), name, password);
    assert(step.result === "allow", name);
    assertEquals(step.userName, userName);
  }
});

test("a wrong password, and another user's, are refused", async () => {
  for (const password of ["Pencil", "pencil ", "IX"]) {
    assertEquals(await login(begin(), "user", password), REFUSED);
  }
});

test("a client that acts for itself by name is let in", async () => {
  for (const header of ["n,a=user,", "y,,", "y,a=us\u00ader,"]) {
    const exchange = begin();
    const client = new ScramClient("user", "pencil", header);
    const challenge = await challenged(exchange, client.first());
    const step = await say(exchange, client.final(challenge));
    assertEquals(step.result, "allow", header);
  }
});

test("extensions are let pass and are signed", async () => {
  const exchange = begin();
  const client = new ScramClient("user", "pencil", "n,,", ",x=1=2,Y=é");
  const challenge = await challenged(exchange, client.first());
  const step = await say(exchange, client.final(challenge));
  assertEquals(step.result, "allow");
});

const BAD_FIRST: Readonly<Record<string, string | Uint8Array | undefined>> = {
  "no data": undefined,
  "empty data": "",
  "no header": `n=user,r=${CLIENT_NONCE}`,
  "channel binding that we don't have": `p=tls-unique,,n=user,r=abc`,
  "an unknown flag": `x,,n=user,r=abc`,
  "another's authzid": `n,a=ada,n=user,r=abc`,
  "an empty authzid": `n,a=,n=user,r=abc`,
  "an authzid without its letter": `n,user,n=user,r=abc`,
  "an extension that must be understood": `n,,m=x,n=user,r=abc`,
  "such an extension behind": `n,,n=user,r=abc,m=x`,
  "no name": `n,,r=abc`,
  "an empty name": `n,,n=,r=abc`,
  "a name with a bare =": `n,,n=us=er,r=abc`,
  "a name with an escape in small letters": `n,,n=us=2cer,r=abc`,
  "a name with NUL": `n,,n=us\0er,r=abc`,
  "a name with a prohibited character": `n,,n=us\u0007er,r=abc`,
  "a name of nothing visible": `n,,n=\u00ad,r=abc`,
  "no nonce": `n,,n=user`,
  "an empty nonce": `n,,n=user,r=`,
  "a nonce with a space": `n,,n=user,r=a b`,
  "a nonce that is not ASCII": `n,,n=user,r=é`,
  "a nonce that is too long": `n,,n=user,r=${"a".repeat(257)}`,
  "the order changed": `n,,r=abc,n=user`,
  "a comma too many": `n,,n=user,r=abc,`,
  "an extension without a value": `n,,n=user,r=abc,x=`,
  "a line behind": `n,,n=user,r=abc\n`,
  "a mark before": `\ufeffn,,n=user,r=abc`,
  "no UTF-8": new TextEncoder().encode(FIRST).fill(0xff, 6, 7),
  "too much of it": `n,,n=user,r=abc,x=${"a".repeat(4096)}`,
  "the final message": FINAL,
};

for (const [what, text] of Object.entries(BAD_FIRST)) {
  test(`the first message is refused: ${what}`, async () => {
    const exchange = begin();
    assertEquals(await say(exchange, text), REFUSED);
    assertEquals(await say(exchange, FIRST), REFUSED, "it is over");
  });
}

test("the longest nonce and the longest message are let pass", async () => {
  const nonce = "a".repeat(256);
  const first = `n,,n=user,r=${nonce},x=`;
  const text = first + "b".repeat(4096 - first.length);
  assertEquals((await say(begin(), text)).result, "continue");
});

const BAD_FINAL: Readonly<Record<string, string | Uint8Array | undefined>> = {
  "no data": undefined,
  "empty data": "",
  "the first message again": FIRST,
  "no channel binding": `r=${NONCE},p=${PROOF}`,
  "another header than before": `c=eSws,r=${NONCE},p=${PROOF}`,
  "the header without padding": `c=biw,r=${NONCE},p=${PROOF}`,
  "the client's nonce alone": `c=biws,r=${CLIENT_NONCE},p=${PROOF}`,
  "our nonce alone": `c=biws,r=${SERVER_NONCE},p=${PROOF}`,
  "a nonce that goes on": `c=biws,r=${NONCE}x,p=${PROOF}`,
  "no proof": `c=biws,r=${NONCE}`,
  "an empty proof": `c=biws,r=${NONCE},p=`,
  "a proof that is no base64": `c=biws,r=${NONCE},p=%%%`,
  "a short proof": `c=biws,r=${NONCE},p=AAAA`,
  "a long proof": `c=biws,r=${NONCE},p=${"A".repeat(44)}`,
  "a proof with other last bits": FINAL.replace("VQ=", "VR="),
  "a proof of nulls": `c=biws,r=${NONCE},p=${"A".repeat(43)}=`,
  "a proof with one bit changed": FINAL.replace("p=d", "p=e"),
  "something behind the proof": `${FINAL},x=1`,
  "an extension that is not signed": FINAL.replace(",p=", ",x=1,p="),
  "an extension that must be understood": FINAL.replace(",p=", ",m=1,p="),
  "too much of it": FINAL.replace(",p=", `,x=${"a".repeat(4096)},p=`),
};

for (const [what, text] of Object.entries(BAD_FINAL)) {
  test(`the final message is refused: ${what}`, async () => {
    const exchange = begin();
    await challenged(exchange, FIRST);
    assertEquals(await say(exchange, text), REFUSED);
    assertEquals(await say(exchange, FINAL), REFUSED, "it is over");
  });
}

const CHANGED: Readonly<Record<string, (text: string) => string>> = {
  "the client's nonce alone": (text) => text.replace(SERVER_NONCE, ""),
  "a nonce that goes on": (text) => text + "x",
  "another header than before": (text) => text.replace("biws", "eSws"),
};

for (const [what, change] of Object.entries(CHANGED)) {
  test(`the final message is refused though signed: ${what}`, async () => {
    const exchange = begin();
    const client = new ScramClient("user", "pencil");
    const challenge = await challenged(exchange, client.first());
    const final = client.final(challenge, change);
    assertEquals(await say(exchange, final), REFUSED);
  });
}

test("after success it is over", async () => {
  const exchange = begin();
  await challenged(exchange, FIRST);
  assertEquals((await say(exchange, FINAL)).result, "allow");
  assertEquals(await say(exchange, FINAL), REFUSED);
  assertEquals(await say(exchange, FIRST), REFUSED);
});

test("a message before the answer to the last one ends it", async () => {
  const early = begin();
  const both = [say(early, FIRST), say(early, FINAL)];
  assertEquals(await Promise.all(both), [REFUSED, REFUSED]);
  assertEquals(await say(early, FINAL), REFUSED);
  const late = begin();
  await challenged(late, FIRST);
  const twice = [say(late, FINAL), say(late, FINAL)];
  assertEquals(await Promise.all(twice), [REFUSED, REFUSED]);
});

test("two logins at a time don't mix", async () => {
  const scram = new ScramSha256({ lookup: (name) => USERS.get(name) });
  const [one, other] = [scram.begin(), scram.begin()];
  const ann = new ScramClient("user", "pencil");
  const bob = new ScramClient("ada, =1", "IX");
  const toAnn = await challenged(one, ann.first());
  const toBob = await challenged(other, bob.first());
  const step = await say(other, bob.final(toBob));
  assert(step.result === "allow");
  assertEquals(step.userName, "ada, =1");
  assertEquals((await say(one, ann.final(toAnn))).result, "allow");
});

test("a proof is good for its own login only", async () => {
  const scram = new ScramSha256({ lookup: (name) => USERS.get(name) });
  const [one, other] = [scram.begin(), scram.begin()];
  const client = new ScramClient("user", "pencil");
  const challenge = await challenged(one, client.first());
  assertNotEquals(await challenged(other, client.first()), challenge);
  const final = client.final(challenge);
  assertEquals(await say(other, final), REFUSED);
  assertEquals((await say(one, final)).result, "allow");
});

test("a nonce of ours is new each time and can't be guessed", async () => {
  const scram = new ScramSha256({ lookup: () => undefined });
  const nonces = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const challenge = await challenged(scram.begin(), FIRST);
    nonces.add(/^r=([^,]+)/.exec(challenge)![1]!);
  }
  assertEquals(nonces.size, 100);
  for (const nonce of nonces) {
    assert(nonce.startsWith(CLIENT_NONCE));
    assertMatch(nonce.slice(CLIENT_NONCE.length), /^[A-Za-z0-9+/]{24}$/);
  }
});

test("a name that nobody has is asked as others are", async () => {
  const asked = (name: string, options: Partial<ScramOptions> = {}) =>
    challenged(begin(options), `n,,n=${name},r=${CLIENT_NONCE}`);
  const form = /^r=\S+,s=([A-Za-z0-9+/]{22}==),i=4096$/;
  assertMatch(await asked("user"), form);
  assertMatch(await asked("eve"), form);
  assertEquals(await asked("eve"), await asked("eve"), "the same each time");
  assertEquals(await asked("eve"), await asked("e\u00adve"), "prepared");
  assertNotEquals(await asked("eve"), await asked("mallory"));
  const secret = new Uint8Array(32).fill(8);
  assertNotEquals(await asked("eve"), await asked("eve", { secret }));
  assertEquals(await login(begin(), "eve", "pencil"), REFUSED);
});

test("its iterations are drawn from those of the users", async () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 200; i++) {
    const exchange = begin({ iterations: [5000, 5000, 5000, 9000] });
    const challenge = await challenged(exchange, `n,,n=eve${i},r=abc`);
    const count = /i=(\d+)$/.exec(challenge)![1]!;
    counts.set(count, (counts.get(count) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["5000", "9000"]);
  assert(counts.get("5000")! > counts.get("9000")!);
  const without = begin({ iterations: [] });
  assertMatch(await challenged(without, "n,,n=eve,r=a"), /,i=16384$/);
});

test("a look-up that fails makes the login unavailable", async () => {
  const exchange = begin({
    lookup: () => {
      throw new Error("the user directory is gone");
    },
  });
  assertEquals(await say(exchange, FIRST), { result: "unavailable" });
  assertEquals(await say(exchange, FINAL), REFUSED);
});

test("keys are derived within bounds only, and say no password", async () => {
  const bad = [
    ["", {}, /a password must not be empty/],
    ["pen\u0007cil", {}, /a password must not/],
    ["pencil", { iterations: 4095 }, /iterations must be 4096 to 10000000/],
    ["pencil", { iterations: 1e7 + 1 }, /iterations must be/],
    ["pencil", { iterations: 5000.5 }, /iterations must be/],
    ["pencil", { salt: new Uint8Array(7) }, /a salt must have 8 to 64 bytes/],
    ["pencil", { salt: new Uint8Array(65) }, /a salt must have/],
  ] as const;
  for (const [password, options, sentence] of bad) {
    const error = await assertRejects(
      () => deriveScramUser(password, options),
      RangeError,
    );
    assertMatch(error.message, sentence);
    assert(!error.message.includes("cil"));
  }
  const [one, other] = [await deriveScramUser("a"), await deriveScramUser("a")];
  assertNotEquals(one.salt, other.salt);
  assertNotEquals(one.storedKey, other.storedKey);
});
