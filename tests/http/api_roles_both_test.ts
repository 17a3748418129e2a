/**
 * Access rules by the API where the file of them is JSON: roles, what is in
 * them, and who has them.
 */

import { readFile, writeFile } from "node:fs/promises";
import { parseAclFile } from "../../src/credentials/acl_file.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { type Answer, type ApiWorld, withApi } from "./api_world.ts";

const FILE = {
  roles: {
    sensor: [{ allow: "write", topic: "sensors/%c/#" }],
    admin: [
      { allow: "readwrite", topic: "#" },
      { deny: "write", topic: "audit/#" },
    ],
  },
  users: { ada: ["admin"], eve: ["sensor", { deny: "readwrite", topic: "x" }] },
  everyone: [{ allow: "read", topic: "news/#" }],
};

/** The file with other members. */
type Changes = Readonly<Record<string, unknown>>;

/** A file of JSON, and what there is to do with it. */
class Rules {
  readonly #world: ApiWorld;

  constructor(world: ApiWorld) {
    this.#world = world;
  }

  get #path(): string {
    return `${this.#world.folder}/acl`;
  }

  async set(text: string): Promise<void> {
    await writeFile(this.#path, text);
  }

  /** Those of the API, each in a word. */
  async words(): Promise<string[]> {
    const { body } = await this.#world.ask("GET", "/acl/rules");
    return body.items.map(inWords);
  }

  add(rule: Changes): Promise<Answer> {
    return this.#world.ask("POST", "/acl/rules", rule);
  }

  change(id: number, rule: Changes): Promise<Answer> {
    return this.#world.ask("PUT", `/acl/rules/${id}`, rule);
  }

  async remove(id: number): Promise<number> {
    return (await this.#world.ask("DELETE", `/acl/rules/${id}`)).status;
  }

  /** Sees that this is what the file says, and that it can be read. */
  async assertIs(expected: unknown): Promise<void> {
    const text = await readFile(this.#path, "utf8");
    assertEquals(JSON.parse(text), expected);
    parseAclFile({ text, path: this.#path });
  }
}

function inWords(rule: Record<string, string | null>): string {
  const { access, id, kind, role, topic, userName } = rule;
  const words = [id, kind, userName, role, access, topic];
  return words.filter((word) => word !== null).join(" ");
}

async function withRules(run: (rules: Rules) => Promise<void>): Promise<void> {
  await withApi(async (world) => {
    const rules = new Rules(world);
    await rules.set(JSON.stringify(FILE));
    await run(rules);
    assertEquals(world.faults, []);
  });
}

test("what is in a file of JSON is listed", async () => {
  await withRules(async (rules) => {
    assertEquals(await rules.words(), [
      "1 role sensor write sensors/%c/#",
      "2 role admin readwrite #",
      "3 role admin deny-write audit/#",
      "4 user ada admin",
      "5 user eve sensor",
      "6 user eve deny x",
      "7 everyone read news/#",
    ]);
    await rules.set("{}");
    assertEquals(await rules.words(), []);
  });
});

test("roles are given, changed and taken", async () => {
  await withRules(async (rules) => {
    const bob = { kind: "user", userName: "bob", role: "sensor" };
    const { body, status } = await rules.add(bob);
    assertEquals([status, body.id], [201, "7"]);
    assertEquals([body.access, body.topic], [null, null]);
    const users = { ...FILE.users, bob: ["sensor"] };
    await rules.assertIs({ ...FILE, users });
    const admin = { ...bob, role: "admin" };
    assertEquals((await rules.change(7, admin)).body.role, "admin");
    await rules.assertIs({ ...FILE, users: { ...users, bob: ["admin"] } });
    assertEquals(await rules.remove(7), 204);
    await rules.assertIs(FILE);
    const all = { kind: "anonymous", role: "sensor" };
    assertEquals((await rules.add(all)).body.id, "8");
    await rules.assertIs({ ...FILE, anonymous: ["sensor"] });
    assertEquals(await rules.remove(8), 204);
    await rules.assertIs({ ...FILE, anonymous: [] });
  });
});

test("a role begins with its first rule", async () => {
  await withRules(async (rules) => {
    const rule = { kind: "role", role: "guest", access: "read", topic: "a" };
    assertEquals((await rules.add(rule)).body.id, "4");
    const denial = { ...rule, access: "deny-read" };
    assertEquals((await rules.add(denial)).body.id, "5");
    await rules.change(4, { ...rule, access: "deny", topic: "b" });
    const guest = [
      { deny: "readwrite", topic: "b" },
      { deny: "read", topic: "a" },
    ];
    const roles = { ...FILE.roles, guest };
    await rules.assertIs({ ...FILE, roles });
    assertEquals([await rules.remove(4), await rules.remove(4)], [204, 204]);
    await rules.assertIs(FILE);
    // One that somebody has stays, for else the file would name what is not.
    assertEquals(await rules.remove(1), 204);
    await rules.assertIs({ ...FILE, roles: { ...FILE.roles, sensor: [] } });
  });
});

test("what can't stand there changes nothing", async () => {
  await withRules(async (rules) => {
    const rule = { access: "read", topic: "a" };
    const bad: readonly Changes[] = [
      { kind: "pattern", ...rule },
      { kind: "user", ...rule },
      { kind: "everyone", userName: "ada", ...rule },
      { kind: "role", ...rule },
      { kind: "role", role: "sensor" },
      { kind: "user", userName: "ada", role: "admin", ...rule },
      { kind: "user", userName: "ada", access: "read" },
      { kind: "user", userName: "ada", topic: "a" },
      { kind: "user", userName: "ada" },
      { kind: "user", userName: "ada", role: "admn" },
      { kind: "user", userName: "", role: "admin" },
      { kind: "everyone", access: "read", topic: "a/#/b" },
      { kind: "everyone", access: "denyread", topic: "a" },
    ];
    for (const one of bad) {
      const { body, status } = await rules.add(one);
      assertEquals([status, typeof body.error.message], [400, "string"]);
    }
    const { body } = await rules.add(bad[9]!);
    assert(body.error.message.includes('"admin"'), body.error.message);
    const other = { kind: "user", userName: "bob", role: "admin" };
    assertEquals((await rules.change(4, other)).status, 400);
    const ofOther = { kind: "role", role: "admin", ...rule };
    assertEquals((await rules.change(1, ofOther)).status, 400);
    assertEquals([await rules.remove(0), await rules.remove(8)], [404, 404]);
    await rules.assertIs(FILE);
  });
});

test("a name is a name, whatever objects have of their own", async () => {
  await withRules(async (rules) => {
    for (const name of ["__proto__", "constructor", "2", ".."]) {
      await rules.set("{}");
      const rule = { kind: "role", role: name, access: "read", topic: "a" };
      assertEquals((await rules.add(rule)).status, 201, name);
      const user = { kind: "user", userName: name, role: name };
      assertEquals((await rules.add(user)).status, 201, name);
      assertEquals((await rules.add(user)).status, 201, name);
      assertEquals(await rules.words(), [
        `1 role ${name} read a`,
        `2 user ${name} ${name}`,
        `3 user ${name} ${name}`,
      ]);
      for (const id of [3, 2, 1]) assertEquals(await rules.remove(id), 204);
      await rules.assertIs({ roles: {}, users: {} });
    }
  });
});

test("a file that is not as it should be is not changed", async () => {
  await withRules(async (rules) => {
    const text = '{\n"users": { "ada": ["none"] }\n}';
    await rules.set(text);
    const { body, status } = await rules.add({
      kind: "everyone",
      access: "read",
      topic: "a",
    });
    assertEquals([status, body.error.code], [400, "invalid"]);
    assert(body.error.message.includes("line 2"), body.error.message);
  });
});
