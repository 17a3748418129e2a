/**
 * Who may connect: the port that password files, tokens and library users
 * implement. It holds no policy of its own but {@linkcode ALLOW_ALL}.
 *
 * @module
 */

/** What a client says of itself in CONNECT. */
export interface LoginRequest {
  /** The client identifier as sent; empty when the broker is to choose. */
  readonly clientId: string;
  /** The user name, if one was sent. */
  readonly userName: string | undefined;
  /** The password, if one was sent. It must never reach a log. */
  readonly password: Uint8Array | undefined;
  /** The peer's address, as `host:port`. */
  readonly address: string;
}

/** The answer to a {@linkcode LoginRequest}. */
export interface LoginAnswer {
  /**
   * `allow`, or the reason to refuse: MQTT 3.1.1 table 3.1 gives the
   * return codes 3 (`unavailable`), 4 and 5.
   */
  readonly result:
    | "allow"
    | "bad_credentials"
    | "not_authorized"
    | "unavailable";
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
}

/** Admits everyone. */
export const ALLOW_ALL: Authenticator = {
  authenticate: (_request, answer) => answer({ result: "allow" }),
};
