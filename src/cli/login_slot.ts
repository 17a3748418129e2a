/**
 * The place of one who decides on logins: who is in it can change, or be
 * missing, while clients who were let in by it are connected.
 *
 * @module
 */

import {
  ALLOW_ALL,
  type Authenticator,
  type LoginAnswer,
  type LoginRequest,
} from "../auth/authenticator.ts";
import type {
  AuthExchange,
  EnhancedAuthenticator,
  EnhancedLoginRequest,
} from "../auth/enhanced_authenticator.ts";

/** A place for an authenticator. */
export class LoginSlot implements Authenticator {
  /** Who is in it. */
  holds: Authenticator | undefined;

  /** Asks who is in it; passes the question on when nobody is. */
  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    if (this.holds === undefined) answer({ result: "pass" });
    else this.holds.authenticate(request, answer);
  }

  /** Nobody may stay who came by one who is gone. */
  stillAdmits(proof: unknown): boolean {
    if (this.holds === undefined) return false;
    return this.holds.stillAdmits?.(proof) ?? true;
  }
}

/** The same for logins of several steps; there is always somebody in it. */
export class EnhancedSlot implements EnhancedAuthenticator {
  /** Who is in it. */
  holds: EnhancedAuthenticator;

  /** A place with somebody in it. */
  constructor(holds: EnhancedAuthenticator) {
    this.holds = holds;
  }

  /** The name of the method. */
  get method(): string {
    return this.holds.method;
  }

  /** Begins an exchange with who is in it. */
  begin(request: EnhancedLoginRequest): AuthExchange {
    return this.holds.begin(request);
  }

  /** Asks who is in it. */
  stillAdmits(proof: unknown): boolean {
    return this.holds.stillAdmits?.(proof) ?? true;
  }
}

/** What a client goes by that came when everybody was let in. */
const NAMED = "named";
const NAMELESS = "nameless";

/** When a listener lets everybody in, and when only those without a name. */
export interface Openness {
  /** Whether everybody is let in. */
  readonly isOpen: boolean;
  /** Whether those without a name are. */
  readonly anonymous: boolean;
}

/**
 * Everybody may connect as long as that is so, and then those whom `chain`
 * admits; who came before stays when that one could come again.
 */
export function whileOpen(
  openness: Openness,
  chain: Authenticator,
): Authenticator {
  return {
    authenticate(request, answer) {
      if (!openness.isOpen) return chain.authenticate(request, answer);
      const { password, userName } = request;
      const isNamed = userName !== undefined || password !== undefined;
      ALLOW_ALL.authenticate(
        request,
        (decision) =>
          answer({ ...decision, proof: isNamed ? NAMED : NAMELESS }),
      );
    },
    stillAdmits(proof) {
      if (openness.isOpen) return true;
      if (proof === NAMED) return false;
      if (proof === NAMELESS) return openness.anonymous;
      return chain.stillAdmits?.(proof) ?? true;
    },
  };
}
