/**
 * Logins by certificate: under which name, and for how long. Runs under Deno
 * and Bun.
 */

import type {
  CertificateName,
  LoginAnswer,
} from "../../src/auth/authenticator.ts";
import {
  CertificateAuthenticator,
} from "../../src/auth/certificate_authenticator.ts";
import { test } from "../support/both.ts";
import { assertEquals } from "../support/std_assert.ts";

const ADA = { commonName: "ada", subject: "CN=ada,O=Acme" };

function answerTo(
  certificate: CertificateName | undefined,
  user: "cn" | "subject" = "cn",
): LoginAnswer {
  let given: LoginAnswer | undefined;
  new CertificateAuthenticator(user).authenticate({
    clientId: "a",
    userName: "eve",
    password: undefined,
    address: "127.0.0.1:1",
    certificate,
  }, (answer) => given = answer);
  return given!;
}

test("its name is the user's, and who shows none is for others", () => {
  assertEquals(answerTo(ADA).userName, "ada");
  assertEquals(answerTo(ADA, "subject").userName, "CN=ada,O=Acme");
  assertEquals(answerTo(undefined), { result: "pass" });
  const nameless = { ...ADA, commonName: undefined };
  assertEquals(answerTo(nameless).result, "not_authorized");
});

test("the login is good for as long as the certificate", () => {
  assertEquals(answerTo({ ...ADA, validMs: 5000 }).validMs, 5000);
  for (const validMs of [0, -1]) {
    assertEquals(answerTo({ ...ADA, validMs }).result, "not_authorized");
  }
});

test("where nobody knows that, as behind a proxy, it has no end", () => {
  const { result, validMs } = answerTo(ADA);
  assertEquals([result, validMs], ["allow", undefined]);
});
