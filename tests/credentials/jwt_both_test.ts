/**
 * Tokens: the examples of RFC 7515 and RFC 8037, what is taken by each of the
 * four algorithms, and each way to forge one. Runs under Deno and Bun, as
 * each has a WebCrypto of its own.
 */

import { verifyJwt } from "../../src/credentials/jwt.ts";
import { hasSigned, type JwtKey } from "../../src/credentials/jwt_key.ts";
import { parseJwtKeys } from "../../src/credentials/jwt_key_file.ts";
import {
  fromBase64Url,
  readJwt,
  TOKEN_BYTES_MAX,
} from "../../src/credentials/jwt_token.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import {
  base64Url,
  newSigner,
  NOW,
  secretSigner,
  sign,
  type Signer,
  signParts,
  signTexts,
} from "./jwt_maker.ts";

const RULES = {
  issuers: [],
  audiences: [],
  requiresExpiry: true,
  leewayMs: 30_000,
};

const [rsa, ec, ed, otherEc] = await Promise.all([
  newSigner("RS256"),
  newSigner("ES256"),
  newSigner("EdDSA"),
  newSigner("ES256"),
]);
const secret = await secretSigner(
  crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32))),
);
const SIGNERS: readonly Signer[] = [secret, rsa, ec, ed];
const KEYS = await keysOf(SIGNERS.map(({ jwk }) => jwk));

async function keysOf(keys: readonly object[]): Promise<readonly JwtKey[]> {
  const text = JSON.stringify({ keys });
  return await parseJwtKeys(new TextEncoder().encode(text), "keys.json");
}

/** What becomes of a token: "valid", or what it is taken for and why. */
async function verdictOn(
  token: string,
  keys: readonly JwtKey[] = KEYS,
  nowMs = NOW * 1000,
): Promise<string> {
  const reading = readJwt(token);
  if (reading.kind === "other") return "other";
  if (reading.kind === "fault") return `fault: ${reading.fault}`;
  const verdict = await verifyJwt(reading.token, keys, RULES, nowMs);
  if (verdict.result === "valid") return "valid";
  return `${verdict.result}: ${verdict.why}`;
}

const EXAMPLE_CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0" +
  "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const EXAMPLE_MS = 1_300_819_380_000;

const EXAMPLES = [
  {
    name: "RFC 7515 A.1, HS256",
    header: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
    signature: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    jwk: {
      kty: "oct",
      k: "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3" +
        "Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    },
  },
  {
    name: "RFC 7515 A.2, RS256",
    header: "eyJhbGciOiJSUzI1NiJ9",
    signature: "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5R" +
      "Zmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ" +
      "jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB" +
      "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt" +
      "FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq" +
      "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    jwk: {
      kty: "RSA",
      e: "AQAB",
      n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHm" +
        "fHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_" +
        "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5" +
        "z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD" +
        "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia" +
        "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    },
  },
  {
    name: "RFC 7515 A.3, ES256",
    header: "eyJhbGciOiJFUzI1NiJ9",
    signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8I" +
      "SlSApmWQxfKTUJqPP3-Kg6NU1Q",
    jwk: {
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    },
  },
];

for (const { name, header, signature, jwk } of EXAMPLES) {
  test(`the example of ${name}`, async () => {
    const keys = await keysOf([jwk]);
    const token = `${header}.${EXAMPLE_CLAIMS}.${signature}`;
    assertEquals(await verdictOn(token, keys, EXAMPLE_MS), "valid");
    const lateMs = EXAMPLE_MS + 30_000;
    const late = await verdictOn(token, keys, lateMs);
    assertEquals(late, "refused: the token has expired");
    const changed = `${header}.${base64Url("{}")}.${signature}`;
    const forged = await verdictOn(changed, keys, EXAMPLE_MS);
    assertEquals(forged, "forged: a token with a bad signature");
  });
}

test("the example of RFC 7515 A.5 is not signed, and refused", async () => {
  const token = `eyJhbGciOiJub25lIn0.${EXAMPLE_CLAIMS}.`;
  const why = "fault: a token with an algorithm that is not taken";
  assertEquals(await verdictOn(token), why);
});

test("the example of RFC 8037 A.4, EdDSA", async () => {
  const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  const [key] = await keysOf([{ kty: "OKP", crv: "Ed25519", x }]);
  const signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4" +
    "iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const token = {
    algorithm: "EdDSA",
    keyId: undefined,
    signed: new TextEncoder().encode(signed),
    signature: fromBase64Url(signature)!,
    claims: {},
  } as const;
  assert(await hasSigned(key!, token));
  const changed = new TextEncoder().encode(signed.replace("RXh", "RXi"));
  assert(!await hasSigned(key!, { ...token, signed: changed }));
});

