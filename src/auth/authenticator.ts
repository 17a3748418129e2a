/**
 * Who may connect: the port that password files, tokens and library users
 * implement. It holds no policy of its own but {@linkcode ALLOW_ALL}.
 *
 * @module
 */

import type { Rights } from "../topic/rights.ts";

/** Who a certificate was made for. It was checked before it got here. */
export interface CertificateName {
  /** The common name of its subject; `undefined` when it has none. */
  readonly commonName: string | undefined;
  /** Its subject, as in RFC 4514: `CN=ada,O=Example`. */
  readonly subject: string | undefined;
  /**
   * For how long it is valid, from when that is asked; `undefined` where
   * nobody knows, as behind a proxy. Unit: ms.
   */
  readonly validMs?: number | undefined;
}

/** What a client says of itself in CONNECT, and what is known of it. */
export interface LoginRequest {
  /** The client identifier as sent; empty when the broker is to choose. */
  readonly clientId: string;
  /** The user name, if one was sent. */
  readonly userName: string | undefined;
  /** The password, if one was sent. It must never reach a log. */
  readonly password: Uint8Array | undefined;
  /** The peer's address, as `host:port`. */
  readonly address: string;
  /** Of the client's certificate, if it has shown one. */
  readonly certificate: CertificateName | undefined;
}

/** The answer to a {@linkcode LoginRequest}. */
export interface LoginAnswer {
  /**
   * `allow`, `pass` when somebody else has to decide, or the reason to
   * refuse: MQTT 3.1.1 table 3.1 gives the return codes 3 (`unavailable`),
   * 4 and 5.
   */
  readonly result:
    | "allow"
    | "pass"
    | "bad_credentials"
    | "not_authorized"
    | "unavailable";
  /** With `allow`: who the client is, when that is not the name it gave. */
  readonly userName?: string | undefined;
  /** With `allow`: the client identifier, when it is not the client's. */
  readonly clientId?: string | undefined;
  /** With `allow`: what it may do, when that comes with the login. */
  readonly rights?: Rights | undefined;
  /** With `allow`: for how long. Unit: ms. */
  readonly validMs?: number | undefined;
  /** With a reason to refuse: more on it, for the log; never a secret. */
  readonly detail?: string | undefined;
  /** With `allow`: what {@linkcode Authenticator.stillAdmits} is asked with. */
  readonly proof?: unknown;
}

/**
 * Decides on logins, at once or later.
 *
 * @example
 * ```ts
 * import type { Authenticator } from "./authenticator.ts";
 *
 * const onlyAda: Authenticator = {
 *   authenticate(request, answer) {
 *     const result = request.userName === "ada" ? "allow" : "not_authorized";
 *     answer({ result });
 *   },
 * };
 * ```
 */
export interface Authenticator {
  /**
   * Calls `answer` exactly once, before it returns or later. Until then
   * the client's further packets wait unread.
   */
  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void;
  /**
   * Whether a client that was let in with `proof` may stay: asked after its
   * users have changed. Without it all may.
   */
  stillAdmits?(proof: unknown): boolean;
}

/** Admits everyone. */
export const ALLOW_ALL: Authenticator = {
  authenticate: (_request, answer) => answer({ result: "allow" }),
};
