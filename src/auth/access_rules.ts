/**
 * Who may do what, by rules: those of a user or of anonymous clients first,
 * then those for everyone, as Mosquitto has it. Within each of the two a rule
 * that denies counts before those that allow; the first of the two that says
 * anything about a topic decides; what nobody allows is denied.
 *
 * Rules are compiled once, in `auth/rule_set.ts`, and shared: what a client
 * has of its own are references and its names.
 *
 * @module
 */

import type { Authorizer, Identity } from "./authorizer.ts";
import type { Reach, Rights } from "../topic/rights.ts";
import { NO_RIGHTS } from "../topic/rights.ts";
import { reachOf } from "./reach.ts";
import {
  type AccessRule,
  ALLOWS_READ,
  ALLOWS_WRITE,
  DENIES_READ,
  DENIES_WRITE,
} from "./access_rule.ts";
import { RuleSet } from "./rule_set.ts";

export type { AccessRule } from "./access_rule.ts";

/** A list of rules; who has the same list shares what is made of it. */
export type RuleList = readonly AccessRule[];

/** Rules, and whom they are for. A role is a list that several share. */
export interface AccessPolicy {
  /** For all clients, where those of the user say nothing. */
  readonly everyone: readonly RuleList[];
  /** For clients without a user name, or with an empty one. */
  readonly anonymous: readonly RuleList[];
  /** For those with one. Nobody has the name "". */
  readonly users: ReadonlyMap<string, readonly RuleList[]>;
}

type RuleSets = readonly RuleSet[];

const NO_SETS: RuleSets = [];

/**
 * Rights by rules.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { AccessRules } from "./access_rules.ts";
 *
 * const rules = new AccessRules({
 *   everyone: [[{ allow: true, actions: "write", filter: "sensors/%c/#" }]],
 *   anonymous: [],
 *   users: new Map([
 *     ["ada", [[{ allow: true, actions: "read", filter: "sensors/#" }]]],
 *   ]),
 * });
 * const ada = rules.rightsOf({ clientId: "pc", userName: "ada" });
 * assert(ada.mayRead("sensors/attic/temperature"));
 * assert(ada.mayPublish("sensors/pc/load"));
 * assert(!ada.mayPublish("sensors/attic/temperature"));
 * ```
 */
export class AccessRules implements Authorizer {
  readonly #everyone: RuleSets;
  readonly #anonymous: RuleSets;
  readonly #users = new Map<string, RuleSets>();

  /**
   * Compiles each list once, whoever has it.
   *
   * @param policy Its filters are valid, as `filterFault` has it.
   */
  constructor(policy: AccessPolicy) {
    const compiled = new Map<RuleList, RuleSet>();
    const compile = (lists: readonly RuleList[]): RuleSets =>
      lists.map((list) => {
        const set = compiled.get(list) ?? new RuleSet(list);
        compiled.set(list, set);
        return set;
      });
    this.#everyone = compile(policy.everyone);
    this.#anonymous = compile(policy.anonymous);
    for (const [name, lists] of policy.users) {
      this.#users.set(name, compile(lists));
    }
  }

  /** What a client may do; it takes no time in proportion to the rules. */
  rightsOf(identity: Identity): Rights {
    const who = named(identity);
    const own = who.userName === undefined
      ? this.#anonymous
      : this.#users.get(who.userName) ?? NO_SETS;
    return rightsBy(own, this.#everyone, who);
  }
}

/**
 * The rights that a list of rules gives one client, as those in a token.
 *
 * @param rules Their filters are valid, as `filterFault` has it.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { compileRules } from "./access_rules.ts";
 *
 * const rights = compileRules(
 *   [{ allow: true, actions: "read", filter: "rooms/%u/#" }],
 *   { clientId: "phone", userName: "ada" },
 * );
 * assert(rights.mayRead("rooms/ada/door"));
 * assertEquals(rights.reach("rooms/#"), "some");
 * ```
 */
export function compileRules(rules: RuleList, identity: Identity): Rights {
  return rightsBy([new RuleSet(rules)], NO_SETS, named(identity));
}

/** An empty user name is none, as at Mosquitto. */
function named(identity: Identity): Identity {
  if (identity.userName !== "") return identity;
  return { clientId: identity.clientId, userName: undefined };
}

/**
 * A name with a wildcard is nobody's name: where rules speak of names, such
 * a client gets nothing by them; nor, as at Mosquitto, by those for everyone.
 */
function rightsBy(own: RuleSets, everyone: RuleSets, who: Identity): Rights {
  const isWild = /[+#]/.test(who.clientId) || /[+#]/.test(who.userName ?? "");
  if (isWild && own.some((set) => set.hasNames)) return NO_RIGHTS;
  const all = isWild ? NO_SETS : everyone;
  if (own.length === 0 && all.length === 0) return NO_RIGHTS;
  return new RuledRights(own, all, who);
}

/** One client's: kept small, for there are many. */
class RuledRights implements Rights {
  readonly #own: RuleSets;
  readonly #everyone: RuleSets;
  readonly #who: Identity;

  constructor(own: RuleSets, everyone: RuleSets, who: Identity) {
    this.#own = own;
    this.#everyone = everyone;
    this.#who = who;
  }

  mayPublish(topic: string): boolean {
    return this.#may(topic, ALLOWS_WRITE, DENIES_WRITE);
  }

  mayRead(topic: string): boolean {
    return this.#may(topic, ALLOWS_READ, DENIES_READ);
  }

  reach(filter: string): Reach {
    const layers = [this.#own, this.#everyone];
    return reachOf(filter, layers, this.#who);
  }

  #may(topic: string, allows: number, denies: number): boolean {
    const own = says(this.#own, topic, this.#who);
    if ((own & denies) !== 0) return false;
    if ((own & allows) !== 0) return true;
    const all = says(this.#everyone, topic, this.#who);
    return (all & denies) === 0 && (all & allows) !== 0;
  }
}

function says(sets: RuleSets, topic: string, who: Identity): number {
  let found = 0;
  for (let at = 0; at < sets.length; at++) {
    found |= sets[at]!.match(topic, who);
  }
  return found;
}