for (const signer of SIGNERS) {
  const { alg } = signer;
  test(`${alg}: a sound token is taken, and no change to it`, async () => {
    const token = await sign(signer);
    assertEquals(await verdictOn(token), "valid");
    const bad = "forged: a token with a bad signature";
    const [header, claims, signature] = token.split(".");
    const others = base64Url('{"sub":"bob","exp":9999999999}');
    assertEquals(await verdictOn(`${header}.${others}.${signature}`), bad);
    const bytes = fromBase64Url(signature!)!;
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1;
      const changed = `${header}.${claims}.${base64Url(flipped)}`;
      assertEquals(await verdictOn(changed), bad);
    }
    for (
      const wrong of [
        new Uint8Array(0),
        new Uint8Array(bytes.length),
        bytes.slice(1),
        Uint8Array.of(...bytes, 0),
      ]
    ) {
      const changed = `${header}.${claims}.${base64Url(wrong)}`;
      assertEquals(await verdictOn(changed), bad);
    }
  });

  test(`${alg}: another's key does not do`, async () => {
    const others = await keysOf(
      SIGNERS.filter((other) => other !== signer).map(({ jwk }) => jwk),
    );
    const why = `forged: a token by a key for ${alg} that is not known`;
    assertEquals(await verdictOn(await sign(signer), others), why);
  });
}

test("a public key is no secret, however it is written", async () => {
  const spki = Uint8Array.fromBase64(
    rsa.pem.replace(/-----[^-]+-----|\n/g, ""),
  );
  const modulus = fromBase64Url(rsa.jwk.n!)!;
  const keys = await parseJwtKeys(new TextEncoder().encode(rsa.pem), "f");
  for (
    const guess of [new TextEncoder().encode(rsa.pem), spki, modulus]
  ) {
    const forged = await sign(await secretSigner(guess));
    const why = "forged: a token by a key for HS256 that is not known";
    assertEquals(await verdictOn(forged, keys), why);
  }
});

test("a key that a token brings along is not heeded", async () => {
  const jwk = otherEc.jwk;
  for (
    const header of [{ jwk }, { jku: "https://example.com/keys" }, { jwk }]
  ) {
    const token = await sign(otherEc, {}, header);
    const why = "forged: a token with a bad signature";
    assertEquals(await verdictOn(token), why);
  }
});

test("the name of a key chooses among keys, and may be left out", async () => {
  const keys = await keysOf([
    { ...ec.jwk, kid: "a" },
    { ...otherEc.jwk, kid: "b" },
  ]);
  const bad = "forged: a token with a bad signature";
  const none = "forged: a token by a key for ES256 that is not known";
  assertEquals(await verdictOn(await sign(ec), keys), "valid");
  assertEquals(await verdictOn(await sign(otherEc), keys), "valid");
  const cases = [["a", "valid"], ["b", bad], ["c", none], ["", none]] as const;
  for (const [kid, expected] of cases) {
    const token = await sign(ec, {}, { kid });
    assertEquals(await verdictOn(token, keys), expected, kid);
  }
  const unnamed = await keysOf([ec.jwk]);
  const token = await sign(ec, {}, { kid: "c" });
  assertEquals(await verdictOn(token, unnamed), "valid");
});

const ALGORITHM = "fault: a token with an algorithm that is not taken";
const HEADER = "fault: a token with an unsound header";
const CRITICAL = "fault: a token with an extension that must be understood";
const TYPE = "fault: a token of another type";
const KEY_ID = "fault: a token with a key id that is no text";

