/**
 * Names that can't stand in a path, for whoever reads a URL takes them for
 * another one (RFC 3986, section 5.2.4): they stand in the query.
 */

import { test } from "../support/both.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { withApi } from "./api_world.ts";

const NAMES = [".", ".."];

test("no client finds what has such a name by a path", async () => {
  await withApi(async (world) => {
    for (const name of NAMES) {
      world.client({ clientId: name });
      for (const level of [name, name.replaceAll(".", "%2e")]) {
        const { body } = await world.ask("GET", `/clients/${level}`);
        assert(body.clientId === undefined, level);
      }
    }
  });
});

for (const name of NAMES) {
  /** A path, what is asked there, and the status of the answer. */
  const steps: readonly [string, string, number, unknown?][] = [
    ["GET", "/clients/-?clientId=", 200],
    ["GET", "/sessions/-?clientId=", 200],
    ["GET", "/sessions/-/queue?limit=5&clientId=", 200],
    ["DELETE", "/clients/-?clientId=", 204],
    ["GET", "/clients/-?clientId=", 404],
    ["DELETE", "/sessions/-?clientId=", 204],
    ["GET", "/sessions/-?clientId=", 404],
    ["POST", "/clients/-/ban?clientId=", 201, { seconds: 60 }],
    ["DELETE", "/bans/-?clientId=", 204],
    ["DELETE", "/bans/-?clientId=", 404],
    ["PUT", "/retained/-?topic=", 200, { payload: "x" }],
    ["GET", "/retained/-?topic=", 200],
    ["DELETE", "/retained/-?topic=", 204],
    ["GET", "/retained/-?topic=", 404],
    ["PUT", "/users/-?userName=", 200, { password: "paper" }],
    ["DELETE", "/users/-?userName=", 204],
    ["DELETE", "/users/-?userName=", 404],
  ];

  test(`all is done to what is named ${name} by the query`, async () => {
    await withApi(async (world) => {
      world.client({ clientId: name, cleanSession: false }, "a");
      const user = { userName: name, password: "pencil" };
      assertEquals((await world.ask("POST", "/users", user)).status, 201);
      for (const [method, path, status, body] of steps) {
        const answer = await world.ask(method, path + name, body);
        const text = JSON.stringify(answer.body);
        assertEquals(answer.status, status, `${method} ${path}: ${text}`);
        const [, key = ""] = /(\w+)=$/.exec(path)!;
        if (status < 300) assertEquals(answer.body[key] ?? name, name, path);
      }
      assertEquals(world.faults, []);
    });
  });
}

test("a name stands in the path or in the query", async () => {
  await withApi(async (world) => {
    for (const clientId of ["-", "ada", "eve"]) world.client({ clientId });
    const found = async (path: string) => {
      const { body, status } = await world.ask("GET", path);
      return status === 200 ? body.clientId : status;
    };
    assertEquals(await found("/clients/-"), "-");
    assertEquals(await found("/clients/-?clientId=-"), "-");
    assertEquals(await found("/clients/-?clientId=ada"), "ada");
    assertEquals(await found("/clients/eve?clientId=ada"), 400);
    assertEquals(await found("/clients/ada?clientId=ada"), 400);
    assertEquals(await found("/clients/-?clientId="), 400);
    assertEquals(await found("/clients/-?topic=ada"), 400);
  });
});

test("each name in a path is described in the query, too", async () => {
  await withApi(async (world) => {
    const { body } = await world.ask("GET", "/openapi.json");
    let names = 0;
    for (const methods of Object.values<object>(body.paths)) {
      for (const { parameters = [] } of Object.values(methods)) {
        const placed = (place: string): string[] =>
          parameters
            .filter((one: { in: string }) => one.in === place)
            .map((one: { name: string }) => one.name);
        for (const name of placed("path")) {
          assert(placed("query").includes(name), name);
          names++;
        }
      }
    }
    assert(names > 10);
  });
});
