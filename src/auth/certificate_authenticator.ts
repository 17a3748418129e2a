/**
 * Clients who are who their certificate says. TLS has checked it already.
 *
 * @module
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "./authenticator.ts";

/** What of a certificate is the user name. */
export type CertificateUser = "cn" | "subject";

/**
 * Admits clients with a certificate, under its name and for as long as it is
 * valid; others are for somebody else to decide.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CertificateAuthenticator } from "./certificate_authenticator.ts";
 *
 * new CertificateAuthenticator("cn").authenticate({
 *   clientId: "pump",
 *   userName: undefined,
 *   password: undefined,
 *   address: "192.0.2.1:40000",
 *   certificate: { commonName: "pump-7", subject: "CN=pump-7,O=Example" },
 * }, ({ result, userName }) => {
 *   assertEquals([result, userName], ["allow", "pump-7"]);
 * });
 * ```
 */
export class CertificateAuthenticator implements Authenticator {
  readonly #user: CertificateUser;

  /** `user` is the part of the certificate that is the user name. */
  constructor(user: CertificateUser) {
    this.#user = user;
  }

  /** Answers at once. */
  authenticate(
    { certificate }: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    if (certificate === undefined) return answer({ result: "pass" });
    const userName = this.#user === "cn"
      ? certificate.commonName
      : certificate.subject;
    if (userName === undefined || userName === "") {
      const detail = "a certificate without a name";
      return answer({ result: "not_authorized", detail });
    }
    const { validMs } = certificate;
    if (validMs !== undefined && validMs <= 0) {
      const detail = "a certificate that has expired since the handshake";
      return answer({ result: "not_authorized", detail });
    }
    answer({ result: "allow", userName, validMs });
  }
}
