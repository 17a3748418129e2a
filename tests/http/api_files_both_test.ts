/**
 * Users and access rules by the API: what is written to the files, what of
 * them stays, and that a change counts at once.
 */

import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { rulesIn, withoutRule, withRule } from "../../src/http/rule_lines.ts";
import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { type ApiWorld, withApi } from "./api_world.ts";

const usersOf = (world: ApiWorld) => readFile(`${world.folder}/users`, "utf8");
const aclOf = (world: ApiWorld) => readFile(`${world.folder}/acl`, "utf8");

test("users come, change and go, and comments stay", async () => {
  await withApi(async (world) => {
    await chmod(`${world.folder}/users`, 0o644);
    const user = { userName: "ada", password: "pencil" };
    const added = await world.ask("POST", "/users", user);
    assertEquals([added.status, added.body], [
      201,
      { userName: "ada", method: "pbkdf2" },
    ]);
    const text = await usersOf(world);
    assert(text.startsWith("# who may come\nada:$7$"));
    assert(!text.includes("pencil"));
    assertEquals((await stat(`${world.folder}/users`)).mode & 0o777, 0o600);
    assertEquals((await world.ask("POST", "/users", user)).status, 409);
    const change = { password: "paper" };
    const changed = await world.ask("PUT", "/users/ada", change);
    assertEquals(changed.status, 200);
    assert(await usersOf(world) !== text);
    assertEquals((await world.ask("PUT", "/users/bob", change)).status, 404);
    assertEquals((await world.ask("DELETE", "/users/ada")).status, 204);
    assertEquals((await world.ask("DELETE", "/users/ada")).status, 404);
    assertEquals(await usersOf(world), "# who may come\n");
    assertEquals(world.reloads, 3);
  });
});

test("names and passwords that the file can't hold are refused", async () => {
  await withApi(async (world) => {
    const names = ["a:b", "#a", " a", "a\n", "", "a\0", "x".repeat(300)];
    for (const userName of names) {
      const { status } = await world.ask("POST", "/users", {
        userName,
        password: "x",
      });
      assertEquals(status, 400, JSON.stringify(userName));
    }
    for (const password of ["", "a\nb", "\0", "x".repeat(2000)]) {
      const { status } = await world.ask("POST", "/users", {
        userName: "ada",
        password,
      });
      assertEquals(status, 400, JSON.stringify(password));
    }
    assertEquals(await usersOf(world), "# who may come\n");
  });
});

test("changes at the same time are all kept", async () => {
  await withApi(async (world) => {
    const names = [...Array(8).keys()].map((i) => `user${i}`);
    await Promise.all(
      names.map((userName) =>
        world.ask("POST", "/users", { userName, password: "x" })
      ),
    );
    const { body } = await world.ask("GET", "/users");
    const found = body.items.map(({ userName }: { userName: string }) =>
      userName
    );
    assertEquals(found.sort(), names);
  });
});

test("what does not count yet is told", async () => {
  await withApi(async (world) => {
    world.reloadFault = "acl: line 1: no";
    const user = { userName: "ada", password: "x" };
    const { body, status } = await world.ask("POST", "/users", user);
    assertEquals(status, 409);
    assert(body.error.message.includes("acl: line 1: no"));
    const reload = await world.ask("POST", "/reload");
    assertEquals([reload.status, reload.body.error.code], [
      409,
      "reload_failed",
    ]);
  });
});

test("the rules are written whole, unless they are bad or stale", async () => {
  await withApi(async (world) => {
    const { body } = await world.ask("GET", "/acl");
    assertEquals([body.form, body.text], [
      "mosquitto",
      "# what they may\nuser ada\ntopic a/#\n",
    ]);
    const text = "pattern read %c/#\n";
    const good = { text, version: body.version };
    assertEquals((await world.ask("PUT", "/acl", good)).status, 200);
    assertEquals(await aclOf(world), text);
    const stale = await world.ask("PUT", "/acl", good);
    assertEquals([stale.status, stale.body.error.code], [409, "stale"]);
    const bad = await world.ask("PUT", "/acl", { text: "topic a/#/b\n" });
    assertEquals([bad.status, bad.body.error.code], [400, "invalid"]);
    assertEquals(await aclOf(world), text);
    assertEquals(world.reloads, 1);
  });
});

