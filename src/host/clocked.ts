/**
 * Answers to logins that come on their own bring the time along, as the core
 * has no clock.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";

/** Asks `authenticator`; calls `setClock` before each of its answers. */
export function clocked(
  authenticator: Authenticator,
  setClock: () => void,
): Authenticator {
  return {
    authenticate: (request, answer) =>
      authenticator.authenticate(request, (decision) => {
        setClock();
        answer(decision);
      }),
    stillAdmits: (proof) => authenticator.stillAdmits?.(proof) ?? true,
  };
}

/** The same for logins of several steps. */
export function clockedEnhanced(
  authenticator: EnhancedAuthenticator,
  setClock: () => void,
): EnhancedAuthenticator {
  return {
    method: authenticator.method,
    begin(request) {
      const exchange = authenticator.begin(request);
      return {
        next: (data, answer) =>
          exchange.next(data, (step) => {
            setClock();
            answer(step);
          }),
      };
    },
    stillAdmits: (proof) => authenticator.stillAdmits?.(proof) ?? true,
  };
}
