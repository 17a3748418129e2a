/**
 * The rules in a file of Mosquitto's form, line by line: found, added, put in
 * the place of others, and taken out, while all other lines stay as they are.
 * The file has been read before: it is as it should be.
 *
 * @module
 */

/** For whom a rule is. */
export type RuleKind = "user" | "pattern" | "anonymous";

/** A rule. */
export interface Rule {
  /** For whom it is. */
  readonly kind: RuleKind;
  /** The user, where it is for one. */
  readonly userName: string | null;
  /** What it allows, or that it forbids. */
  readonly access: string;
  /** The topic filter. */
  readonly topic: string;
}

/** A rule and its line, counted from 1. */
export interface RuleLine extends Rule {
  readonly line: number;
}

const ACCESS_WORDS = ["read", "write", "readwrite", "deny"];
const USUAL_ACCESS = "readwrite";

/**
 * All rules of a text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rulesIn } from "./rule_lines.ts";
 *
 * assertEquals(rulesIn("# who\nuser ada\ntopic read a/#\n"), [{
 *   line: 3,
 *   kind: "user",
 *   userName: "ada",
 *   access: "read",
 *   topic: "a/#",
 * }]);
 * ```
 */
export function rulesIn(text: string): RuleLine[] {
  const rules: RuleLine[] = [];
  let userName: string | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [keyword, rest] = keywordOf(line);
    if (keyword === "user") userName = rest.replace(/^[ \t\n\v\f\r]+/, "");
    if (keyword !== "topic" && keyword !== "pattern") continue;
    const isPattern = keyword === "pattern";
    const kind = isPattern ? "pattern" : userName === null ? ANONYMOUS : "user";
    rules.push({
      line: index + 1,
      kind,
      userName: isPattern ? null : userName,
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
export function withoutLine(text: string, line: number): string {
  return text.split("\n").toSpliced(line - 1, 1).join("\n");
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
