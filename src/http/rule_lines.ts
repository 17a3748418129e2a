/**
 * The rules in a file of Mosquitto's form, line by line: found, added, put in
 * the place of others, and taken out, while all other lines stay as they are.
 * The file has been read before: it is as it should be.
 *
 * @module
 */

import type { Rule, RuleAt } from "./rule.ts";

const KINDS: readonly Rule["kind"][] = ["user", "pattern", "anonymous"];
const ACCESS_WORDS = ["read", "write", "readwrite", "deny"];
const USUAL_ACCESS = "readwrite";

/**
 * All rules of a text, by their lines.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rulesIn } from "./rule_lines.ts";
 *
 * assertEquals(rulesIn("# who\nuser ada\ntopic read a/#\n"), [{
 *   at: 3,
 *   kind: "user",
 *   userName: "ada",
 *   role: null,
 *   access: "read",
 *   topic: "a/#",
 * }]);
 * ```
 */
export function rulesIn(text: string): RuleAt[] {
  const rules: RuleAt[] = [];
  let userName: string | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [keyword, rest] = keywordOf(line);
    if (keyword === "user") userName = rest.replace(/^[ \t\n\v\f\r]+/, "");
    if (keyword !== "topic" && keyword !== "pattern") continue;
    const isPattern = keyword === "pattern";
    const kind = isPattern ? "pattern" : userName === null ? ANONYMOUS : "user";
    rules.push({
      at: index + 1,
      kind,
      userName: isPattern ? null : userName,
      role: null,
      ...accessIn(rest),
    });
  }
  return rules;
}

const ANONYMOUS = "anonymous";

/** The text with one rule more, and the line at which that is. */
export function withRule(text: string, rule: Rule): [string, number] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const end = lines[0]?.endsWith("\r") ? "\r" : "";
  const at = placeFor(lines, rule);
  const isNew = at === undefined && rule.kind === "user";
  const added = [
    ...isNew && lines.length > 0 ? [end] : [],
    ...isNew ? [`user ${rule.userName}${end}`] : [],
    lineOf(rule) + end,
  ];
  const place = at ?? lines.length;
  lines.splice(place, 0, ...added);
  return [[...lines, ""].join("\n"), place + added.length];
}

/** The text with another rule at a line. */
export function withRuleAt(text: string, line: number, rule: Rule): string {
  const lines = text.split("\n");
  const end = lines[line - 1]!.endsWith("\r") ? "\r" : "";
  lines[line - 1] = lineOf(rule) + end;
  return lines.join("\n");
}

/** The text without the rule at a line. */
export function withoutRule(text: string, line: number): string {
  return text.split("\n").toSpliced(line - 1, 1).join("\n");
}

/** Why a rule can't stand in such a file; `undefined` when it can. */
export function faultOf(rule: Rule): string | undefined {
  const { access, kind, role, topic, userName } = rule;
  if (!KINDS.includes(kind)) {
    return `the kind of a rule is ${KINDS.join(", ")}; others are for JSON`;
  }
  if (role !== null || access === null || topic === null) {
    return "a rule has an access and a topic; roles are for JSON";
  }
  if (!ACCESS_WORDS.includes(access)) {
    return `an access is ${ACCESS_WORDS.join(", ")}; others are for JSON`;
  }
  const isOneLine = [topic, userName ?? "a"].every((text) =>
    text !== "" && text.trim() === text && !/\p{Cc}/u.test(text)
  );
  if (isOneLine) return undefined;
  return "names and topics are not empty, without blanks around them, and " +
    "have no control characters";
}

/** Where it goes: behind the last one for the same; `undefined` for the end. */
function placeFor(lines: readonly string[], rule: Rule): number | undefined {
  if (rule.kind === "pattern") return undefined;
  let userName: string | null = null;
  let place = rule.kind === ANONYMOUS ? 0 : undefined;
  for (const [index, line] of lines.entries()) {
    const [keyword, rest] = keywordOf(line);
    if (keyword === "user") userName = rest.trimStart();
    const isRule = keyword === "topic" || keyword === "user";
    if (isRule && userName === rule.userName) place = index + 1;
  }
  return place;
}

function lineOf({ access, kind, topic }: Rule): string {
  return `${kind === "pattern" ? "pattern" : "topic"} ${access} ${topic}`;
}

/** As `credentials/acl_lines.ts` reads them. */
function keywordOf(line: string): [keyword: string, rest: string] {
  const text = line.trimEnd();
  if (text.startsWith("#")) return ["", ""];
  const [, keyword = "", rest = ""] = /^ *([^ ]*) ?(.*)$/s.exec(text) ?? [];
  return [keyword, rest];
}

function accessIn(text: string): Pick<Rule, "access" | "topic"> {
  const [, first = "", rest = ""] = /^ *([^ ]*) ?(.*)$/s.exec(text) ?? [];
  if (rest === "" || !ACCESS_WORDS.includes(first)) {
    return { access: USUAL_ACCESS, topic: first };
  }
  return { access: first, topic: rest.replace(/^[ \t\n\v\f\r]+/, "") };
}
