/**
 * Access rules in the form of Mosquitto's `acl_file`, read as Mosquitto 2.0
 * reads it, so that a file that it takes can be dropped in:
 *
 * ```text
 * # Comments begin in the first column.
 * topic read news/#
 *
 * user ada
 * topic room/+/door
 * topic deny room/9/#
 *
 * pattern write sensors/%c/#
 * ```
 *
 * Topics before the first user are for anonymous clients, those below a user
 * for that one, and patterns for everyone. `%c` and `%u` are names in
 * patterns only.
 *
 * @module
 */

import type { AccessPolicy, AccessRule } from "../auth/access_rules.ts";
import { assertFilter, faultAt, type Place, unknownWord } from "./acl_fault.ts";
import type { AclFile } from "./acl_file.ts";

/** The rules of a file while it is read. */
interface Draft {
  readonly everyone: AccessRule[];
  readonly anonymous: AccessRule[];
  readonly users: Map<string, AccessRule[]>;
}

const KEYWORDS = ["topic", "pattern", "user"];

/** What a rule may say before its topic. */
const ACCESS: Readonly<Record<string, Omit<AccessRule, "filter">>> = {
  read: { allow: true, actions: "read" },
  write: { allow: true, actions: "write" },
  readwrite: { allow: true, actions: "readwrite" },
  deny: { allow: false, actions: "readwrite" },
};
const DEFAULT_ACCESS = "readwrite";

// What C calls white space; words are told apart by spaces only.
const START_BLANKS = /^[ \t\n\v\f\r]+/;
const END_BLANK = /[ \t\n\v\f\r]/;

/**
 * The rules in a text of Mosquitto's form.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAclLines } from "./acl_lines.ts";
 *
 * const text = "pattern write sensors/%c/#";
 * assertEquals(
 *   readAclLines({ text, path: "acl" }).everyone,
 *   [[{ allow: true, actions: "write", filter: "sensors/%c/#" }]],
 * );
 * ```
 */
export function readAclLines({ text, path }: AclFile): AccessPolicy {
  const draft: Draft = { everyone: [], anonymous: [], users: new Map() };
  let topics = draft.anonymous;
  for (const [index, whole] of text.split("\n").entries()) {
    const place = { path, line: index + 1 };
    const line = withoutEndBlanks(whole);
    if (line.startsWith("#")) continue;
    const [keyword, rest] = firstWord(line);
    switch (keyword) {
      case "":
        break;
      case "topic":
        topics.push({ ...ruleIn(rest, place), verbatim: true });
        break;
      case "pattern":
        draft.everyone.push(ruleIn(rest, place));
        break;
      case "user":
        topics = topicsOf(draft, userIn(rest, place));
        break;
      default:
        throw unknownWord(place, "word", keyword, KEYWORDS);
    }
  }
  return {
    everyone: [draft.everyone],
    anonymous: [draft.anonymous],
    users: new Map([...draft.users].map(([name, list]) => [name, [list]])),
  };
}

function topicsOf({ users }: Draft, name: string): AccessRule[] {
  const topics = users.get(name) ?? [];
  users.set(name, topics);
  return topics;
}

function ruleIn(text: string, place: Place): AccessRule {
  const [first, rest] = firstWord(text);
  if (first === "") throw faultAt(place, "the topic is missing");
  const isPlain = rest === "";
  const word = isPlain ? DEFAULT_ACCESS : first;
  if (!Object.hasOwn(ACCESS, word)) {
    throw unknownWord(place, "access", word, Object.keys(ACCESS));
  }
  const filter = isPlain ? first : rest.replace(START_BLANKS, "");
  assertFilter(place, filter);
  return { ...ACCESS[word]!, filter };
}

function userIn(text: string, place: Place): string {
  const name = text.replace(START_BLANKS, "");
  if (name === "") throw faultAt(place, "the name of the user is missing");
  if (name.includes("\0")) throw faultAt(place, "U+0000 in a name");
  return name;
}

/** The first word, and what stands behind the space that ends it. */
function firstWord(text: string): [word: string, rest: string] {
  let from = 0;
  while (text[from] === " ") from++;
  const space = text.indexOf(" ", from);
  if (space < 0) return [text.slice(from), ""];
  return [text.slice(from, space), text.slice(space + 1)];
}

/** A loop, for an expression would try each run of blanks anew. */
function withoutEndBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && END_BLANK.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}