test("rules come and go one by one, and other lines stay", async () => {
  await withApi(async (world) => {
    const add = (kind: string, userName: string | null, topic: string) =>
      world.ask("POST", "/acl/rules", {
        kind,
        userName,
        access: "read",
        topic,
      });
    assertEquals((await add("user", "ada", "b/#")).body.id, "4");
    assertEquals((await add("user", "bob", "c")).status, 201);
    assertEquals((await add("anonymous", null, "d")).status, 201);
    assertEquals((await add("pattern", null, "%u/#")).status, 201);
    assertEquals(
      await aclOf(world),
      "topic read d\n# what they may\nuser ada\ntopic a/#\ntopic read b/#\n" +
        "\nuser bob\ntopic read c\npattern read %u/#\n",
    );
    const { body } = await world.ask("GET", "/acl/rules");
    assertEquals(body.items.length, 5);
    const remove = async (id: string, version: string) => {
      const path = `/acl/rules/${id}?version=${version}`;
      return (await world.ask("DELETE", path)).status;
    };
    const { id: last } = body.items.at(-1);
    assertEquals(await remove(last, body.version), 204);
    assertEquals(await remove("1", body.version), 409);
    for (const { id, userName } of body.items.slice(1, 2)) {
      const rule = { kind: "user", userName, access: "deny", topic: "z z" };
      const put = await world.ask("PUT", `/acl/rules/${id}`, rule);
      assertEquals(put.status, 200);
      const other = { ...rule, userName: "eve" };
      const refused = await world.ask("PUT", `/acl/rules/${id}`, other);
      assertEquals(refused.status, 400);
    }
    assert((await aclOf(world)).includes("user ada\ntopic deny z z\n"));
    assertEquals((await world.ask("DELETE", "/acl/rules/1")).status, 204);
    assertEquals((await world.ask("DELETE", "/acl/rules/1")).status, 404);
  });
});

test("a rule can't bring other lines with it", async () => {
  await withApi(async (world) => {
    const before = await aclOf(world);
    const bad = [
      { kind: "user", userName: "a\nuser b", topic: "x" },
      { kind: "anonymous", topic: "x\ntopic #" },
      { kind: "pattern", topic: " x" },
      { kind: "user", topic: "x" },
      { kind: "anonymous", userName: "ada", topic: "x" },
      { kind: "pattern", topic: "a#" },
      { kind: "pattern", topic: "a", access: "deny-read" },
      { kind: "pattern", topic: "a", access: null },
      { kind: "pattern", topic: null },
      { kind: "everyone", topic: "a" },
      { kind: "role", role: "admin", topic: "a" },
      { kind: "user", userName: "ada", role: "admin", topic: "a" },
    ];
    for (const rule of bad) {
      const body = { access: "read", ...rule };
      const { status } = await world.ask("POST", "/acl/rules", body);
      assertEquals(status, 400, JSON.stringify(rule));
    }
    assertEquals(await aclOf(world), before);
    await writeFile(`${world.folder}/acl`, '{"users":[]}');
    const json = await world.ask("GET", "/acl/rules");
    assertEquals([json.status, json.body.error?.code], [400, "invalid"]);
  });
});

test("rules keep the line ends of their file", () => {
  const text = "user ada\r\ntopic a\r\n";
  const said = { role: null, access: "read", topic: "b" } as const;
  const rule = { kind: "user", ...said } as const;
  const [one] = withRule(text, { ...rule, userName: "ada" });
  assertEquals(one, "user ada\r\ntopic a\r\ntopic read b\r\n");
  const [two] = withRule(text, { ...rule, userName: "bob" });
  assertEquals(two, `${text}\r\nuser bob\r\ntopic read b\r\n`);
  const [first] = withRule("", { ...rule, userName: "bob" });
  assertEquals(first, "user bob\ntopic read b\n");
  assertEquals(withoutRule(one, 2), "user ada\r\ntopic read b\r\n");
  assertEquals(rulesIn(two).map(({ userName }) => userName), ["ada", "bob"]);
});
