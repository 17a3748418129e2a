/**
 * Access rules: tables of who may do what, and random rules against a naive
 * reading of them. Runs under Deno and Bun.
 */

import {
  type AccessPolicy,
  type AccessRule,
  AccessRules,
  compileRules,
} from "../../src/auth/access_rules.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import type { Reach, Rights } from "../../src/topic/rights.ts";
import { forSeeds, type Random } from "../fuzz/random.ts";
import { isMatch, randomFilter } from "../router/model.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "../support/std_assert.ts";
import { isAllowed, randomPolicy, WHO } from "./access_model.ts";

const NOBODY: AccessPolicy = { everyone: [], anonymous: [], users: new Map() };
const ADA: Identity = { clientId: "phone", userName: "ada" };

/** "read a/#" and "deny write a/b", as short as tests want it. */
function rule(text: string): AccessRule {
  const [, not, actions, filter] = /^(deny )?(\w+) (.+)$/.exec(text)!;
  return {
    allow: not === undefined,
    actions: actions as AccessRule["actions"],
    filter: filter!,
  };
}

function rightsOf(rules: string[], who = ADA): Rights {
  return compileRules(rules.map(rule), who);
}

/** What may be done on `topic`: "rw", "r", "w" or "". */
function doneOn(rights: Rights, topic: string): string {
  return (rights.mayRead(topic) ? "r" : "") +
    (rights.mayPublish(topic) ? "w" : "");
}

const TOPICS: readonly [rules: string[], topic: string, may: string][] = [
  [[], "a", ""],
  [["read a"], "a", "r"],
  [["write a"], "a", "w"],
  [["readwrite a"], "a", "rw"],
  [["read a", "write a"], "a", "rw"],
  [["read a/#"], "a", "r"],
  [["read a/+"], "a", ""],
  [["read a/+"], "a/", "r"],
  [["read a/+/c", "write a/b/#"], "a/b/c", "rw"],
  [["read #"], "$SYS/uptime", ""],
  [["read +/uptime"], "$SYS/uptime", ""],
  [["read $SYS/#"], "$SYS/uptime", "r"],
  [["read with space/#"], "with space/x", "r"],
  [["readwrite #", "deny readwrite a"], "a", ""],
  [["deny readwrite a", "readwrite #"], "a", ""],
  [["readwrite #", "deny write a/#"], "a/b", "r"],
  [["readwrite #", "deny read a/#"], "b", "rw"],
  [["readwrite %c/%u"], "phone/ada", "rw"],
  [["readwrite %c/%u"], "ada/phone", ""],
  [["readwrite x-%c.%u/#"], "x-phone.ada/1", "rw"],
  [["readwrite %u%c"], "adaphone", "rw"],
  [["readwrite %x/%"], "%x/%", "rw"],
];

test("what rules say of a topic", () => {
  for (const [rules, topic, may] of TOPICS) {
    assertEquals(doneOn(rightsOf(rules), topic), may, `${rules}: ${topic}`);
  }
});

test("without a user name %u is nobody", () => {
  const who = { clientId: "phone", userName: undefined };
  const rights = rightsOf(["read #", "deny read %u", "write %u"], who);
  for (const topic of ["undefined", "", "%u"]) {
    assertEquals(doneOn(rights, topic), "r", topic);
  }
});

test("names that stand in rules widen nothing", () => {
  const rules = ["readwrite in/%c/#", "readwrite %c", "readwrite all"];
  for (const clientId of ["+", "#", "a/#", "a/+/b", "+a"]) {
    const rights = rightsOf(rules, { clientId, userName: "ada" });
    for (const topic of ["in/a/b", "in/", "a", "a/b", "all", clientId]) {
      assertEquals(doneOn(rights, topic), "", `${clientId}: ${topic}`);
    }
    assertEquals(rights.reach("#"), "none");
  }
  const slashed = rightsOf(rules, { clientId: "a/b", userName: "ada" });
  assertEquals(doneOn(slashed, "in/a/b"), "");
  assertEquals(doneOn(slashed, "all"), "rw");
  const dollar = rightsOf(rules, { clientId: "$SYS", userName: "ada" });
  assertEquals(doneOn(dollar, "$SYS"), "");
  assertEquals(doneOn(dollar, "in/$SYS/1"), "rw");
});

