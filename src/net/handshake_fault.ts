/**
 * Why a TLS handshake failed, in words. Deno (rustls), Bun (BoringSSL) and
 * `node:tls` each say it in their own way, and none for people.
 *
 * @module
 */

const NO_TLS = "the client does not speak TLS";
const NO_VERSION = "the client has no version or cipher of TLS that is " +
  "allowed here";
const NO_ALPN = "the client asks for a protocol (ALPN) that is not spoken here";
const NO_CERTIFICATE = "the client has shown no certificate";
const UNKNOWN_CA = "the client's certificate is of no authority that is " +
  "known here, or has expired";
const NO_TRUST = "the client does not trust the broker's certificate";
/** TLS 1.3 has no way to say it that BoringSSL could read. */
const BROKEN_OFF = "the client broke it off; most likely it does not trust " +
  "the broker's certificate";
const BAD_PROOF = "the client does not have the key of its certificate";
const GONE = "the client went away";

/**
 * The first that is found in an error's code or message tells what it is.
 * What a word of rustls means stands before what could be found in it.
 */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE|sent no certificates/, NO_CERTIFICATE],
  [/NO_APPLICATION_PROTOCOL|any known protocol/, NO_ALPN],
  [/ALERT_?UNKNOWN_?CA|alert: UnknownCA/i, NO_TRUST],
  [/ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_\w+)/, NO_TRUST],
  [/alert: (?:BadCertificate|Certificate\w+)/, NO_TRUST],
  [/BAD_PACKET_LENGTH/, BROKEN_OFF],
  [/CERT_HAS_EXPIRED/, "the client's certificate has expired"],
  [/CERT_NOT_YET_VALID/, "the client's certificate is not valid yet"],
  [/INVALID_PURPOSE/, "the client's certificate is not for clients"],
  [/UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|SELF_SIGNED/, UNKNOWN_CA],
  [/BAD_SIGNATURE|BadSignature|DECRYPT_ERROR/, BAD_PROOF],
  [/InvalidContentType|WRONG_VERSION_NUMBER|HTTPS?_(?:PROXY_)?REQ/, NO_TLS],
  [/UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|VERSION_TOO_LOW/, NO_VERSION],
  [/peer is incompatible|VERSION_ON_|SharedCipher/, NO_VERSION],
  [/alert: (?:ProtocolVersion|HandshakeFailure)/, NO_VERSION],
  [/SESSION_NOT_GOOD/, UNKNOWN_CA],
  [/ECONNRESET|EPIPE|unexpected end of file|socket hang up/, GONE],
  [/reset by peer|broken pipe/i, GONE],
];

/** A session was resumed of a client whose certificate is not good now. */
export const RESUMED = "SESSION_NOT_GOOD";

/** Words that are the runtime's, from which a short name is taken. */
const DETAIL = /OPENSSL_internal:(\w+)|alert: (\w+)|of type (\w+)/;

/**
 * Says in words why a handshake failed.
 *
 * @param error What the runtime threw or told, or its code.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { handshakeFault } from "./handshake_fault.ts";
 *
 * assertEquals(
 *   handshakeFault(new Error("received fatal alert: UnknownCA")),
 *   "the client does not trust the broker's certificate",
 * );
 * ```
 */
export function handshakeFault(error: unknown): string {
  const text = textOf(error);
  for (const [form, sentence] of REASONS) {
    if (form.test(text)) return sentence;
  }
  const detail = DETAIL.exec(text)?.slice(1).find((one) => one !== undefined);
  return detail === undefined ? "it failed" : `it failed (${detail})`;
}

/** A TLS handshake failed: the message says why, in words. */
export class HandshakeError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "HandshakeError";

  /**
   * An error of a handshake.
   *
   * @param reason Why, in words: see {@linkcode handshakeFault}.
   * @param cause What the runtime threw.
   */
  constructor(reason: string, cause?: unknown) {
    super(`the TLS handshake failed: ${reason}`, { cause });
  }
}

function textOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (!(error instanceof Error)) return "";
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${code} ${error.message}` : error.message;
}