const HEADERS: readonly (readonly [header: string, verdict: string])[] = [
  ['{"alg":"ES256"}', "valid"],
  [' {"alg" : "ES256","typ":"at+JWT"}\n', "valid"],
  ['{"alg":"ES256","typ":"application/jwt","cty":"x"}', "valid"],
  ['{"alg":"none"}', ALGORITHM],
  ['{"alg":"None"}', ALGORITHM],
  ['{"alg":"es256"}', ALGORITHM],
  ['{"alg":"ES256 "}', ALGORITHM],
  ['{"alg":"ES384"}', ALGORITHM],
  ['{"alg":"PS256"}', ALGORITHM],
  ['{"alg":["ES256"]}', ALGORITHM],
  ['{"alg":null}', ALGORITHM],
  ['{"alg":""}', ALGORITHM],
  ['{"alg":"toString"}', ALGORITHM],
  ['{"alg":"ES256","crit":["exp"]}', CRITICAL],
  ['{"alg":"ES256","crit":[]}', CRITICAL],
  ['{"alg":"ES256","crit":null}', CRITICAL],
  ['{"alg":"ES256","crit":["b64"],"b64":false}', CRITICAL],
  ['{"alg":"ES256","typ":"logout+jwt"}', TYPE],
  ['{"alg":"ES256","typ":1}', TYPE],
  ['{"alg":"ES256","kid":1}', KEY_ID],
  ['{"alg":"ES256","kid":null}', KEY_ID],
  ['{"alg":"none","alg":"ES256"}', HEADER],
  ['{"alg":"ES256","\\u0061lg":"ES256"}', HEADER],
  ['{"alg":"ES256","x":{"a":1,"a":2}}', HEADER],
  ['{"alg":"ES256","x":[{"a":1},{"a":2}],"y":"\\"a\\":"}', "valid"],
  ['{"typ":"JWT"}', "other"],
  ['{"__proto__":{"alg":"ES256"}}', "other"],
  ['["alg"]', "other"],
  ['"alg"', "other"],
  ["null", "other"],
  ["", "other"],
  ['{"alg":"ES256"', "other"],
  ['{"alg":"ES256"}}', "other"],
];

for (const [header, verdict] of HEADERS) {
  test(`a token with the header ${header}: ${verdict}`, async () => {
    const claims = `{"sub":"ada","exp":${NOW + 1}}`;
    const token = await signTexts(ec, header, claims);
    assertEquals(await verdictOn(token), verdict);
  });
}

test("a header that is no base64url to the letter is unsound", async () => {
  const claims = `{"sub":"ada","exp":${NOW + 1}}`;
  const sound = base64Url('{"alg":"ES256"} ');
  for (const part of [`${sound}==`, ` ${sound}`, sound.replace(/.$/, "B")]) {
    assertEquals(await verdictOn(await signParts(ec, part, claims)), HEADER);
  }
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf);
  const marked = base64Url(
    Uint8Array.of(...bytes, ...new TextEncoder().encode('{"alg":"ES256"}')),
  );
  assertEquals(await verdictOn(await signParts(ec, marked, claims)), HEADER);
});

test("a signature has one text, and no other", async () => {
  const token = await sign(ec);
  // 64 bytes leave four bits over in the last character.
  const last = token.at(-1)!;
  const twin = String.fromCharCode(last.charCodeAt(0) + 1);
  assertEquals("AQgw".includes(last), true);
  for (const other of [`${token.slice(0, -1)}${twin}`, `${token}==`]) {
    const why = "fault: a token with an unsound signature";
    assertEquals(await verdictOn(other), why);
  }
});

test("claims are one JSON object, with each key once", async () => {
  for (
    const claims of [
      "",
      "[]",
      "null",
      '"ada"',
      "{",
      `{"exp":${NOW + 1},"exp":${NOW + 1}}`,
      `{"exp":${NOW + 1},"a":{"b":[{"c":1,"c":1}]}}`,
      `\ufeff{"exp":${NOW + 1}}`,
    ]
  ) {
    const token = await signTexts(ec, '{"alg":"ES256"}', claims);
    const why = "fault: a token whose claims are unsound";
    assertEquals(await verdictOn(token), why, claims);
  }
});

test("a token above the limit is refused before it is read", async () => {
  const fits = await sign(secret, { x: "x".repeat(5900) });
  assert(fits.length > 7900 && fits.length <= TOKEN_BYTES_MAX);
  assertEquals(await verdictOn(fits), "valid");
  const large = await sign(secret, { x: "x".repeat(6100) });
  assert(large.length > TOKEN_BYTES_MAX);
  const why = "fault: a token above the limit of 8192 bytes";
  assertEquals(await verdictOn(large), why);
  assertEquals(await verdictOn("x".repeat(TOKEN_BYTES_MAX + 1)), "other");
});

test("what is no token is left to others", async () => {
  const token = await sign(ec);
  for (const text of ["", ".", "..", "a.b.c", `${token}.`, `x${token}`]) {
    assertEquals(await verdictOn(text), "other", text);
  }
});