test("a name of several levels can be denied", () => {
  const rules = ["readwrite #", "deny readwrite in/%c/#"];
  const rights = rightsOf(rules, { clientId: "a/b", userName: "ada" });
  assertEquals(doneOn(rights, "in/a/b/c"), "");
  assertEquals(doneOn(rights, "in/a"), "rw");
  assertEquals(rights.reach("in/a/b/+"), "none");
});

test("names in a rule that is verbatim stand for themselves", () => {
  const verbatim = { ...rule("readwrite %c/%u"), verbatim: true };
  const rights = compileRules([verbatim], ADA);
  assertEquals(doneOn(rights, "%c/%u"), "rw");
  assertEquals(doneOn(rights, "phone/ada"), "");
});

test("a user's own rules come before those for everyone", () => {
  const rules = new AccessRules({
    everyone: [["deny readwrite a", "read b", "deny read c"].map(rule)],
    anonymous: [["write a"].map(rule)],
    users: new Map([["ada", [["read a", "deny readwrite b"].map(rule)]]]),
  });
  const of = (userName?: string) =>
    ["a", "b", "c"].map((topic) =>
      doneOn(rules.rightsOf({ clientId: "x", userName }), topic)
    );
  assertEquals(of("ada"), ["r", "", ""]);
  assertEquals(of("bob"), ["", "r", ""]);
  assertEquals(of(), ["w", "r", ""]);
  assertEquals(of(""), of());
});

test("a client without any rule has the rights of nobody", () => {
  const who = { clientId: "a", userName: "constructor" };
  const rights = new AccessRules(NOBODY).rightsOf(who);
  const others = new AccessRules(NOBODY).rightsOf(ADA);
  assertStrictEquals(rights, others);
  assertEquals([doneOn(rights, "a"), rights.reach("#")], ["", "none"]);
});

const REACHES: readonly [rules: string[], filter: string, Reach][] = [
  [["write #"], "a", "none"],
  [["read #"], "#", "all"],
  [["read #"], "$SYS/#", "none"],
  [["read #"], "a/+", "all"],
  [["read a/#"], "a", "all"],
  [["read a/#"], "+", "some"],
  [["read a/+"], "a/#", "some"],
  [["read a"], "b/#", "none"],
  [["read a/#", "read b/#"], "b/+", "all"],
  [["read #", "deny write #"], "#", "all"],
  [["read #", "deny read a"], "#", "some"],
  [["read #", "deny read a"], "b/#", "all"],
  [["read #", "deny read a/#"], "a/+", "none"],
  [["read a/#", "deny read a/#"], "#", "none"],
  [["read a/+", "deny read +/b"], "a/b/#", "none"],
  [["read a/%u/#"], "a/ada/+", "all"],
  [["read a/%u/#"], "a/+", "some"],
  [["read a/%u/#"], "a/bob/#", "none"],
];

test("how far a filter reaches", () => {
  for (const [rules, filter, reach] of REACHES) {
    assertEquals(rightsOf(rules).reach(filter), reach, `${rules}: ${filter}`);
  }
});

test("a filter reaches through both lists of rules", () => {
  const rules = new AccessRules({
    everyone: [["read b/#", "deny read c"].map(rule)],
    anonymous: [["read a", "read c", "deny read b/x"].map(rule)],
    users: new Map(),
  });
  const rights = rules.rightsOf({ clientId: "x", userName: undefined });
  const reaches = ["a", "b/#", "b/x", "b/y", "c", "d", "+"]
    .map((filter) => rights.reach(filter));
  assertEquals(
    reaches,
    ["all", "some", "none", "all", "all", "none", "some"],
  );
});

/** The topics of one to four levels of the names that random rules use. */
const WORLD = world(["a", "b", "", "$a", "aa", "z"], 4);

function world(names: readonly string[], most: number): string[] {
  let longest = [...names];
  const all = [...longest];
  for (let length = 2; length <= most; length++) {
    longest = longest.flatMap((each) => names.map((name) => `${each}/${name}`));
    all.push(...longest);
  }
  return all.filter((topic) => topic !== "");
}

function filterToAsk(random: Random): string {
  for (;;) {
    const filter = randomFilter(random);
    if (filter.split("/").length <= 3) return filter;
  }
}

