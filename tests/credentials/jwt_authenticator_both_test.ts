/**
 * Logins by tokens: who is let in as whom, for how long and with what rights,
 * and what the others are told. Runs under Deno and Bun, as each has a
 * WebCrypto of its own.
 */

import type { LoginAnswer } from "../../src/auth/authenticator.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import type { GrantedRule } from "../../src/credentials/granted_rules.ts";
import {
  JwtAuthenticator,
  type JwtOptions,
} from "../../src/credentials/jwt_authenticator.ts";
import { parseJwtKeys } from "../../src/credentials/jwt_key_file.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals, assertFalse } from "../support/std_assert.ts";
import {
  ask,
  newSigner,
  NOW,
  requestWith,
  secretSigner,
  sign,
  signTexts,
} from "./jwt_maker.ts";

const [ada, eve] = await Promise.all([newSigner("EdDSA"), newSigner("EdDSA")]);
const KEYS = await keysOf(ada.pem);

function keysOf(pem: string): ReturnType<typeof parseJwtKeys> {
  return parseJwtKeys(new TextEncoder().encode(pem), "f");
}

function tokens(options: Partial<JwtOptions> = {}): JwtAuthenticator {
  return new JwtAuthenticator({
    keys: KEYS,
    nowMs: () => NOW * 1000,
    ...options,
  });
}

/** The answer to a token with these claims, without the proof. */
async function answerTo(
  claims: object,
  options: Partial<JwtOptions> = {},
  clientId = "phone",
): Promise<LoginAnswer> {
  const request = requestWith(await sign(ada, claims), { clientId });
  const { proof, ...answer } = await ask(tokens(options), request);
  assertEquals(proof !== undefined, answer.result === "allow");
  return answer;
}

function refused(detail: string): LoginAnswer {
  return { result: "not_authorized", detail };
}

/** Who is let in by a token of an hour; 30 s are for clocks that differ. */
function allowed(changes: Partial<LoginAnswer> = {}): LoginAnswer {
  return {
    result: "allow",
    userName: "ada",
    clientId: undefined,
    rights: undefined,
    validMs: 3_630_000,
    ...changes,
  };
}

test("a token lets in whom it names, while it is valid", async () => {
  assertEquals(await answerTo({}), allowed());
  assertEquals(
    await answerTo({ sub: "bob", exp: NOW + 1.5 }),
    allowed({ userName: "bob", validMs: 31_500 }),
  );
});

test("what is no token is passed on at once", async () => {
  for (const password of [undefined, "", "pencil", "a.b.c", "ä.ö.ü"]) {
    let answer: LoginAnswer | undefined;
    tokens().authenticate(requestWith(password), (given) => answer = given);
    assertEquals(answer, { result: "pass" });
  }
  const inBytes = requestWith(Uint8Array.of(0xff, 0x2e, 0, 0x2e));
  assertEquals(await ask(tokens(), inBytes), { result: "pass" });
});

test("a token may be the user name, and is read nowhere else", async () => {
  const token = await sign(ada);
  const asName = requestWith(undefined, { userName: token });
  const { result, userName } = await ask(tokens({ from: "username" }), asName);
  assertEquals([result, userName], ["allow", "ada"]);
  assertEquals((await ask(tokens(), asName)).result, "pass");
  const asPassword = await ask(
    tokens({ from: "username" }),
    requestWith(token, { userName: undefined }),
  );
  assertEquals(asPassword.result, "pass");
});

test("who is not proved has bad credentials", async () => {
  const stranger = await secretSigner(new Uint8Array(new ArrayBuffer(32)));
  const faults = [
    [await sign(eve), "a token with a bad signature"],
    [await sign(stranger), "a token by a key for HS256 that is not known"],
    [
      await signTexts(ada, '{"alg":"none"}', "{}"),
      "a token with an algorithm that is not taken",
    ],
    [
      await signTexts(eve, '{"alg":"EdDSA"}', '{"exp":1}'),
      "a token with a bad signature",
    ],
  ] as const;
  for (const [token, detail] of faults) {
    const answer = await ask(tokens(), requestWith(token));
    assertEquals(answer, { result: "bad_credentials", detail });
  }
});

const HOUR = NOW + 3600;
const TIMES: readonly (readonly [claims: object, detail: string | null])[] = [
  [{ exp: NOW + 1 }, null],
  [{ exp: NOW - 29.9 }, null],
  [{ exp: NOW - 30 }, "the token has expired"],
  [{ exp: 0 }, "the token has expired"],
  [{ exp: undefined }, 'the token has no "exp"'],
  [{ exp: null }, 'the token\'s "exp" is no time'],
  [{ exp: `${HOUR}` }, 'the token\'s "exp" is no time'],
  [{ exp: [HOUR] }, 'the token\'s "exp" is no time'],
  [{ exp: -1 }, 'the token\'s "exp" is no time'],
  [{ exp: 1e300 }, 'the token\'s "exp" is no time'],
  [{ nbf: NOW }, null],
  [{ nbf: NOW + 30 }, null],
  [{ nbf: NOW + 31 }, "the token is not valid yet"],
  [{ nbf: "0" }, 'the token\'s "nbf" is no time'],
  [{ iat: NOW - 1e6 }, null],
  [{ iat: NOW + 30 }, null],
  [{ iat: NOW + 31 }, "the token was issued in the future"],
  [{ iat: true }, 'the token\'s "iat" is no time'],
];

