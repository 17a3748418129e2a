/**
 * Access rules as JSON, with roles that users share:
 *
 * ```json
 * {
 *   "roles": {
 *     "sensor": [{ "allow": "write", "topic": "sensors/%c/#" }],
 *     "admin": [
 *       { "allow": "readwrite", "topic": "#" },
 *       { "deny": "write", "topic": "audit/#" }
 *     ]
 *   },
 *   "users": { "ada": ["admin"], "probe-7": ["sensor"] },
 *   "everyone": [{ "allow": "read", "topic": "news/#" }],
 *   "anonymous": []
 * }
 * ```
 *
 * Where roles stand, rules may stand too. `%c` and `%u` are names in all of
 * them. What is said of a user comes before what is said of everyone, and
 * within each a denial before what is allowed.
 *
 * @module
 */

import type {
  AccessPolicy,
  AccessRule,
  RuleList,
} from "../auth/access_rules.ts";
import { assertFilter, faultAt, unknownWord } from "./acl_fault.ts";
import type { AclFile } from "./acl_file.ts";
import { JsonFault, type JsonNode, readJsonLines } from "./json_lines.ts";

/** The roles of a file, and its name. */
interface Roles {
  readonly path: string;
  readonly lists: Map<string, RuleList>;
}

const KEYS = ["roles", "users", "everyone", "anonymous"];
const RULE_KEYS = ["allow", "deny", "topic"];
const ACTIONS = ["read", "write", "readwrite"] as const;

/**
 * The rules in a text of JSON.
 *
 * @throws {CredentialFileError} When the text is not as it should be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAclJson } from "./acl_json.ts";
 *
 * const text = '{ "everyone": [{ "allow": "read", "topic": "news/#" }] }';
 * assertEquals(
 *   readAclJson({ text, path: "acl.json" }).everyone,
 *   [[{ allow: true, actions: "read", filter: "news/#" }]],
 * );
 * ```
 */
export function readAclJson({ text, path }: AclFile): AccessPolicy {
  const file = membersOf(rootOf(text, path), KEYS, path);
  const roles: Roles = { path, lists: new Map() };
  for (const [name, node] of namesIn(file.get("roles"), path)) {
    const rules = elementsOf(node, path).map((each) => ruleIn(each, path));
    roles.lists.set(name, rules);
  }
  const users = new Map<string, readonly RuleList[]>();
  for (const [name, node] of namesIn(file.get("users"), path)) {
    if (name === "") {
      const { line } = node;
      throw faultAt(
        { path, line },
        'no user has the name "": such a client is anonymous',
      );
    }
    users.set(name, listsIn(node, roles));
  }
  return {
    everyone: listsIn(file.get("everyone"), roles),
    anonymous: listsIn(file.get("anonymous"), roles),
    users,
  };
}

function rootOf(text: string, path: string): JsonNode {
  try {
    return readJsonLines(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw faultAt({ path, line: error.line }, error.message);
  }
}

/** The lists of the roles, and one of the rules that stand beside them. */
function listsIn(node: JsonNode | undefined, roles: Roles): RuleList[] {
  if (node === undefined) return [];
  const { path } = roles;
  const lists = new Set<RuleList>();
  const rules: AccessRule[] = [];
  for (const each of elementsOf(node, path)) {
    const name = each.value;
    if (typeof name !== "string") {
      rules.push(ruleIn(each, path));
      continue;
    }
    const list = roles.lists.get(name);
    if (list === undefined) {
      const known = [...roles.lists.keys()];
      throw unknownWord({ path, line: each.line }, "role", name, known);
    }
    lists.add(list);
  }
  return rules.length === 0 ? [...lists] : [rules, ...lists];
}

function ruleIn(node: JsonNode, path: string): AccessRule {
  const { line } = node;
  const members = membersOf(node, RULE_KEYS, path);
  const allowed = members.get("allow");
  const denied = members.get("deny");
  const said = allowed ?? denied;
  if (said === undefined || (allowed !== undefined && denied !== undefined)) {
    throw faultAt({ path, line }, 'a rule has either "allow" or "deny"');
  }
  const topic = members.get("topic");
  if (typeof topic?.value !== "string") {
    throw faultAt({ path, line }, 'a rule has a "topic", which is a string');
  }
  assertFilter({ path, line: topic.line }, topic.value);
  const actions = actionsIn(said, path);
  return { allow: said === allowed, actions, filter: topic.value };
}

function actionsIn(
  { value, line }: JsonNode,
  path: string,
): AccessRule["actions"] {
  if (typeof value !== "string") {
    throw faultAt({ path, line }, "a string must stand here");
  }
  const actions = ACTIONS.find((each) => each === value);
  if (actions !== undefined) return actions;
  throw unknownWord({ path, line }, "access", value, ACTIONS);
}

/** The members of an object that has no others than `keys`. */
function membersOf(
  node: JsonNode,
  keys: readonly string[],
  path: string,
): ReadonlyMap<string, JsonNode> {
  const members = namesIn(node, path);
  for (const [key, { line }] of members) {
    if (!keys.includes(key)) {
      throw unknownWord({ path, line }, "key", key, keys);
    }
  }
  return members;
}

function namesIn(
  node: JsonNode | undefined,
  path: string,
): ReadonlyMap<string, JsonNode> {
  if (node === undefined) return new Map();
  const { value, line } = node;
  if (value instanceof Map) return value;
  throw faultAt({ path, line }, "an object {…} must stand here");
}

function elementsOf({ value, line }: JsonNode, path: string) {
  if (Array.isArray(value)) return value as readonly JsonNode[];
  throw faultAt({ path, line }, "a list […] must stand here");
}
