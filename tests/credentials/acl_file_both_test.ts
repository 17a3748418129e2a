/**
 * Files of access rules: what each of the two forms says, and that each
 * mistake is told with file, line and reason. That Mosquitto reads its form
 * the same way is shown in `e2e/acl_differential_test.ts`. Runs under Deno
 * and Bun.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { AccessPolicy, RuleList } from "../../src/auth/access_rules.ts";
import { readAclFile } from "../../src/credentials/acl_disk.ts";
import { ACL_CHARS_MAX, parseAclFile } from "../../src/credentials/acl_file.ts";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import { forSeeds } from "../fuzz/random.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "../support/std_assert.ts";

function parse(text: string, path = "acl"): AccessPolicy {
  return parseAclFile({ text, path });
}

/** A list as short as a table wants it: "deny readwrite a", "read %c (…)". */
function told(lists: readonly RuleList[]): string[] {
  return lists.flat().map(({ allow, actions, filter, verbatim }) =>
    (allow ? "" : "deny ") + `${actions} ${filter}` +
    (verbatim && filter.includes("%") ? " (verbatim)" : "")
  );
}

function toldOfAll({ everyone, anonymous, users }: AccessPolicy): unknown {
  return {
    ...(everyone.flat().length > 0 && { everyone: told(everyone) }),
    ...(anonymous.flat().length > 0 && { anonymous: told(anonymous) }),
    ...(users.size > 0 && {
      users: Object.fromEntries(
        [...users].map(([name, lists]) => [name, told(lists)]),
      ),
    }),
  };
}

const LINES: readonly [text: string, says: unknown][] = [
  ["", {}],
  ["\n\n# only words\n\r\n \t \n", {}],
  ["topic a", { anonymous: ["readwrite a"] }],
  ["topic read a\r\ntopic write b\r\n", { anonymous: ["read a", "write b"] }],
  ["  topic   readwrite   a/#  \t", { anonymous: ["readwrite a/#"] }],
  ["topic deny a", { anonymous: ["deny readwrite a"] }],
  ["topic read a  b c", { anonymous: ["read a  b c"] }],
  ["topic read \t a", { anonymous: ["read a"] }],
  ["topic read", { anonymous: ["readwrite read"] }],
  ["topic %c/%u", { anonymous: ["readwrite %c/%u (verbatim)"] }],
  ["pattern %c/%u", { everyone: ["readwrite %c/%u"] }],
  ["user ada\npattern read a", { users: { ada: [] }, everyone: ["read a"] }],
  ["user  ada b \ntopic a", { users: { "ada b": ["readwrite a"] } }],
  [
    "topic x\nuser ada\ntopic a\nuser bob\ntopic b\nuser ada\ntopic deny c",
    {
      anonymous: ["readwrite x"],
      users: {
        ada: ["readwrite a", "deny readwrite c"],
        bob: ["readwrite b"],
      },
    },
  ],
  ["user __proto__\ntopic a", {
    users: Object.fromEntries([["__proto__", ["readwrite a"]]]),
  }],
];

test("what lines of Mosquitto's form say", () => {
  for (const [text, says] of LINES) {
    assertEquals(toldOfAll(parse(text)), says, JSON.stringify(text));
  }
});

test("what JSON says", () => {
  const policy = parse(`{
    "roles": {
      "sensor": [{ "allow": "write", "topic": "s/%c/#" }],
      "admin": [
        { "allow": "readwrite", "topic": "#" },
        { "topic": "audit/#", "deny": "write" }
      ],
      "__proto__": []
    },
    "users": {
      "ada": ["admin", "sensor", "admin"],
      "probe": ["sensor", { "allow": "read", "topic": "clock" }],
      "__proto__": ["__proto__"]
    },
    "everyone": ["sensor"],
    "anonymous": [{ "deny": "read", "topic": "%u" }]
  }`);
  const sensor = "write s/%c/#";
  assertEquals(told(policy.everyone), [sensor]);
  assertEquals(told(policy.anonymous), ["deny read %u"]);
  assertEquals([...policy.users].map(([name, list]) => [name, told(list)]), [
    ["ada", ["readwrite #", "deny write audit/#", sensor]],
    ["probe", ["read clock", sensor]],
    ["__proto__", []],
  ]);
  const [, shared] = policy.users.get("ada")!;
  assertStrictEquals(shared, policy.everyone[0], "a role is one list");
});

test("a text is JSON by its name or its brace", () => {
  assertEquals(toldOfAll(parse(" \n {}")), {});
  assertEquals(toldOfAll(parse("topic {}")), { anonymous: ["readwrite {}"] });
  assertThrows(() => parse("topic a", "acl.json"), CredentialFileError);
});

const LONG = "a".repeat(65_536);

const FAULTS: readonly [text: string, fault: string][] = [
  ["topic a\ntopik b", '2: unknown word "topik"; did you mean "topic"?'],
  ["allow a", '1: unknown word "allow"; it may be topic, pattern, user'],
  [" # a", '1: unknown word "#"; it may be topic, pattern, user'],
  ["\n\ntopic", "3: the topic is missing"],
  ["pattern  ", "1: the topic is missing"],
  ["user", "1: the name of the user is missing"],
  ["user a\0", "1: U+0000 in a name"],
  ["topic raed a", '1: unknown access "raed"; did you mean "read"?'],
  [
    "topic my topic",
    '1: unknown access "my"; it may be read, write, readwrite, deny',
  ],
  ["topic constructor a", '1: unknown access "constructor"'],
  ["topic read a#", '1: "a#": # that is not a whole, last level'],
  ["topic read a # b", '1: "a # b": # that is not a whole, last level'],
  ["pattern +%c", '1: "+%c": + that is not a whole level'],
  ["topic a\0", '1: "a\\u0000": U+0000 in a topic filter'],
  [
    `topic ${LONG}`,
    `1: "${"a".repeat(60)}…": a topic filter of 65536 bytes, above the ` +
    "limit of 65535",
  ],
];

