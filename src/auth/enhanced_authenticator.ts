/**
 * Logins of several steps, MQTT 5.0 section 4.12: the port that mechanisms
 * such as SCRAM implement. Which packets carry the steps is the broker's
 * matter; plain user names and passwords are that of
 * `auth/authenticator.ts`.
 *
 * @module
 */

/** Who begins to log in, or to log in again. */
export interface EnhancedLoginRequest {
  /** The client identifier as sent; empty when the broker is to choose. */
  readonly clientId: string;
  /** The peer's address, as `host:port`. */
  readonly address: string;
}

/** What follows the client's data. */
export type AuthStep =
  | {
    /** The client is asked for more: AUTH with 0x18. */
    readonly result: "continue";
    /** The Authentication Data for the client, if any. */
    readonly data: Uint8Array | undefined;
  }
  | {
    /** The client is let in: CONNACK, or AUTH with 0x00. */
    readonly result: "allow";
    /** The Authentication Data for the client, if any. */
    readonly data: Uint8Array | undefined;
    /**
     * Who the client has proved to be, if that is a name; the name in
     * CONNECT counts for nothing.
     */
    readonly userName: string | undefined;
    /** What {@linkcode EnhancedAuthenticator.stillAdmits} is asked with. */
    readonly proof?: unknown;
  }
  | {
    /** The reason to refuse: 0x86, 0x87 or 0x88. */
    readonly result: "bad_credentials" | "not_authorized" | "unavailable";
  };

/** One login of one client. It ends with the first step but `continue`. */
export interface AuthExchange {
  /**
   * Takes the client's next Authentication Data, `undefined` when the packet
   * had none, and calls `answer` exactly once, before it returns or later.
   * The data is borrowed until `next` returns.
   */
  next(
    data: Uint8Array | undefined,
    answer: (step: AuthStep) => void,
  ): void;
}

/**
 * A mechanism by which clients prove who they are.
 *
 * @example
 * ```ts
 * import type { EnhancedAuthenticator } from "./enhanced_authenticator.ts";
 *
 * const ticket: EnhancedAuthenticator = {
 *   method: "TICKET",
 *   begin: () => ({
 *     next(data, answer) {
 *       const isValid = data?.length === 2 && data[0] === 4 && data[1] === 2;
 *       if (!isValid) return answer({ result: "bad_credentials" });
 *       answer({ result: "allow", data: undefined, userName: "ada" });
 *     },
 *   }),
 * };
 * ```
 */
export interface EnhancedAuthenticator {
  /** Its name, as CONNECT has it in Authentication Method. */
  readonly method: string;
  /** Begins a login; several may go on at a time. */
  begin(request: EnhancedLoginRequest): AuthExchange;
  /**
   * Whether a client that was let in with `proof` may stay: asked after its
   * users have changed. Without it all may.
   */
  stillAdmits?(proof: unknown): boolean;
}
