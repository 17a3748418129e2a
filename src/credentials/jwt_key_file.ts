/**
 * What a file with keys for tokens holds: public keys in PEM, a JSON Web Key
 * Set (RFC 7517 section 5), or one secret for HS256: the file's bytes without
 * the end of the last line, or behind `base64:` what they stand for. Whatever
 * looks like a public key is no secret, for everybody may know it. Reading
 * the file is in `credentials/jwt_disk.ts`.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import type { Bytes } from "./hash.ts";
import { type JwtKey, publicJsonKey, publicKey, secretKey } from "./jwt_key.ts";
import { fromBase64Url } from "./jwt_token.ts";
import {
  isJsonObject,
  type JsonObject,
  member,
  readStrictJson,
} from "./strict_json.ts";

/** A token without the name of a key is tried with all that fit it. */
const KEYS_MAX = 32;

const BASE64 = "base64:";
const BYTE_ORDER_MARK = /^\ufeff/;
const PEM_BEGIN = "-----BEGIN ";
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END [A-Z0-9 ]+-----/g;

/** What to do with what people have instead of a public key in PEM. */
const OTHER_PEM: readonly (readonly [RegExp, string])[] = [
  [/PRIVATE KEY/, "this is a private key: give the public one"],
  [
    /CERTIFICATE/,
    "this is a certificate: its key is printed by " +
    "openssl x509 -pubkey -noout",
  ],
  [
    /RSA PUBLIC KEY/,
    "this is a key in PKCS #1: it is converted by " +
    "openssl rsa -RSAPublicKey_in -pubout",
  ],
];

/** By key type and curve: RFC 7518 section 6, RFC 8037 section 2. */
const PUBLIC_KINDS: Readonly<
  Record<string, "RS256" | "ES256" | "EdDSA" | undefined>
> = {
  RSA: "RS256",
  "EC P-256": "ES256",
  "OKP Ed25519": "EdDSA",
};

/** RFC 9864 has a name of its own for what is meant here. */
const OTHER_NAMES: Readonly<Record<string, string | undefined>> = {
  Ed25519: "EdDSA",
};

/**
 * The keys in the bytes of a file.
 *
 * @param path The file's name, for the sentence about a mistake.
 * @throws {CredentialFileError} When they are not as they should be.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { parseJwtKeys } from "./jwt_key_file.ts";
 *
 * const [key] = await parseJwtKeys(new Uint8Array(32).fill(1), "secret");
 * assertEquals(key!.algorithm, "HS256");
 * await assertRejects(() => parseJwtKeys(new Uint8Array(0), "secret"));
 * ```
 */
export async function parseJwtKeys(
  bytes: Uint8Array,
  path: string,
): Promise<readonly JwtKey[]> {
  const text = new TextDecoder("utf-8").decode(bytes)
    .replace(BYTE_ORDER_MARK, "").trim();
  const work = text.includes(PEM_BEGIN)
    ? pemKeys(text)
    : text.startsWith("{")
    ? jsonKeys(text)
    : secretKeys(bytes, text);
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof CredentialFileError)) throw cause;
    throw new CredentialFileError(`${path}: ${cause.message}`);
  }
}

async function pemKeys(text: string): Promise<JwtKey[]> {
  const keys: JwtKey[] = [];
  for (const [, label, body] of text.matchAll(PEM)) {
    if (label !== "PUBLIC KEY") {
      const known = OTHER_PEM.find(([form]) => form.test(label!));
      throw new CredentialFileError(
        known?.[1] ?? `a PEM block "${label}" is no key`,
      );
    }
    const spki = fromBase64(body!);
    if (spki === undefined) {
      throw new CredentialFileError("PEM with bad base64");
    }
    keys.push(await publicKey(spki, undefined));
    checkCount(keys.length);
  }
  if (keys.length < text.split(PEM_BEGIN).length - 1) {
    throw new CredentialFileError("PEM that is cut short");
  }
  return keys;
}

async function jsonKeys(text: string): Promise<JwtKey[]> {
  const file = readStrictJson(text);
  if (!isJsonObject(file)) {
    throw new CredentialFileError("this is no JSON, or has a key twice");
  }
  // One key by itself is taken as a set of one.
  const isSet = member(file, "kty") === undefined;
  const set = isSet ? member(file, "keys") : [file];
  if (!Array.isArray(set)) throw new CredentialFileError("keys must be a list");
  checkCount(set.length);
  const keys: JwtKey[] = [];
  for (const [at, jwk] of (set as readonly unknown[]).entries()) {
    const key = await labelled(isSet ? `keys[${at}]: ` : "", jsonKey(jwk));
    if (key !== undefined) keys.push(key);
  }
  if (keys.length > 0) return keys;
  throw new CredentialFileError(
    "there is no key for HS256, RS256, ES256 or EdDSA in it",
  );
}

