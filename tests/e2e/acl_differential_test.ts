/**
 * Files of access rules at Debian's mosquitto daemon: which of them it takes,
 * and what its clients may then read and write, topic by topic, compared with
 * what our reading of the same file allows, and with what our broker does on
 * both runtimes. One difference is meant: a name
 * with a slash, or a $ where a topic begins, gains nothing by a pattern here.
 */

import { assert, assertEquals } from "@std/assert";
import { AccessRules } from "../../src/auth/access_rules.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import type { Rights } from "../../src/topic/rights.ts";
import { parseAclFile } from "../../src/credentials/acl_file.ts";
import { randomRuleFilter } from "../auth/access_model.ts";
import { Random } from "../fuzz/random.ts";
import { observedRights } from "../support/acl_probe.ts";
import { MosquittoDaemon } from "../support/mosquitto_daemon.ts";
import { BrokerProcess, type Runtime } from "../support/process.ts";
import { isAbsent } from "../support/tools.ts";

const FILES = 12;

const NAMES = ["a", "b", "", "$a", "z"];
const PAIRS = NAMES.flatMap((one) => NAMES.map((two) => `${one}/${two}`));
const TOPICS = [
  ...NAMES.filter((name) => name !== ""),
  ...PAIRS,
  ...PAIRS.flatMap((pair) => NAMES.map((name) => `${pair}/${name}`)),
  ...["with space/x", " a", "a ", "a b", "%c", "%u", "%c/%u", "a/%c", "ä"],
  ...["aa", "a/ab", "ab/b"],
];

/** Who asks: names that meet the topics, and names that are traps. */
const WHO: readonly Identity[] = [
  { clientId: "a", userName: undefined },
  { clientId: "a", userName: "b" },
  { clientId: "b", userName: "a" },
  { clientId: "%u", userName: "a b" },
  { clientId: "+", userName: "a" },
  { clientId: "#", userName: undefined },
  { clientId: "a", userName: "#" },
  { clientId: "a", userName: "" },
];

/** The one who publishes what others are to receive. */
const WRITER = "user writer\ntopic #\ntopic $a/#\n";

function testDaemon(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: isAbsent("mosquitto") || isAbsent("bun"), fn });
}

async function compare(
  rules: string,
  why: string,
  runtimes: readonly Runtime[] = ["deno", "bun"],
): Promise<void> {
  const text = `${rules}\n${WRITER}`;
  await using daemon = await MosquittoDaemon.start(text);
  assert(daemon !== undefined, `${why}: mosquitto refuses\n${text}`);
  const access = new AccessRules(parseAclFile({ text, path: "acl" }));
  for (const who of WHO) {
    const theirs = await observedRights(daemon.port, who, TOPICS);
    const told = `${why}: ${JSON.stringify(who)}\n${text}`;
    assertEquals(grantedRights(access.rightsOf(who)), theirs, told);
  }
  for (const runtime of runtimes) {
    await using ours = await broker(runtime, text);
    for (const who of WHO) {
      const observed = await observedRights(ours.port, who, TOPICS);
      const told = `${why} on ${runtime}: ${JSON.stringify(who)}\n${text}`;
      assertEquals(observed, grantedRights(access.rightsOf(who)), told);
    }
  }
}

/** Ours, with these rules. It has read the file when it listens. */
async function broker(runtime: Runtime, text: string): Promise<BrokerProcess> {
  const path = await Deno.makeTempFile({ prefix: "broker-acl-" });
  try {
    await Deno.writeTextFile(path, text);
    const args = ["--acl-file", path];
    return await BrokerProcess.start({ runtime, args });
  } finally {
    await Deno.remove(path);
  }
}

/** Topics by what may be done: "r", "w" or "rw". */
function grantedRights(rights: Rights): Map<string, string> {
  const granted = TOPICS.map((topic): [string, string] => [
    topic,
    (rights.mayRead(topic) ? "r" : "") + (rights.mayPublish(topic) ? "w" : ""),
  ]);
  return new Map(granted.filter(([, may]) => may !== ""));
}

