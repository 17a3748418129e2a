/**
 * Rights that come with a login: what a token or an answer to it says that
 * its bearer may do.
 *
 * ```json
 * { "publish": ["sensors/%c/#"], "subscribe": ["rooms/#"] }
 * ```
 *
 * What is not named may not be done. How rules become rights is decided in
 * `auth/access_rules.ts`.
 *
 * @module
 */

import type { Identity } from "../auth/authorizer.ts";
import type { Rights } from "../topic/rights.ts";
import { filterFault } from "../topic/topic.ts";
import { isJsonObject, type JsonObject, member } from "./strict_json.ts";

/** A rule of `auth/access_rules.ts` that allows something. */
export interface GrantedRule {
  /** It does. */
  readonly allow: true;
  /** What. */
  readonly actions: "read" | "write";
  /** On which topics; `%c` and `%u` stand for the client's own names. */
  readonly filter: string;
}

/** Makes rights of rules whose filters are valid. */
export type CompileRules = (
  rules: readonly GrantedRule[],
  identity: Identity,
) => Rights;

/** Rules, or what is wrong with what was to be some, as a clause. */
export type GrantedReading =
  | { readonly rules: readonly GrantedRule[] }
  | { readonly rules: undefined; readonly fault: string };

/** Rules for one client. */
const GRANTED_RULES_MAX = 1024;

const LISTS = { publish: "write", subscribe: "read" } as const;

/**
 * Reads rules from JSON. What is not understood is a fault: it may have been
 * meant to forbid something.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readGrantedRules } from "./granted_rules.ts";
 *
 * assertEquals(readGrantedRules({ publish: ["a/%c"] }), {
 *   rules: [{ allow: true, actions: "write", filter: "a/%c" }],
 * });
 * assertEquals(readGrantedRules({ publish: ["a#"] }), {
 *   rules: undefined,
 *   fault: '"publish" has # that is not a whole, last level',
 * });
 * ```
 */
export function readGrantedRules(value: unknown): GrantedReading {
  if (!isJsonObject(value)) return fault("must be an object");
  const isUnderstood = Object.keys(value).every((key) =>
    Object.hasOwn(LISTS, key)
  );
  if (!isUnderstood) return fault("has an unknown key");
  const rules: GrantedRule[] = [];
  for (const name of Object.keys(LISTS) as (keyof typeof LISTS)[]) {
    const filters = filtersIn(value, name);
    if (typeof filters === "string") return fault(filters);
    for (const filter of filters) {
      rules.push({ allow: true, actions: LISTS[name], filter });
    }
  }
  if (rules.length <= GRANTED_RULES_MAX) return { rules };
  return fault(`has more than ${GRANTED_RULES_MAX} rules`);
}

/**
 * The rights that rules give a client. A client that has no identifier yet
 * gets nothing by rules with its identifier in them: what stands for nothing
 * would stand for an empty level.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NO_RIGHTS } from "../topic/rights.ts";
 * import { grantedRights } from "./granted_rules.ts";
 *
 * const rule = { allow: true, actions: "read", filter: "a/%c" } as const;
 * grantedRights([rule], { clientId: "", userName: "ada" }, (rules) => {
 *   assertEquals(rules, []);
 *   return NO_RIGHTS;
 * });
 * ```
 */
export function grantedRights(
  rules: readonly GrantedRule[],
  identity: Identity,
  compile: CompileRules,
): Rights {
  if (identity.clientId !== "") return compile(rules, identity);
  return compile(rules.filter(({ filter }) => !/%c/.test(filter)), identity);
}

function filtersIn(value: JsonObject, name: string): string | string[] {
  const filters = member(value, name) ?? [];
  if (!Array.isArray(filters)) return `"${name}" must be a list`;
  for (const filter of filters as readonly unknown[]) {
    if (typeof filter !== "string") return `"${name}" must be a list of texts`;
    const why = filterFault(filter);
    if (why !== undefined) return `"${name}" has ${why}`;
  }
  return filters as string[];
}

function fault(why: string): GrantedReading {
  return { rules: undefined, fault: why };
}
