/**
 * Access rules read naively, one after the other, as Mosquitto's manual tells
 * them: an oracle that shares no code with `src/auth`. And random rules.
 */

import type { AccessPolicy, AccessRule } from "../../src/auth/access_rules.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import type { Random } from "../fuzz/random.ts";
import { isMatch } from "../router/model.ts";

type Action = "read" | "write";

/** Whether `who` may do `action` on `topic`. */
export function isAllowed(
  policy: AccessPolicy,
  { clientId, userName }: Identity,
  action: Action,
  topic: string,
): boolean {
  const who = { clientId, userName: userName || undefined };
  const own = ownRules(policy, who);
  const names = who.clientId + (who.userName ?? "");
  const isWild = names.includes("+") || names.includes("#");
  if (isWild && own.some(speaksOfNames)) return false;
  const word = verdict(own, who, action, topic);
  if (word !== undefined) return word;
  if (isWild) return false;
  return verdict(policy.everyone.flat(), who, action, topic) ?? false;
}

function ownRules(policy: AccessPolicy, who: Identity): AccessRule[] {
  if (who.userName === undefined) return policy.anonymous.flat();
  return (policy.users.get(who.userName) ?? []).flat();
}

function verdict(
  rules: readonly AccessRule[],
  who: Identity,
  action: Action,
  topic: string,
): boolean | undefined {
  const said = rules.filter((rule) =>
    (rule.actions === action || rule.actions === "readwrite") &&
    isAbout(rule, who, topic)
  );
  if (said.some((rule) => !rule.allow)) return false;
  return said.length > 0 ? true : undefined;
}

function isAbout(rule: AccessRule, who: Identity, topic: string): boolean {
  if (!speaksOfNames(rule)) return isMatch(rule.filter, topic);
  const { clientId, userName } = who;
  if (rule.filter.includes("%u") && userName === undefined) return false;
  if (rule.allow) {
    const hasC = rule.filter.includes("%c");
    const hasU = rule.filter.includes("%u");
    if (hasC && clientId.includes("/")) return false;
    if (hasU && userName!.includes("/")) return false;
  }
  // Names hold no wildcards here, nor %: one after the other will do.
  const filter = rule.filter.replaceAll("%c", clientId)
    .replaceAll("%u", userName ?? "");
  const isWidened = filter.startsWith("$") && !rule.filter.startsWith("$");
  return !(rule.allow && isWidened) && isMatch(filter, topic);
}

function speaksOfNames({ filter, verbatim }: AccessRule): boolean {
  return !verbatim && /%[cu]/.test(filter);
}

const LEVELS = ["a", "a", "b", "b", "", "$a", "+", "+", "%c", "%u", "a%c"];

/** The filter of a rule: one to three levels, with names or without. */
export function randomRuleFilter(random: Random): string {
  const levels = random.list(1, 3, () => random.pick(LEVELS));
  if (random.chance(35)) levels[levels.length - 1] = "#";
  return levels.join("/") || "+";
}

/** A rule. */
export function randomRule(random: Random): AccessRule {
  const rule = {
    allow: random.chance(65),
    actions: random.pick(["read", "write", "readwrite"] as const),
    filter: randomRuleFilter(random),
  };
  return random.chance(10) ? { ...rule, verbatim: true } : rule;
}

/** Who may ask: names that meet the topics, and names that are traps. */
export const WHO: readonly Identity[] = [
  { clientId: "a", userName: undefined },
  { clientId: "a", userName: "b" },
  { clientId: "b", userName: "a" },
  { clientId: "$a", userName: "b" },
  { clientId: "a/b", userName: "a" },
  { clientId: "b", userName: "b/a" },
  { clientId: "+", userName: "a" },
  { clientId: "#", userName: undefined },
  { clientId: "a", userName: "#" },
  { clientId: "a", userName: "" },
];

/** Rules for each of them. */
export function randomPolicy(random: Random): AccessPolicy {
  const role = random.list(0, 3, () => randomRule(random));
  const lists = () => {
    const own = random.list(0, 4, () => randomRule(random));
    return random.pick([[], [own], [role], [own, role]]);
  };
  return {
    everyone: lists(),
    anonymous: lists(),
    users: new Map(["a", "b", "b/a", "#"].map((name) => [name, lists()])),
  };
}