const RULES: Readonly<Record<string, string>> = {
  "no rules": "",
  "rules for anonymous clients": "topic read a/#\ntopic write b/+\ntopic z",
  "rules for users":
    "user a\ntopic read a/#\nuser b\ntopic a/b\nuser a\ntopic write b",
  "a denial before what is allowed": "topic deny a/b\ntopic a/#\n" +
    "user a\ntopic #\ntopic deny a/#\ntopic deny +/b",
  "a denial for all": "pattern deny a/#\npattern #\nuser a\ntopic a/b",
  "a user's denial over a pattern": "pattern #\nuser a\ntopic deny a/#",
  "topics that begin with $":
    "topic #\nuser a\ntopic +/a\ntopic $a/+\nuser b\ntopic $a",
  "patterns with names": "pattern read %c/%u/#\npattern write a/%c\n" +
    "pattern a%c/%u\npattern deny %u/%c/z",
  "names in topics": "topic %c\ntopic %c/%u\nuser a\ntopic a/%c",
  "spaces": "topic  readwrite   with space/#  \t\ntopic read  a \r\n" +
    "user  a b \ntopic a\ntopic write a b",
  "levels that are empty":
    "topic /\ntopic read //#\ntopic +/\nuser a\ntopic /#",
};

for (const [name, rules] of Object.entries(RULES)) {
  testDaemon(`mosquitto grants the same: ${name}`, () => compare(rules, name));
}

for (let seed = 1; seed <= FILES; seed++) {
  testDaemon(`mosquitto grants the same: random rules ${seed}`, async () => {
    const random = new Random(seed);
    const lines = random.list(5, 25, () => randomLine(random));
    // A broker of ours is started for each: the runtimes take turns.
    const runtime = seed % 2 === 0 ? "deno" : "bun";
    await compare(lines.join("\n"), `seed ${seed}`, [runtime]);
  });
}

function randomLine(random: Random): string {
  if (random.chance(20)) {
    return `user ${random.pick(["a", "b", "a b", "#", "zz"])}`;
  }
  const keyword = random.chance(60) ? "topic" : "pattern";
  const access = random.pick(["", "read ", "write ", "readwrite ", "deny "]);
  return `${keyword} ${access}${randomRuleFilter(random)}`;
}

testDaemon("a name that reaches further is where we differ", async () => {
  const text = `pattern a/%c/#\npattern %c/#\n${WRITER}`;
  await using daemon = await MosquittoDaemon.start(text);
  assert(daemon !== undefined);
  const access = new AccessRules(parseAclFile({ text, path: "acl" }));
  const traps: readonly (readonly [clientId: string, topic: string])[] = [
    ["b/z", "a/b/z"],
    ["a/b", "a/b/z"],
    ["$a", "$a/b"],
  ];
  for (const [clientId, topic] of traps) {
    const who = { clientId, userName: "b" };
    const theirs = await observedRights(daemon.port, who, [topic]);
    assertEquals([...theirs], [[topic, "rw"]], clientId);
    const ours = access.rightsOf(who);
    assertEquals([ours.mayRead(topic), ours.mayPublish(topic)], [false, false]);
  }
});

const TEXTS = [
  ...["", "\n\n", "# a", " # a", "\t", "#", "topic", "pattern ", "user"],
  ...["topic a", "topic  a", " topic a", "topic\ta", "Topic a", "topic a b"],
  ...["topic read", "topic read a b", "topic read\ta", "topic raed a"],
  ...["topic deny deny", "pattern a", "pattern deny %c", "user a b", "user \t"],
  ...["topic a#", "topic #/a", "topic a/+b", "pattern +%c", "pattern %c+"],
  ...[
    "topic a # b",
    "topic read a #",
    "user #",
    "include b",
    "{}",
    "topic a\r",
  ],
  ...["\vtopic a", "topic read \ta\f", "topic constructor a"],
  `topic ${"a".repeat(65_535)}`,
  `topic ${"a".repeat(65_536)}`,
  `topic ${"a/".repeat(100)}a`,
];

testDaemon("mosquitto takes and refuses the same files", async () => {
  for (const text of TEXTS) {
    await using daemon = await MosquittoDaemon.start(text);
    // Braces are the other form of ours.
    const isOurs = text !== "{}" && isTaken(text);
    const told = JSON.stringify(text.slice(0, 60));
    assertEquals(isOurs, daemon !== undefined, told);
  }
});

function isTaken(text: string): boolean {
  try {
    parseAclFile({ text, path: "acl" });
    return true;
  } catch {
    return false;
  }
}
