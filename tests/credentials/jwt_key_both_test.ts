/**
 * Files with keys for tokens: what is read from them, and the sentence for
 * each mistake. Runs under Deno and Bun, as each has a WebCrypto of its own.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import { readJwtKeys } from "../../src/credentials/jwt_disk.ts";
import { parseJwtKeys } from "../../src/credentials/jwt_key_file.ts";
import { FILE_BYTES_MAX } from "../../src/credentials/small_file.ts";
import { test } from "../support/both.ts";
import {
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "../support/std_assert.ts";
import { base64Url, newSigner, pemOf } from "./jwt_maker.ts";

const [rsa, small, ec, ed] = await Promise.all([
  newSigner("RS256"),
  newSigner("RS256", { modulusLength: 1024 }),
  newSigner("ES256"),
  newSigner("EdDSA"),
]);
const p384 = await newSigner("ES256", { namedCurve: "P-384" });

const SPKI = spkiOf(ec.pem);
const SECRET = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(48)));
SECRET[0] = 0xff;

function spkiOf(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(pem.replace(/-----[^-]+-----|\n/g, ""));
}

function bytesOf(file: string | object): Uint8Array {
  if (file instanceof Uint8Array) return file;
  const text = typeof file === "string" ? file : JSON.stringify(file);
  return new TextEncoder().encode(text);
}

async function algorithmsIn(file: string | object): Promise<string> {
  const keys = await parseJwtKeys(bytesOf(file), "f");
  return keys.map(({ algorithm, keyId }) =>
    keyId === undefined ? algorithm : `${algorithm} ${keyId}`
  ).join(", ");
}

const { RS256, ES256, EdDSA } = {
  RS256: rsa.jwk,
  ES256: ec.jwk,
  EdDSA: ed.jwk,
};
const OCT = { kty: "oct", k: base64Url(SECRET) };

const SOUND: Readonly<
  Record<string, readonly [file: string | object, keys: string]>
> = {
  "PEM of RSA": [rsa.pem, "RS256"],
  "PEM of P-256": [ec.pem, "ES256"],
  "PEM of Ed25519": [ed.pem, "EdDSA"],
  "several in PEM": [`old:\n${rsa.pem}\nnew:\n${ed.pem}`, "RS256, EdDSA"],
  "PEM as Windows has it": [
    `\ufeff${ec.pem.replaceAll("\n", "\r\n")}`,
    "ES256",
  ],
  "a set": [
    { keys: [{ ...RS256, kid: "1" }, { ...ES256, kid: "2" }, EdDSA, OCT] },
    "RS256 1, ES256 2, EdDSA, HS256",
  ],
  "one key of a set": [{ ...ES256, kid: "1" }, "ES256 1"],
  "a set with what providers add": [
    {
      keys: [
        { ...RS256, alg: "RS256", use: "sig", x5c: ["x"], x5t: "x", n2: 1 },
        { ...EdDSA, alg: "Ed25519", key_ops: ["verify"] },
        { ...EdDSA, alg: "EdDSA" },
        { ...ES256, alg: "ES256", ext: true },
        { ...OCT, alg: "HS256" },
      ],
    },
    "RS256, EdDSA, EdDSA, ES256, HS256",
  ],
  "a set with keys for others": [
    {
      keys: [
        { ...RS256, use: "enc" },
        { ...RS256, key_ops: ["encrypt"] },
        { ...RS256, alg: "PS256" },
        { ...RS256, alg: "RS512" },
        { ...EdDSA, alg: "constructor" },
        { ...OCT, alg: "HS512" },
        p384.jwk,
        { kty: "OKP", crv: "X25519", x: EdDSA.x },
        { kty: "constructor" },
        {},
        ES256,
      ],
    },
    "ES256",
  ],
  "a secret of any bytes": [SECRET, "HS256"],
  "a secret in a line": ["correct horse battery staple correct\r\n", "HS256"],
  "a secret in base64": [`base64:${SECRET.toBase64()}\n`, "HS256"],
};

for (const [name, [file, keys]] of Object.entries(SOUND)) {
  test(`${name}: ${keys}`, async () => {
    assertEquals(await algorithmsIn(file), keys);
  });
}

test("the same key has the same fingerprint in any form", async () => {
  const first = async (file: string | object): Promise<string> =>
    (await parseJwtKeys(bytesOf(file), "f"))[0]!.fingerprint;
  const line = `${"x".repeat(40)}\n`;
  assertEquals(await first(ec.pem), await first(ec.jwk));
  assertEquals(await first(rsa.pem), await first(rsa.jwk));
  assertEquals(await first(ed.pem), await first(ed.jwk));
  assertEquals(await first(SECRET), await first(OCT));
  assertEquals(await first(SECRET), await first(`base64:${SECRET.toBase64()}`));
  assertEquals(await first(line), await first(line.trim()));
  assertNotEquals(await first(SECRET), await first(line));
});

const DER = "f: this looks like a key or a certificate in DER, which is no " +
  "secret: give a public key in PEM";
const PRIVATE = "this is a private key: give the public one";
const NONE = "f: this is no public key that is taken: RSA, P-256 or Ed25519";
const NO_KEY = "f: there is no key for HS256, RS256, ES256 or EdDSA in it";
const UNSOUND = "f: this is no sound public key";
const SMALL = "an RSA key of 1024 bits is not taken: RS256 needs 2048 to 8192";

const MISTAKES: readonly (readonly [string | object, sentence: string])[] = [
  ["", "f: a secret of 0 bytes is too short: HS256 needs 32"],
  [
    `${"x".repeat(31)}\n`,
    "f: a secret of 31 bytes is too short: " +
    "HS256 needs 32",
  ],
  [
    `base64:${SECRET.slice(0, 31).toBase64()}`,
    "f: a secret of 31 bytes is too short: HS256 needs 32",
  ],
  ["base64:%", "f: bad base64 after base64:"],
  [SPKI, DER],
  [spkiOf(rsa.pem), DER],
  [spkiOf(ed.pem), DER],
  [spkiOf(rsa.pem).toBase64(), DER],
  [`${ec.pem.replace(/-----[^-]+-----/g, "")}`, DER],
  [`base64:${SPKI.toBase64()}`, DER],
  [{ kty: "oct", k: base64Url(SPKI) }, DER],
  [
    `ssh-ed25519 ${"A".repeat(68)} ada@example`,
    "f: this is a key for SSH: give a public key in PEM",
  ],
  [pemOf("PRIVATE KEY", SECRET), `f: ${PRIVATE}`],
  [pemOf("EC PRIVATE KEY", SECRET), `f: ${PRIVATE}`],
  [`${ec.pem}${pemOf("ENCRYPTED PRIVATE KEY", SECRET)}`, `f: ${PRIVATE}`],
  [
    pemOf("CERTIFICATE", SECRET),
    "f: this is a certificate: its key is printed by openssl x509 -pubkey " +
    "-noout",
  ],
  [
    pemOf("RSA PUBLIC KEY", SECRET),
    "f: this is a key in PKCS #1: it is converted by openssl rsa " +
    "-RSAPublicKey_in -pubout",
  ],
  [pemOf("DH PARAMETERS", SECRET), 'f: a PEM block "DH PARAMETERS" is no key'],
  [pemOf("PUBLIC KEY", SECRET), NONE],
  [p384.pem, NONE],
  [small.pem, `f: ${SMALL}`],
  [ec.pem.slice(0, -10), "f: PEM that is cut short"],
  [`${ec.pem}${rsa.pem.slice(0, 100)}`, "f: PEM that is cut short"],
  [ec.pem.replace(/M/, "%"), "f: PEM with bad base64"],
  [ec.pem.repeat(33), "f: more than 32 keys in one file"],
  ["{", "f: this is no JSON, or has a key twice"],
  ['{"keys":[],"keys":[]}', "f: this is no JSON, or has a key twice"],
  ["{}", "f: keys must be a list"],
  [{ keys: {} }, "f: keys must be a list"],
  [{ keys: [] }, NO_KEY],
  [{ keys: Array(33).fill(ES256) }, "f: more than 32 keys in one file"],
  [{ keys: [1] }, "f: keys[0]: a key must be an object"],
  [{ keys: [ES256, { ...ES256, kid: 1 }] }, "f: keys[1]: kid must be a text"],
  [{ keys: [{ ...ES256, d: "x" }] }, `f: keys[0]: ${PRIVATE}`],
  [{ keys: [small.jwk] }, `f: keys[0]: ${SMALL}`],
  [{ ...ES256, x: ES256.y }, UNSOUND],
  [{ ...ES256, x: undefined }, UNSOUND],
  [{ ...ES256, x: 1 }, UNSOUND],
  [{ ...EdDSA, x: "AAAA" }, UNSOUND],
  [{ ...RS256, n: undefined }, UNSOUND],
  [{ ...RS256, e: "AQ" }, "f: an RSA key with this exponent is not taken"],
  [p384.jwk, NO_KEY],
  [{ kty: "oct" }, "f: k must be base64url"],
  [{ kty: "oct", k: `${base64Url(SECRET)}==` }, "f: k must be base64url"],
  [
    { keys: [{ kty: "oct", k: "AAAA" }] },
    "f: keys[0]: a secret of 3 bytes is too short: HS256 needs 32",
  ],
];

for (const [at, [file, sentence]] of MISTAKES.entries()) {
  test(`mistake ${at + 1} is told: ${sentence}`, async () => {
    const error = await assertRejects(
      () => parseJwtKeys(bytesOf(file), "f"),
      CredentialFileError,
    );
    assertEquals(error.message, sentence);
    assertEquals(error.cause, undefined, "it may quote the key");
  });
}

test("a file is read, or the reason told", async () => {
  const folder = await mkdtemp(`${tmpdir()}/jwt-`);
  try {
    const path = `${folder}/key`;
    const fault = async (at: string): Promise<string> =>
      (await assertRejects(() => readJwtKeys(at), CredentialFileError)).message;
    await writeFile(path, ec.pem);
    assertEquals((await readJwtKeys(path))[0]!.algorithm, "ES256");
    await writeFile(path, "x");
    const short = "a secret of 1 bytes is too short: HS256 needs 32";
    assertEquals(await fault(path), `${path}: ${short}`);
    await writeFile(path, new Uint8Array(FILE_BYTES_MAX + 1));
    assertEquals(await fault(path), `${path} is larger than 1048576 bytes`);
    const missing = "can't be read: there is no such file or folder";
    assertEquals(await fault(`${path}2`), `${path}2 ${missing}`);
    const isFolder = "can't be read: this is a folder";
    assertEquals(await fault(folder), `${folder} ${isFolder}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