test("random rules are as the naive reading has them", () => {
  let [exact, vague] = [0, 0];
  forSeeds(400, (random) => {
    const policy = randomPolicy(random);
    const rules = new AccessRules(policy);
    const who = random.pick(WHO);
    const rights = rules.rightsOf(who);
    const readable = new Set<string>();
    for (const topic of WORLD) {
      const mayRead = isAllowed(policy, who, "read", topic);
      const mayPublish = isAllowed(policy, who, "write", topic);
      if (mayRead) readable.add(topic);
      if (
        rights.mayRead(topic) === mayRead &&
        rights.mayPublish(topic) === mayPublish
      ) continue;
      const wanted = (mayRead ? "r" : "") + (mayPublish ? "w" : "");
      const told = JSON.stringify([who, topic, policy.everyone, [
        ...policy.users,
      ]]);
      assertEquals(doneOn(rights, topic), wanted, told);
    }
    for (let asked = 0; asked < 5; asked++) {
      const filter = filterToAsk(random);
      const matched = WORLD.filter((topic) => isMatch(filter, topic));
      const reach = rights.reach(filter);
      const isAll = matched.every((topic) => readable.has(topic));
      const isNone = !matched.some((topic) => readable.has(topic));
      if (matched.length === 0) continue;
      const wanted = isAll ? "all" : isNone ? "none" : "some";
      if (reach === wanted) exact++;
      else if (reach === "some") vague++;
      else assertEquals(reach, wanted, JSON.stringify([who, filter, policy]));
    }
  });
  assertLess(vague, exact / 20, "too often in doubt");
});

test("1,000 rules and 10,000 clients share what is compiled", () => {
  const list = Array.from({ length: 1000 }, (_, at): AccessRule => ({
    allow: true,
    actions: "read",
    filter: at % 2 === 0 ? `site/${at}/%c/#` : `site/${at}/+/#`,
  }));
  const rules = new AccessRules({ ...NOBODY, everyone: [list] });
  const startMs = performance.now();
  for (let client = 0; client < 10_000; client++) {
    const who = { clientId: `c${client}`, userName: `u${client}` };
    const rights = rules.rightsOf(who);
    assert(rights.mayRead(`site/998/c${client}/x`));
    assert(!rights.mayRead("site/998/c/x"));
  }
  // Not a measurement: a compilation for each takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

test("a filter that meets thousands of rules is told apart in steps", () => {
  const many = Array.from({ length: 5000 }, (_, at) => `read x/${at}/#`);
  const rights = rightsOf([...many, "deny read x/7/b"]);
  const filters = ["#", "x/7/a", "x/7/+", "x/7/b", "x/+/a", "y/#", "x/a"];
  assertEquals(
    filters.map((filter) => rights.reach(filter)),
    ["some", "all", "some", "none", "some", "none", "none"],
  );
  assertEquals(rightsOf([...many, "read #"]).reach("#"), "all");
  const all = rightsOf([...many, "read #", "deny read #"]);
  assertEquals([all.reach("#"), all.reach("x/+/a")], ["none", "none"]);
});

test("a filter that is long is not compared with all of many rules", () => {
  const some = Array.from({ length: 100 }, (_, at) => `read x/${at}/#`);
  const rights = rightsOf([...some, "deny read x/#"]);
  const long = "+" + "/+".repeat(65_000);
  const startMs = performance.now();
  for (let asked = 0; asked < 100; asked++) {
    assertEquals(rights.reach(long), "some");
  }
  // Not a measurement: all comparisons take a hundred times as long.
  assertLess(performance.now() - startMs, 5000);
});

test("topics and filters of 65,535 levels are walked", () => {
  const deep = "/".repeat(65_534);
  const rights = rightsOf([
    `read ${"+/".repeat(65_534)}+`,
    "deny read +/%c/#",
    "write %c/#",
  ]);
  const startMs = performance.now();
  assertEquals(doneOn(rights, deep), "r");
  assertEquals(doneOn(rights, `phone${deep}`), "rw");
  assertEquals(doneOn(rights, `x/phone${deep}`), "");
  assertEquals(rights.reach(`phone${deep}`), "all");
  // Not a measurement: what is quadratic takes minutes.
  assertLess(performance.now() - startMs, 10_000);
});

test("a rule that is no filter is a fault of ours", () => {
  assertThrows(() => rightsOf(["read a#"]));
});