for (const [claims, detail] of TIMES) {
  test(`times ${JSON.stringify(claims)}: ${detail ?? "valid"}`, async () => {
    const answer = await answerTo(claims);
    if (detail === null) assertEquals(answer.result, "allow");
    else assertEquals(answer, refused(detail));
  });
}

test("a token need not expire where that is not asked for", async () => {
  const options = { requiresExpiry: false };
  const answer = await answerTo({ exp: undefined }, options);
  assertEquals(answer, allowed({ validMs: undefined }));
  const late = await answerTo({ exp: 1 }, options);
  assertEquals(late, refused("the token has expired"));
});

const BY_ISSUER = { issuers: ["https://a.example", "b"] };
const FOR_US = { audiences: ["broker", "mqtt"] };
const ISSUER = "the token is of another issuer";
const AUDIENCE = "the token is for another audience";
const BAD_AUDIENCE = 'the token\'s "aud" is neither text nor a list of texts';

const PARTIES: readonly (readonly [
  Partial<JwtOptions>,
  claims: object,
  detail: string | null,
])[] = [
  [{}, { iss: "anyone" }, null],
  [BY_ISSUER, { iss: "b" }, null],
  [BY_ISSUER, { iss: "https://a.example" }, null],
  [BY_ISSUER, { iss: "https://a.example/" }, ISSUER],
  [BY_ISSUER, { iss: ["b"] }, ISSUER],
  [BY_ISSUER, {}, ISSUER],
  [FOR_US, { aud: "mqtt" }, null],
  [FOR_US, { aud: ["web", "broker"] }, null],
  [FOR_US, { aud: "web" }, AUDIENCE],
  [FOR_US, { aud: "mqtt " }, AUDIENCE],
  [FOR_US, { aud: [] }, AUDIENCE],
  [FOR_US, { aud: [["mqtt"]] }, BAD_AUDIENCE],
  [FOR_US, { aud: ["mqtt", 1] }, BAD_AUDIENCE],
  [FOR_US, { aud: { mqtt: 1 } }, BAD_AUDIENCE],
  [FOR_US, {}, "the token is for no audience"],
  [{}, { aud: "web" }, "the token is for an audience, and none is configured"],
];

for (const [options, claims, detail] of PARTIES) {
  const name = `${JSON.stringify(options)}, ${JSON.stringify(claims)}`;
  test(`parties ${name}: ${detail ?? "valid"}`, async () => {
    const answer = await answerTo(claims, options);
    if (detail === null) assertEquals(answer.result, "allow");
    else assertEquals(answer, refused(detail));
  });
}

test("the user name is a claim that each token has to have", async () => {
  const options = { userNameClaim: "https://a.example/name" };
  const named = { "https://a.example/name": "Ada L." };
  const answer = await answerTo(named, options);
  assertEquals(answer, allowed({ userName: "Ada L." }));
  const none = refused('the token has no "https://a.example/name"');
  assertEquals(await answerTo({}, options), none);
  for (const sub of [undefined, null, "", 7, ["ada"], "a\nb", "\ud800"]) {
    assertEquals(await answerTo({ sub }), refused('the token has no "sub"'));
  }
  const inherited = await answerTo({}, { userNameClaim: "constructor" });
  assertEquals(inherited, refused('the token has no "constructor"'));
});

test("the client id is a claim, or is not looked at", async () => {
  const options = { clientIdClaim: "cid" };
  const cid = "phone";
  const other = refused("the token is for another client id");
  assertEquals(await answerTo({ cid: "x" }), allowed());
  assertEquals(await answerTo({ cid }, options), allowed({ clientId: cid }));
  assertEquals(await answerTo({ cid }, options, "Phone"), other);
  // Who sends none gets that of the token.
  const given = await answerTo({ cid }, options, "");
  assertEquals(given, allowed({ clientId: cid }));
  const none = refused('the token has no "cid"');
  assertEquals(await answerTo({}, options), none);
  assertEquals(await answerTo({ cid: 1 }, options), none);
});