/** The key; `undefined` for one that is for another use or algorithm. */
async function jsonKey(jwk: unknown): Promise<JwtKey | undefined> {
  if (!isJsonObject(jwk)) {
    throw new CredentialFileError("a key must be an object");
  }
  const keyId = member(jwk, "kid");
  if (keyId !== undefined && typeof keyId !== "string") {
    throw new CredentialFileError("kid must be a text");
  }
  if (!isForSignatures(jwk)) return undefined;
  const type = member(jwk, "kty");
  if (type === "oct") {
    return isFor(jwk, "HS256") ? await octKey(jwk, keyId) : undefined;
  }
  const curve = member(jwk, "crv");
  const kind = type === "RSA" ? "RSA" : `${type} ${curve}`;
  const algorithm = member(PUBLIC_KINDS, kind) as "RS256" | undefined;
  if (algorithm === undefined || !isFor(jwk, algorithm)) return undefined;
  if (member(jwk, "d") !== undefined) {
    throw new CredentialFileError("this is a private key: give the public one");
  }
  const names = ["kty", "crv", "x", "y", "n", "e"];
  const parts = names.map((name) => [name, member(jwk, name)] as const)
    .filter(([, value]) => value !== undefined);
  return await publicJsonKey(Object.fromEntries(parts), algorithm, keyId);
}

/** RFC 7517 sections 4.2 and 4.3. */
function isForSignatures(jwk: JsonObject): boolean {
  const use = member(jwk, "use");
  const operations = member(jwk, "key_ops");
  const isOther = use !== undefined && use !== "sig";
  if (isOther || operations === undefined) return !isOther;
  return Array.isArray(operations) && operations.includes("verify");
}

/** RFC 7517 section 4.4. */
function isFor(jwk: JsonObject, algorithm: string): boolean {
  const name = member(jwk, "alg");
  if (name === undefined || name === algorithm) return true;
  return typeof name === "string" && OTHER_NAMES[name] === algorithm;
}

async function octKey(
  jwk: JsonObject,
  keyId: string | undefined,
): Promise<JwtKey> {
  const text = member(jwk, "k");
  const secret = typeof text === "string" ? fromBase64Url(text) : undefined;
  if (secret === undefined) {
    throw new CredentialFileError("k must be base64url");
  }
  refusePublic(secret);
  return await secretKey(secret, keyId);
}

async function secretKeys(bytes: Uint8Array, text: string): Promise<JwtKey[]> {
  if (/^(?:ssh|ecdsa)-/.test(text)) {
    throw new CredentialFileError(
      "this is a key for SSH: give a public key in PEM",
    );
  }
  // A key that has lost its armour would be a secret that everybody knows.
  refusePublic(bytes);
  const decoded = fromBase64(text);
  if (decoded !== undefined) refusePublic(decoded);
  if (!text.startsWith(BASE64)) {
    return [await secretKey(withoutLineEnd(bytes), undefined)];
  }
  const secret = fromBase64(text.slice(BASE64.length));
  if (secret === undefined) {
    throw new CredentialFileError("bad base64 after base64:");
  }
  refusePublic(secret);
  return [await secretKey(secret, undefined)];
}

/** Keys and certificates are one DER sequence, as long as it says it is. */
function refusePublic(bytes: Uint8Array): void {
  const [tag, first = 0] = bytes;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (tag !== 0x30 || lengthBytes > 3) return;
  const length = lengthBytes === 0
    ? first
    : bytes.slice(2, 2 + lengthBytes).reduce((sum, at) => sum * 256 + at, 0);
  if (bytes.length !== 2 + lengthBytes + length) return;
  throw new CredentialFileError(
    "this looks like a key or a certificate in DER, which is no secret: " +
      "give a public key in PEM",
  );
}

function checkCount(count: number): void {
  if (count <= KEYS_MAX) return;
  throw new CredentialFileError(`more than ${KEYS_MAX} keys in one file`);
}

async function labelled<Value>(
  label: string,
  work: Promise<Value>,
): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof CredentialFileError)) throw cause;
    throw new CredentialFileError(label + cause.message);
  }
}

function fromBase64(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

function withoutLineEnd(bytes: Uint8Array): Bytes {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (end < bytes.length && bytes[end - 1] === 0x0d) end--;
  return bytes.slice(0, end);
}
