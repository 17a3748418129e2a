/**
 * Makes tokens, sound and unsound, by the runtime's own WebCrypto, and asks a
 * `JwtAuthenticator` about them.
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../../src/auth/authenticator.ts";
import type { Bytes } from "../../src/credentials/hash.ts";
import { assertEquals } from "../support/std_assert.ts";

type How = Parameters<SubtleCrypto["sign"]>[0];

export interface Signer {
  readonly alg: string;
  readonly how: How;
  readonly privateKey: CryptoKey;
  /** Of a public key: in PEM, and as a JSON Web Key. */
  readonly pem: string;
  readonly jwk: JsonWebKey;
}

/** 2026-01-01T00:00:00Z, in seconds. */
export const NOW = 1_767_225_600;

const { subtle } = crypto;

const KINDS = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
} as const;

/** A new pair of keys. `changes` are what it has other than usual. */
export async function newSigner(
  alg: keyof typeof KINDS,
  changes: object = {},
): Promise<Signer> {
  const how = { ...KINDS[alg], ...changes };
  const pair = await subtle.generateKey(how, true, ["sign", "verify"]);
  const { privateKey, publicKey } = pair as CryptoKeyPair;
  const spki = await subtle.exportKey("spki", publicKey) as ArrayBuffer;
  const jwk = await subtle.exportKey("jwk", publicKey) as JsonWebKey;
  const { kty, crv, x, y, n, e } = jwk;
  const parts = JSON.stringify({ kty, crv, x, y, n, e });
  return {
    alg,
    how,
    privateKey,
    pem: pemOf("PUBLIC KEY", new Uint8Array(spki)),
    jwk: JSON.parse(parts) as JsonWebKey,
  };
}

/** Who has a secret. */
export async function secretSigner(secret: Bytes): Promise<Signer> {
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", secret, how, false, ["sign"]);
  const jwk = { kty: "oct", k: base64Url(secret) };
  return { alg: "HS256", how, privateKey: key, pem: "", jwk };
}

export function pemOf(label: string, bytes: Bytes): string {
  const lines = bytes.toBase64().match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

export function base64Url(bytes: string | Bytes): string {
  const taken = typeof bytes === "string"
    ? new TextEncoder().encode(bytes)
    : bytes;
  return taken.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A token of texts that may be no JSON at all. */
export async function signTexts(
  { privateKey, how }: Signer,
  header: string,
  claims: string,
): Promise<string> {
  return await signParts({ privateKey, how }, base64Url(header), claims);
}

/** The same with the header's own text in base64url. */
export async function signParts(
  { privateKey, how }: Pick<Signer, "privateKey" | "how">,
  headerPart: string,
  claims: string,
): Promise<string> {
  const signed = `${headerPart}.${base64Url(claims)}`;
  const bytes = new TextEncoder().encode(signed);
  const signature = await subtle.sign(how, privateKey, bytes);
  return `${signed}.${base64Url(new Uint8Array(signature))}`;
}

/** A token by the book, for an hour, but for what differs. */
export async function sign(
  signer: Signer,
  claims: object = {},
  header: object = {},
): Promise<string> {
  return await signTexts(
    signer,
    JSON.stringify({ alg: signer.alg, typ: "JWT", ...header }),
    JSON.stringify({ sub: "ada", exp: NOW + 3600, ...claims }),
  );
}

export function requestWith(
  password: string | Uint8Array | undefined,
  changes: Partial<LoginRequest> = {},
): LoginRequest {
  return {
    clientId: "phone",
    userName: "ada",
    password: typeof password === "string"
      ? new TextEncoder().encode(password)
      : password,
    address: "192.0.2.7:50000",
    certificate: undefined,
    ...changes,
  };
}

/** Waits for the answer, which comes exactly once. */
export async function ask(
  authenticator: Authenticator,
  request: LoginRequest,
): Promise<LoginAnswer> {
  const answers: LoginAnswer[] = [];
  await new Promise<void>((done) => {
    authenticator.authenticate(request, (answer) => {
      answers.push(answer);
      done();
    });
    request.password?.fill(0); // it was only borrowed
  });
  await Promise.resolve();
  assertEquals(answers.length, 1);
  return answers[0]!;
}