const JSON_FAULTS: readonly [text: string, fault: string][] = [
  ['{\n"user": {} }', '2: unknown key "user"; did you mean "users"?'],
  ['{ "users": {\n"": [] } }', '2: no user has the name ""'],
  ['{ "users": [] }', "1: an object {…} must stand here"],
  ['{ "users": { "a":\n"b" } }', "2: a list […] must stand here"],
  ['{ "everyone": [\n\n"x"] }', '3: unknown role "x"'],
  [
    '{ "roles": { "sensor": [] },\n"everyone": ["sensors"] }',
    '2: unknown role "sensors"; did you mean "sensor"?',
  ],
  ['{ "roles": { "a": ["b"] } }', "1: an object {…} must stand here"],
  ['{ "everyone": [1] }', "1: an object {…} must stand here"],
  [
    '{ "everyone": [{ "topic": "a" }] }',
    '1: a rule has either "allow" or "deny"',
  ],
  [
    '{ "everyone": [{ "allow": "read", "deny": "read", "topic": "a" }] }',
    '1: a rule has either "allow" or "deny"',
  ],
  [
    '{ "everyone": [{ "allow": "read" }] }',
    '1: a rule has a "topic", which is a string',
  ],
  [
    '{ "everyone": [{ "allow": "raed",\n "topic": "a" }] }',
    '1: unknown access "raed"; did you mean "read"?',
  ],
  [
    '{ "everyone": [{ "allow":\ntrue, "topic": "a" }] }',
    "2: a string must stand here",
  ],
  [
    '{ "everyone": [{ "allow": "read",\n "topic": "a/#/b" }] }',
    '2: "a/#/b": # that is not a whole, last level',
  ],
  [
    '{ "everyone": [{ "allow": "read",\n "topics": "a" }] }',
    '2: unknown key "topics"; did you mean "topic"?',
  ],
  ['{ "users": {\n"a": [],\n"\\u0061": [] } }', "3: this key stands twice"],
  ["{", '1: a key in "" is expected'],
  ['{\n"users" {} }', "2: a : is expected"],
  ['{ "users":\n}', "2: a value is expected"],
  ['{ "users": {},\n}', '2: a key in "" is expected'],
  ['{ "users": {}\n"x": 1 }', "2: a , or } is expected"],
  ['{ "everyone": [{}\n{}] }', "2: a , or ] is expected"],
  ['{ "everyone": [\n], }', '2: a key in "" is expected'],
  ["{}\n\nx", "3: nothing more is expected"],
  ['{ "a\n', '1: a string is not closed by "'],
  ['{ "a\n": 1 }', "1: this is not JSON"],
  ['{ "users": 01 }', "1: this is not JSON"],
  ['{ "users": nul }', "1: this is not JSON"],
  ['{ "users": ' + "[".repeat(100_000), "1: this is nested too deep"],
];

function faultOf(text: string): string {
  try {
    parse(text, "my.acl");
  } catch (error) {
    assert(error instanceof CredentialFileError, String(error));
    return error.message;
  }
  return "none";
}

test("each mistake is told with file, line and reason", () => {
  for (const [text, fault] of [...FAULTS, ...JSON_FAULTS]) {
    const found = faultOf(text);
    const start = `my.acl: line ${fault}`;
    assertEquals(found.slice(0, start.length), start, text.slice(0, 99));
  }
});

test("a text that is too long is not read", () => {
  const text = "#".repeat(ACL_CHARS_MAX);
  assertEquals(toldOfAll(parse(text)), {});
  assertThrows(() => parse(text + "#"), CredentialFileError);
});

test("whatever stands in a file, it is read or it is a mistake", () => {
  const parts = ["topic", "user", "read", "deny", " ", "\n", "#", "+", "/"]
    .concat(["{", "}", "[", "]", '"', ":", ",", "\\", "1", "everyone", "\t"]);
  forSeeds(2000, (random) => {
    const start = random.pick(["", "{", '{"everyone":[', '{"users":{"a":[']);
    const text = start + random.list(0, 12, () => random.pick(parts)).join("");
    faultOf(text);
  });
});

test("a file is read, and what can't be read is told", async () => {
  const folder = await mkdtemp(`${tmpdir()}/broker-acl-`);
  const path = `${folder}/acl`;
  try {
    await assertRejects(
      () => readAclFile(path),
      CredentialFileError,
      "no such",
    );
    await writeFile(path, "\ufefftopic read ä\n");
    assertEquals(toldOfAll(await readAclFile(path)), {
      anonymous: ["read ä"],
    });
    await writeFile(path, Uint8Array.of(0x74, 0xff));
    await assertRejects(() => readAclFile(path), CredentialFileError, "UTF-8");
    await writeFile(path, "");
    assertEquals(toldOfAll(await readAclFile(path)), {});
  } finally {
    await rm(folder, { recursive: true });
  }
});
