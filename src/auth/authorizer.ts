/**
 * Who may do what: the port that access rules and library users implement.
 *
 * @module
 */

import type { Rights } from "../topic/rights.ts";

/** Who is asked about. */
export interface Identity {
  /** The client identifier. */
  readonly clientId: string;
  /** The user name; `undefined` for an anonymous client. */
  readonly userName: string | undefined;
}

/**
 * Decides on rights.
 *
 * @example
 * ```ts
 * import { ALL_RIGHTS, NO_RIGHTS } from "../topic/rights.ts";
 * import type { Authorizer } from "./authorizer.ts";
 *
 * const onlyAda: Authorizer = {
 *   rightsOf: ({ userName }) => userName === "ada" ? ALL_RIGHTS : NO_RIGHTS,
 * };
 * ```
 */
export interface Authorizer {
  /** The rights of a client that has just logged in, or after a reload. */
  rightsOf(identity: Identity): Rights;
}
