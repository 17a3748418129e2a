/**
 * Keys that check the signatures of tokens: RFC 7518 sections 3.2 to 3.4 and
 * RFC 8037 by the runtime's WebCrypto. A key has one algorithm, which its own
 * kind decides and no token: so a public key is never taken for a secret.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import { type Bytes, sha256 } from "./hash.ts";
import type { JwtAlgorithm, JwtToken } from "./jwt_token.ts";

/** A key, ready for use. */
export interface JwtKey {
  /** Its name, if it has one. */
  readonly keyId: string | undefined;
  /** The one algorithm that it is used with. */
  readonly algorithm: JwtAlgorithm;
  /** The same for the same key, and another for any other. */
  readonly fingerprint: string;
  /** The key itself, which can only check. */
  readonly key: CryptoKey;
  /** The length of a signature. */
  readonly signatureBytes: number;
}

/** RFC 7518 section 3.2: a secret is at least as long as the hash. */
const SECRET_BYTES_MIN = 32;

/** From RFC 7518 section 3.3 up to what is checked in a moment. */
const RSA_BITS = { least: 2048, most: 8192 } as const;

type KeyAlgorithm = RsaHashedImportParams | EcKeyImportParams | {
  name: string;
};
type PublicAlgorithm = Exclude<JwtAlgorithm, "HS256">;

const IMPORTS: Readonly<Record<PublicAlgorithm, KeyAlgorithm>> = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

/** What `verify` is told. */
const CHECKS: Readonly<Record<JwtAlgorithm, EcdsaParams | { name: string }>> = {
  HS256: { name: "HMAC" },
  RS256: { name: "RSASSA-PKCS1-v1_5" },
  ES256: { name: "ECDSA", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

/** The exponents in use are 3 and 65,537. */
const EXPONENT_BYTES_MAX = 4;

/**
 * A key for HS256.
 *
 * @throws {CredentialFileError} When it is too short.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { secretKey } from "./jwt_key.ts";
 *
 * const { algorithm } = await secretKey(new Uint8Array(32), undefined);
 * assertEquals(algorithm, "HS256");
 * await assertRejects(() => secretKey(new Uint8Array(31), undefined));
 * ```
 */
export async function secretKey(
  secret: Bytes,
  keyId: string | undefined,
): Promise<JwtKey> {
  if (secret.length < SECRET_BYTES_MIN) {
    throw new CredentialFileError(
      `a secret of ${secret.length} bytes is too short: HS256 needs ` +
        `${SECRET_BYTES_MIN}`,
    );
  }
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, hash, false, [
    "verify",
  ]);
  const fingerprint = `HS256 ${(await sha256(secret)).toHex()}`;
  return { keyId, algorithm: "HS256", fingerprint, key, signatureBytes: 32 };
}

/**
 * A public key in the form SubjectPublicKeyInfo, as PEM files hold it.
 *
 * @throws {CredentialFileError} When it is none, or of a kind that isn't taken.
 */
export async function publicKey(
  spki: Bytes,
  keyId: string | undefined,
): Promise<JwtKey> {
  for (const algorithm of Object.keys(IMPORTS) as PublicAlgorithm[]) {
    const key = await imported("spki", spki, algorithm);
    if (key !== undefined) return await made(key, algorithm, keyId);
  }
  throw new CredentialFileError(
    "this is no public key that is taken: RSA, P-256 or Ed25519",
  );
}

/**
 * A public key in the form of a JSON Web Key.
 *
 * @throws {CredentialFileError} When it is none.
 */
export async function publicJsonKey(
  jwk: JsonWebKey,
  algorithm: PublicAlgorithm,
  keyId: string | undefined,
): Promise<JwtKey> {
  const key = await imported("jwk", jwk, algorithm);
  if (key === undefined) {
    throw new CredentialFileError("this is no sound public key");
  }
  return await made(key, algorithm, keyId);
}

/** Whether `key` has made the signature of `token`. */
export async function hasSigned(
  key: JwtKey,
  { algorithm, signature, signed }: JwtToken,
): Promise<boolean> {
  if (key.algorithm !== algorithm) return false;
  if (key.signatureBytes !== signature.length) return false;
  const { subtle } = crypto;
  return await subtle.verify(CHECKS[algorithm], key.key, signature, signed);
}

/** A key and its bytes, the same for the same key in any form. */
interface Imported {
  readonly key: CryptoKey;
  readonly spki: Bytes;
}

async function imported(
  format: "spki" | "jwk",
  material: Bytes | JsonWebKey,
  algorithm: PublicAlgorithm,
): Promise<Imported | undefined> {
  const { subtle } = crypto;
  const how = IMPORTS[algorithm];
  const uses: KeyUsage[] = ["verify"];
  try {
    const key = format === "jwk"
      ? await subtle.importKey(format, material as JsonWebKey, how, true, uses)
      : await subtle.importKey(format, material as Bytes, how, true, uses);
    // Some runtimes look only now whether a point is on the curve.
    const spki = await subtle.exportKey("spki", key) as ArrayBuffer;
    return { key, spki: new Uint8Array(spki) };
  } catch {
    return undefined;
  }
}

async function made(
  { key, spki }: Imported,
  algorithm: PublicAlgorithm,
  keyId: string | undefined,
): Promise<JwtKey> {
  const signatureBytes = algorithm === "RS256"
    ? checkedModulusBytes(key.algorithm as RsaHashedKeyAlgorithm)
    : 64;
  const fingerprint = `${algorithm} ${(await sha256(spki)).toHex()}`;
  return { keyId, algorithm, fingerprint, key, signatureBytes };
}

function checkedModulusBytes(
  { modulusLength, publicExponent }: RsaHashedKeyAlgorithm,
): number {
  const { least, most } = RSA_BITS;
  if (modulusLength < least || modulusLength > most) {
    throw new CredentialFileError(
      `an RSA key of ${modulusLength} bits is not taken: RS256 needs ` +
        `${least} to ${most}`,
    );
  }
  // With the exponent 1 anyone can sign; a huge one takes long to check.
  const digits = publicExponent.length;
  const exponent = publicExponent.reduce((sum, byte) => sum * 256 + byte, 0);
  if (digits > EXPONENT_BYTES_MAX || exponent < 3 || exponent % 2 === 0) {
    throw new CredentialFileError("an RSA key with this exponent is not taken");
  }
  return Math.ceil(modulusLength / 8);
}
