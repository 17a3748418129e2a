/**
 * Where a client of ours finds a broker, and how the two talk: data, and the
 * sentences about what is in the way. The sockets are in `net/dial.ts`.
 *
 * @module
 */

/** What a client wants of TLS. */
export interface DialTls {
  /** Who signs the broker's certificate, in PEM; else who the runtime says. */
  readonly ca: string | undefined;
  /** The client's own certificate, in PEM. */
  readonly certificate: string | undefined;
  /** Its private key, in PEM. It must never reach a log. */
  readonly key: string | undefined;
  /** The protocol that is asked for by its name; none unless given. */
  readonly alpn: string | undefined;
  /** The one version of TLS that is spoken; else 1.2 and 1.3. */
  readonly version: "1.2" | "1.3" | undefined;
  /**
   * Takes any certificate; with {@linkcode ca} any that it has signed,
   * whatever name stands in it.
   */
  readonly isInsecure: boolean;
}

/** Where a broker is. */
export interface DialAddress {
  /** A name or an IP address, without brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** The file of a Unix socket, which stands for host and port. */
  readonly file: string | undefined;
  /** The address of this machine to go out from. */
  readonly localAddress: string | undefined;
  /** TLS, or none. */
  readonly tls: DialTls | undefined;
  /** The path of a WebSocket, or none. */
  readonly webSocketPath: string | undefined;
}

/** There is no way to a broker: the message says why, in words. */
export class DialError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "DialError";
}

const NO_TRUST = "its certificate is of no authority that is known here";

/** The first that is found in an error's code or message tells what it is. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens there"],
  [/ENOTFOUND|EAI_AGAIN|EAI_NODATA|getaddrinfo/, "there is no such host"],
  [/ENOENT/, "there is no such socket"],
  [/Requires net access/, "Deno runs without --allow-net for it"],
  [/Requires \w+ access/, "Deno is not allowed to use it"],
  [/EACCES|EPERM/, "that is not allowed here"],
  [/ETIMEDOUT/, "there is no answer"],
  [/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/, "there is no way to it"],
  [/ENAMETOOLONG/, "the path of the socket is too long"],
  [/CERT_HAS_EXPIRED/, "its certificate has expired"],
  [/CERT_NOT_YET_VALID/, "its certificate is not valid yet"],
  [/ALTNAME/, "its certificate is for other names"],
  [/SELF_SIGNED|UNABLE_TO_|ISSUER|UnknownIssuer|BadSignature/, NO_TRUST],
  [/NO_APPLICATION_PROTOCOL/i, "it does not speak the protocol asked for"],
  [/CERTIFICATE_REQUIRED|CertificateRequired/, "it wants a certificate"],
  [
    /UNKNOWN_CA|UnknownCA|BAD_CERTIFICATE|alert.certificate/i,
    "it does not " +
    "take this client's certificate",
  ],
  [
    /WRONG_VERSION_NUMBER|InvalidContentType|packet length/i,
    "it does not " +
    "speak TLS",
  ],
  [/PROTOCOL_VERSION|ProtocolVersion/i, "it speaks no such version of TLS"],
  [
    /KEY_VALUES_MISMATCH|InconsistentKeys/,
    "the key is not that of the " +
    "certificate",
  ],
  [
    /ECONNRESET|EPIPE|hang up|before secure|end of file/i,
    "it closed the " +
    "connection",
  ],
];

/**
 * What a runtime's error means, in words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dialFault } from "./dial_address.ts";
 *
 * const error = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
 * assertEquals(dialFault(error), "nothing listens there");
 * ```
 */
export function dialFault(error: unknown): string {
  if (error instanceof DialError) return error.message;
  const { code = "", message = "" } = error as Partial<NodeError>;
  const text = `${code} ${message}`;
  for (const [form, sentence] of REASONS) {
    if (form.test(text)) return sentence;
  }
  return message === "" ? "the connection failed" : message;
}

/**
 * An address, as a person would write it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addressText } from "./dial_address.ts";
 *
 * assertEquals(
 *   addressText({ hostname: "::1", port: 1883, file: undefined }),
 *   "[::1]:1883",
 * );
 * ```
 */
export function addressText(
  { hostname, port, file }: Pick<DialAddress, "hostname" | "port" | "file">,
): string {
  if (file !== undefined) return file;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

interface NodeError {
  readonly code: string;
  readonly message: string;
}
