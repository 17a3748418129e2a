/**
 * The rules in a file of JSON, one by one: those of roles, and what users,
 * everyone and the nameless have, a rule or a role. The file has been read
 * before: it is as it should be. What is in it stays; how it is laid out does
 * not.
 *
 * @module
 */

import type { Rule, RuleAt } from "./rule.ts";

type Entry = string | { allow?: string; deny?: string; topic: string };
type Lists = Readonly<Record<string, Entry[]>>;

interface AclDocument {
  roles?: Lists;
  users?: Lists;
  everyone?: Entry[];
  anonymous?: Entry[];
}

/** An entry, and the list in which it stands. */
interface Found {
  readonly kind: Rule["kind"];
  /** Of the role, or the user. */
  readonly name: string | null;
  readonly list: Entry[];
  readonly index: number;
}

const KINDS: readonly Rule["kind"][] = [
  "role",
  "user",
  "everyone",
  "anonymous",
];

/**
 * All rules of a text, counted from 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rulesIn } from "./rule_json.ts";
 *
 * const [rule] = rulesIn('{ "users": { "ada": ["admin"] } }');
 * assertEquals([rule?.kind, rule?.userName, rule?.role], [
 *   "user",
 *   "ada",
 *   "admin",
 * ]);
 * ```
 */
export function rulesIn(text: string): RuleAt[] {
  return entriesIn(documentIn(text)).map(({ index, kind, list, name }, at) => ({
    at: at + 1,
    kind,
    userName: kind === "user" ? name : null,
    ...saidIn(list[index]!, kind === "role" ? name : null),
  }));
}

/** The text with one rule more, behind those for the same, and its place. */
export function withRule(text: string, rule: Rule): [string, number] {
  const file = documentIn(text);
  const list = listFor(file, rule);
  list.push(entryOf(rule));
  const at = entriesIn(file).findLastIndex((one) => one.list === list);
  return [textOf(file), at + 1];
}

/** The text with another rule at a place. */
export function withRuleAt(text: string, at: number, rule: Rule): string {
  const file = documentIn(text);
  const { index, list } = entriesIn(file)[at - 1]!;
  list[index] = entryOf(rule);
  return textOf(file);
}

/**
 * The text without the rule at a place. Whoever has none any more is not
 * there any more, but for a role that somebody has.
 */
export function withoutRule(text: string, at: number): string {
  const file = documentIn(text);
  const { index, kind, list, name } = entriesIn(file)[at - 1]!;
  list.splice(index, 1);
  if (list.length > 0 || name === null) return textOf(file);
  const isHad = kind === "role" &&
    entriesIn(file).some((one) => one.list[one.index] === name);
  const lists = kind === "role" ? file.roles! : file.users!;
  if (!isHad) Reflect.deleteProperty(lists, name);
  return textOf(file);
}

/** Why a rule can't stand in such a file; `undefined` when it can. */
export function faultOf(rule: Rule): string | undefined {
  const { access, kind, role, topic } = rule;
  if (!KINDS.includes(kind)) {
    return `in JSON the kind of a rule is ${KINDS.join(", ")}`;
  }
  const isRule = access !== null && topic !== null;
  const isNothing = access === null && topic === null;
  if (kind === "role") {
    if (role !== null && isRule) return undefined;
    return "a rule of a role has a role, an access and a topic";
  }
  if (role === null ? isRule : isNothing) return undefined;
  return "there is either a role, or an access and a topic";
}

function documentIn(text: string): AclDocument {
  return JSON.parse(text);
}

function textOf(file: AclDocument): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

function entriesIn(
  { anonymous = [], everyone = [], roles = {}, users = {} }: AclDocument,
): Found[] {
  const inAll = (kind: Rule["kind"], lists: Lists) =>
    Object.entries(lists).flatMap(([name, list]) => inOne(kind, name, list));
  const inOne = (kind: Rule["kind"], name: string | null, list: Entry[]) =>
    list.map((_, index) => ({ kind, name, list, index }));
  return [
    ...inAll("role", roles),
    ...inAll("user", users),
    ...inOne("everyone", null, everyone),
    ...inOne("anonymous", null, anonymous),
  ];
}

/** The list of those for whom a rule is: there from now on. */
function listFor(file: AclDocument, { kind, role, userName }: Rule): Entry[] {
  if (kind === "everyone" || kind === "anonymous") return file[kind] ??= [];
  const key = kind === "role" ? "roles" : "users";
  const name = (kind === "role" ? role : userName)!;
  const lists = file[key] ?? {};
  if (Object.hasOwn(lists, name)) return lists[name]!;
  const list: Entry[] = [];
  // Whatever the name: it is never one that all objects have.
  file[key] = Object.fromEntries([...Object.entries(lists), [name, list]]);
  return list;
}

/** @param ofRole The role whose rule it is, if it is one's. */
function saidIn(
  entry: Entry,
  ofRole: string | null,
): Pick<Rule, "access" | "role" | "topic"> {
  if (typeof entry === "string") {
    return { role: entry, access: null, topic: null };
  }
  const { allow, deny, topic } = entry;
  const denial = deny === "readwrite" ? "deny" : `deny-${deny}`;
  return { role: ofRole, access: allow ?? denial, topic };
}

function entryOf({ access, kind, role, topic }: Rule): Entry {
  if (kind !== "role" && role !== null) return role;
  const [word, denied = "readwrite"] = access!.split("-");
  const said = word === "deny" ? { deny: denied } : { allow: word! };
  return { ...said, topic: topic! };
}