test("rights come as a claim", async () => {
  const asked: [readonly GrantedRule[], Identity][] = [];
  const rights = {
    claim: "mqtt",
    compile: (rules: readonly GrantedRule[], identity: Identity) => {
      asked.push([rules, identity]);
      return ALL_RIGHTS;
    },
  };
  const mqtt = { publish: ["a/%c/#"], subscribe: ["b/#", "c/%u"] };
  const answer = await answerTo({ mqtt, sub: "bob" }, { rights });
  assertEquals(answer.rights, ALL_RIGHTS);
  const write = { allow: true, actions: "write", filter: "a/%c/#" } as const;
  const reads = ["b/#", "c/%u"].map((filter) =>
    ({ allow: true, actions: "read", filter }) as const
  );
  const identity = { clientId: "phone", userName: "bob" };
  assertEquals(asked, [[[write, ...reads], identity]]);
  // A broker's own choice of an identifier is not known yet.
  asked.length = 0;
  await answerTo({ mqtt }, { rights }, "");
  const unnamed = { clientId: "", userName: "ada" };
  assertEquals(asked, [[reads, unnamed]]);
  asked.length = 0;
  await answerTo({ mqtt: {} }, { rights });
  assertEquals(asked[0]![0], [], "nothing is allowed by nothing");
});

const RIGHTS = { claim: "mqtt", compile: () => ALL_RIGHTS };
const BAD_RIGHTS: readonly (readonly [mqtt: unknown, fault: string])[] = [
  [undefined, "must be an object"],
  [null, "must be an object"],
  [["a"], "must be an object"],
  ["#", "must be an object"],
  [{ deny: ["a"] }, "has an unknown key"],
  [{ constructor: [] }, "has an unknown key"],
  [{ publish: "#" }, '"publish" must be a list'],
  [{ publish: [1] }, '"publish" must be a list of texts'],
  [{ subscribe: [""] }, '"subscribe" has an empty topic filter'],
  [
    { subscribe: ["a", "b+"] },
    '"subscribe" has + that is not a whole level',
  ],
  [{ publish: Array(1025).fill("a") }, "has more than 1024 rules"],
];

for (const [mqtt, fault] of BAD_RIGHTS) {
  const name = JSON.stringify(mqtt)?.slice(0, 40);
  test(`rights ${name}: ${fault}`, async () => {
    const answer = await answerTo({ mqtt }, { rights: RIGHTS });
    assertEquals(answer, refused(`the token's "mqtt" ${fault}`));
  });
}

test("keys are replaced at once, and tell who may stay", async () => {
  const old = tokens();
  const request = requestWith(await sign(ada));
  const { proof } = await ask(old, requestWith(await sign(ada)));
  assert(old.stillAdmits(proof));
  old.replaceKeys(await keysOf(`${eve.pem}${ada.pem}`));
  assert(old.stillAdmits(proof));
  old.replaceKeys(await keysOf(eve.pem));
  assertFalse(old.stillAdmits(proof));
  assertEquals((await ask(old, request)).result, "bad_credentials");
  const others = requestWith(await sign(eve));
  assertEquals((await ask(old, others)).result, "allow");
  assertFalse(old.stillAdmits(undefined));
});

test("keys that go while a token is checked let nobody in", async () => {
  const checking = tokens();
  const fresh = await keysOf(eve.pem);
  const answer = ask(checking, requestWith(await sign(ada)));
  checking.replaceKeys(fresh);
  assertEquals(await answer, {
    result: "not_authorized",
    detail: "the token's key has gone",
  });
});

test("a storm of tokens is answered, and leaves room for others", async () => {
  const token = await sign(ada);
  const storm = tokens();
  const answers = Promise.all(
    Array.from({ length: 2000 }, () => ask(storm, requestWith(token))),
  );
  const elsewhere = { address: "192.0.2.8:50000" };
  const other = await ask(storm, requestWith(token, elsewhere));
  assertEquals(other.result, "allow");
  const results = (await answers).map(({ result }) => result);
  const count = (result: string): number =>
    results.filter((each) => each === result).length;
  assertEquals(count("allow"), 4 + 512);
  assertEquals(count("unavailable"), 2000 - 4 - 512);
  assertEquals((await ask(storm, requestWith(token))).result, "allow");
});

test("nothing of a token is in an answer", async () => {
  const token = await sign(ada, { sub: "SECRET", exp: 1 }, { kid: "SECRET" });
  const [header, claims, signature] = token.split(".");
  for (
    const text of [
      token,
      await signTexts(ada, '{"alg":"SECRET"}', "{}"),
      `${header}.${claims}.`,
      `${header}.SECRET.${signature}`,
      await sign(eve, { sub: "SECRET" }),
    ]
  ) {
    const answer = await ask(tokens(), requestWith(text));
    assert(answer.result !== "allow");
    const told = JSON.stringify(answer);
    for (const part of ["SECRET", header!, claims!]) {
      assertFalse(told.includes(part), told);
    }
  }
});
