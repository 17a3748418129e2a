/**
 * Several authenticators in a row: the first that decides is heard, the rest
 * is not asked, and who let a client in is asked whether it may stay.
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../../src/auth/authenticator.ts";
import { AuthenticatorChain } from "../../src/auth/authenticator_chain.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
} from "../support/std_assert.ts";

const STRANGER: LoginRequest = {
  clientId: "ann",
  userName: undefined,
  password: undefined,
  address: "127.0.0.1:1",
  certificate: undefined,
};
const PASSWORD = Uint8Array.of(1);

/** Says always the same, and keeps what it was asked. */
class Always implements Authenticator {
  readonly requests: LoginRequest[] = [];
  readonly proofs: unknown[] = [];
  readonly #answer: LoginAnswer;
  readonly #stays: boolean;

  constructor(answer: LoginAnswer, stays = true) {
    this.#answer = answer;
    this.#stays = stays;
  }

  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    this.requests.push(request);
    answer(this.#answer);
  }

  stillAdmits(proof: unknown): boolean {
    this.proofs.push(proof);
    return this.#stays;
  }
}

function ask(
  chain: Authenticator,
  request: Partial<LoginRequest> = {},
): LoginAnswer {
  const answers: LoginAnswer[] = [];
  chain.authenticate({ ...STRANGER, ...request }, (one) => answers.push(one));
  assertEquals(answers.length, 1);
  return answers[0]!;
}

test("the first that does not pass decides, and the rest is not asked", () => {
  const results = [
    "allow",
    "bad_credentials",
    "not_authorized",
    "unavailable",
  ] as const;
  for (const result of results) {
    const links = [
      new Always({ result: "pass" }),
      new Always({ result }),
      new Always({ result: result === "allow" ? "not_authorized" : "allow" }),
    ];
    const chain = new AuthenticatorChain(links, { anonymous: true });
    const request = { ...STRANGER, userName: "ada" };
    assertEquals(ask(chain, request).result, result);
    assertEquals(links.map(({ requests }) => requests), [
      [request],
      [request],
      [],
    ]);
  }
});

test("what comes with a login is handed on", () => {
  const rights = {
    mayPublish: () => true,
    mayRead: () => true,
    reach: () => "all" as const,
  };
  const given = { result: "allow", userName: "ada", clientId: "c" } as const;
  const link = new Always({ ...given, rights, validMs: 5, proof: "p" });
  const chain = new AuthenticatorChain([link], { anonymous: false });
  const { proof: _, ...others } = ask(chain, { userName: "x" });
  assertEquals(others, { ...given, rights, validMs: 5 });
});

test("who is left over is told by what it has sent", () => {
  const table = [
    [undefined, undefined, "allow", "not_authorized"],
    ["ada", undefined, "bad_credentials", "bad_credentials"],
    ["ada", PASSWORD, "bad_credentials", "bad_credentials"],
    ["", undefined, "bad_credentials", "bad_credentials"],
    [undefined, PASSWORD, "bad_credentials", "bad_credentials"],
  ] as const;
  for (const links of [[], [new Always({ result: "pass" })]]) {
    for (const [userName, password, open, closed] of table) {
      const request = { userName, password };
      const found = [true, false].map((anonymous) =>
        ask(new AuthenticatorChain(links, { anonymous }), request).result
      );
      assertEquals(found, [open, closed], `${userName} ${password}`);
    }
  }
});

test("an answer may come later, and the next is asked then", () => {
  const later: ((decision: LoginAnswer) => void)[] = [];
  const slow: Authenticator = {
    authenticate: (_request, answer) => later.push(answer),
  };
  const chain = new AuthenticatorChain([slow, slow], { anonymous: false });
  const answers: string[] = [];
  const { userName } = { userName: "ada" };
  chain.authenticate(
    { ...STRANGER, userName },
    ({ result }) => answers.push(result),
  );
  assertEquals([later.length, answers.length], [1, 0]);
  later[0]!({ result: "pass" });
  assertEquals([later.length, answers.length], [2, 0]);
  later[1]!({ result: "allow" });
  assertEquals(answers, ["allow"]);
});

test("the one who let a client in says whether it may stay", () => {
  const proof = {};
  const yes = new Always({ result: "pass" });
  const no = new Always({ result: "allow", proof }, false);
  const chain = new AuthenticatorChain([yes, no], { anonymous: true });
  assertFalse(chain.stillAdmits(ask(chain, { userName: "ada" }).proof));
  assertEquals([yes.proofs.length, no.proofs.length], [0, 1]);
  assertStrictEquals(no.proofs[0], proof);
});

test("who is not asked about those it let in lets them stay", () => {
  const plain: Authenticator = {
    authenticate: (_request, answer) => answer({ result: "allow" }),
  };
  const chain = new AuthenticatorChain([plain], { anonymous: false });
  assert(chain.stillAdmits(ask(chain).proof));
});

test("an anonymous client stays where such are let in", () => {
  const open = new AuthenticatorChain([], { anonymous: true });
  const { result, proof } = ask(open);
  assertEquals(result, "allow");
  assert(open.stillAdmits(proof));
  const closed = new AuthenticatorChain([], { anonymous: false });
  assertFalse(closed.stillAdmits(proof));
});

test("a chain may be a link of another", () => {
  const no = new Always({ result: "allow", proof: 7 }, false);
  const inner = new AuthenticatorChain([no], { anonymous: false });
  const outer = new AuthenticatorChain([inner], { anonymous: false });
  assertFalse(outer.stillAdmits(ask(outer).proof));
  assertEquals(no.proofs, [7]);
});
