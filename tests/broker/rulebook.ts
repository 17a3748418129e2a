/**
 * Rights for tests, in a few words each: `write a/#`, `deny read a/secret`.
 * Clients that are not in the book may do everything.
 */

import type { AccessRule } from "../../src/auth/access_rule.ts";
import { compileRules } from "../../src/auth/access_rules.ts";
import type { Authorizer, Identity } from "../../src/auth/authorizer.ts";
import { ALL_RIGHTS, type Rights } from "../../src/topic/rights.ts";

/** What each client may do, by client id. */
export class Rulebook implements Authorizer {
  readonly #rules: Map<string, readonly string[]>;

  constructor(rules: Record<string, readonly string[]>) {
    this.#rules = new Map(Object.entries(rules));
  }

  /** From now on these are the rules of a client; tell the broker. */
  change(clientId: string, ...rules: readonly string[]): void {
    this.#rules.set(clientId, rules);
  }

  rightsOf(identity: Identity): Rights {
    const rules = this.#rules.get(identity.clientId);
    return rules === undefined ? ALL_RIGHTS : rightsBy(rules, identity);
  }
}

/** The rights that rules give. */
export function rightsBy(
  rules: readonly string[],
  identity: Identity = { clientId: "", userName: undefined },
): Rights {
  return compileRules(rules.map(ruleOf), identity);
}

function ruleOf(text: string): AccessRule {
  const [, deny, actions, filter] = text.match(/^(deny )?(\w+) (.+)$/)!;
  const allow = deny === undefined;
  return { allow, actions: actions as AccessRule["actions"], filter: filter! };
}
