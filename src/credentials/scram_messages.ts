/**
 * The two messages that a SCRAM client sends, RFC 5802 section 7, taken apart.
 * Whether what they say is true is for `credentials/scram_sha_256.ts`.
 *
 * @module
 */

import { bytesOf } from "./base64.ts";
import { type Bytes, HASH_BYTES } from "./hash.ts";
import { saslprep } from "./saslprep.ts";

/** The client-first-message. */
export interface ClientFirst {
  /** What the client says of channel binding, to be repeated by it. */
  readonly gs2Header: string;
  /** The message without that header, as it was sent. */
  readonly bare: string;
  /** Who it wants to be, prepared. */
  readonly userName: string;
  /** The client's part of the nonce. */
  readonly nonce: string;
}

/** The client-final-message. */
export interface ClientFinal {
  /** The header once more, in base64. */
  readonly channelBinding: string;
  /** Both parts of the nonce. */
  readonly nonce: string;
  /** The message without its proof, as it was sent. */
  readonly withoutProof: string;
  /** The proof: as long as a hash. */
  readonly proof: Bytes;
}

/** A message above this is refused; honest ones are of a few hundred. */
const MESSAGE_BYTES_MAX = 4096;

/** A client's nonce above this is refused. */
const NONCE_CHARS_MAX = 256;

const NAME = "((?:[^\\0,=]|=2C|=3D)+)";
const NONCE = "([\\x21-\\x2b\\x2d-\\x7e]+)";
const BASE64 = "([A-Za-z0-9+/=]+)";

/**
 * Extensions are let pass, for RFC 5802 wants unknown ones ignored, but not
 * `m=`, which says that they must be understood.
 */
const EXTENSIONS = "(?:,(?![mp]=)[A-Za-z]=[^\\0,]+)*";

/** Channel binding, `p=`, is not offered: there is no SCRAM-SHA-256-PLUS. */
const CLIENT_FIRST = new RegExp(
  `^([ny],(?:a=${NAME})?,)(n=${NAME},r=${NONCE}${EXTENSIONS})$`,
  "u",
);
const CLIENT_FINAL = new RegExp(
  `^(c=${BASE64},r=${NONCE}${EXTENSIONS}),p=${BASE64}$`,
  "u",
);

/**
 * Reads a client-first-message; `undefined` when it is none, when the client
 * wants to act for somebody else, or when a limit is passed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readClientFirst } from "./scram_messages.ts";
 *
 * const bytes = new TextEncoder().encode("n,,n=ada=2C jr,r=abc");
 * assertEquals(readClientFirst(bytes)?.userName, "ada, jr");
 * ```
 */
export function readClientFirst(
  data: Uint8Array | undefined,
): ClientFirst | undefined {
  const found = CLIENT_FIRST.exec(textOf(data) ?? "");
  if (found === null) return undefined;
  const [, gs2Header, authzid, bare, name, nonce] = found;
  const userName = nameOf(name!);
  if (userName === undefined) return undefined;
  const actsForOther = authzid !== undefined && nameOf(authzid) !== userName;
  if (actsForOther || nonce!.length > NONCE_CHARS_MAX) return undefined;
  return { gs2Header: gs2Header!, bare: bare!, userName, nonce: nonce! };
}

/**
 * Reads a client-final-message; `undefined` when it is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readClientFinal } from "./scram_messages.ts";
 *
 * const proof = new Uint8Array(32).toBase64();
 * const bytes = new TextEncoder().encode(`c=biws,r=abc,p=${proof}`);
 * assertEquals(readClientFinal(bytes)?.withoutProof, "c=biws,r=abc");
 * ```
 */
export function readClientFinal(
  data: Uint8Array | undefined,
): ClientFinal | undefined {
  const found = CLIENT_FINAL.exec(textOf(data) ?? "");
  if (found === null) return undefined;
  const [, withoutProof, channelBinding, nonce, proofText] = found;
  const proof = bytesOf(proofText!);
  if (proof?.length !== HASH_BYTES) return undefined;
  return {
    withoutProof: withoutProof!,
    channelBinding: channelBinding!,
    nonce: nonce!,
    proof,
  };
}

/** Byte for byte, for the message is a part of what is signed. */
function textOf(data: Uint8Array | undefined): string | undefined {
  if (data === undefined || data.length > MESSAGE_BYTES_MAX) return undefined;
  try {
    const how = { fatal: true, ignoreBOM: true };
    return new TextDecoder("utf-8", how).decode(data);
  } catch {
    return undefined;
  }
}

function nameOf(saslName: string): string | undefined {
  return saslprep(
    saslName.replace(/=2C|=3D/g, (code) => code === "=2C" ? "," : "="),
  );
}
