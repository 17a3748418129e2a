/**
 * The description of the API held against the API: each operation that is
 * described answers as it is described, and there is no other.
 */

import { OPERATIONS } from "../../src/http/api_table.ts";
import { test } from "../support/both.ts";
import { faultsIn } from "../support/json_schema.ts";
import { assert, assertEquals } from "../support/std_assert.ts";
import { connect as connect5 } from "../support/wire5.ts";
import { publish } from "../support/wire.ts";
import { type ApiWorld, SECRET, withApi } from "./api_world.ts";

/** What is asked, for each operation, in an order that makes sense. */
const EXAMPLES: Readonly<
  Record<keyof typeof OPERATIONS, readonly [path: string, body?: unknown]>
> = {
  login: ["/login", { secret: SECRET }],
  getDescription: ["/openapi.json"],
  getStatus: ["/status"],
  getMetrics: ["/metrics"],
  listListeners: ["/listeners"],
  getConfig: ["/config"],
  reload: ["/reload"],
  startTrace: ["/traces", { clientId: "ada", seconds: 5 }],
  listTraces: ["/traces"],
  stopTrace: ["/traces/t1"],
  listLogs: ["/logs?after=0"],
  listClients: ["/clients?limit=10&sort=-queued&filter=a"],
  getClient: ["/clients/ada"],
  listSessions: ["/sessions"],
  getSession: ["/sessions/away"],
  getQueue: ["/sessions/away/queue"],
  listSubscriptions: ["/subscriptions?clientId=ada"],
  publish: ["/publish", {
    topic: "a/b",
    payload: "x",
    qos: 1,
    retain: true,
    properties: { contentType: "text/plain", userProperties: [["a", "b"]] },
  }],
  setRetained: ["/retained/c%2Fd", { payloadBase64: "/w==", qos: 2 }],
  listTopics: ["/topics"],
  listRetained: ["/retained?filter=%23"],
  getRetained: ["/retained/a%2Fb"],
  forgetRetained: ["/retained/a%2Fb"],
  deleteRetained: ["/retained?filter=%23"],
  disconnectClient: ["/clients/bob"],
  banClient: ["/clients/eve/ban", { seconds: 60 }],
  listBans: ["/bans"],
  liftBan: ["/bans/eve"],
  deleteSession: ["/sessions/away"],
  addUser: ["/users", { userName: "ada", password: "pencil" }],
  listUsers: ["/users"],
  changeUser: ["/users/ada", { password: "paper" }],
  deleteUser: ["/users/ada"],
  getAcl: ["/acl"],
  setAcl: ["/acl", { text: "user bob\ntopic read b/#\n" }],
  listAclRules: ["/acl/rules"],
  addAclRule: ["/acl/rules", {
    kind: "user",
    userName: "bob",
    access: "write",
    topic: "c/#",
  }],
  changeAclRule: ["/acl/rules/2", {
    kind: "user",
    userName: "bob",
    access: "deny",
    topic: "b/#",
  }],
  deleteAclRule: ["/acl/rules/2"],
  live: ["/live"],
};

/** Clients with something of everything. */
function populate(world: ApiWorld): void {
  const ada = world.client(
    { clientId: "ada", userName: "ada", password: "x", keepAliveS: 60 },
    "a/#",
    "b",
  );
  ada.send(publish({ topic: "t/1", payload: "x", retain: true }));
  world.client({ clientId: "bob" }, "a/b");
  const five = world.broker.open();
  five.send(connect5({ clientId: "five" }));
  const away = world.client({ clientId: "away", cleanSession: false }, "q/#");
  away.drop();
  ada.send(publish({ topic: "q/1", payload: "waits", qos: 1, packetId: 9 }));
  const slow = world.client({ clientId: "slow", cleanSession: false }, "s");
  ada.send(publish({ topic: "s", payload: "goes", qos: 1, packetId: 10 }));
  assertEquals(slow.closed, false);
}

test("each operation answers as it is described", async () => {
  await withApi(async (world) => {
    populate(world);
    const { body: description } = await world.ask("GET", "/openapi.json");
    const { schemas } = description.components;
    for (const [name, [path, body]] of Object.entries(EXAMPLES)) {
      if (name === "live") continue;
      const { method, path: pattern } =
        OPERATIONS[name as keyof typeof OPERATIONS];
      const answer = await world.ask(method, path, body);
      const described =
        description.paths[`/api/v1${pattern}`][method.toLowerCase()];
      assertEquals(described.operationId, name);
      const success = Object.keys(described.responses)
        .find((status) => Number(status) < 300);
      const text = JSON.stringify(answer.body);
      assertEquals(`${answer.status}`, success, `${name}: ${text}`);
      const content = described.responses[success!].content;
      if (content === undefined) continue;
      const { schema } = content["application/json"];
      assertEquals(faultsIn(schema, answer.body, schemas), [], name);
    }
    assertEquals(world.faults, []);
  });
});

test("what is described is what there is", async () => {
  await withApi(async (world) => {
    const { body } = await world.ask("GET", "/openapi.json");
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((one) => `${one} ${path}`)
    );
    const served = Object.values(OPERATIONS).map(({ method, path }) =>
      `${method.toLowerCase()} /api/v1${path}`
    );
    assertEquals(described.sort(), served.sort());
    assertEquals(body.openapi, "3.1.0");
    assertEquals((await world.ask("GET", "/nothing")).status, 404);
    assertEquals((await world.ask("PUT", "/status")).status, 405);
  });
});

test("faults are described, too", async () => {
  await withApi(async (world) => {
    const { body: description } = await world.ask("GET", "/openapi.json");
    const { schemas } = description.components;
    const fault = schemas.Fault;
    for (const [name, [path, body]] of Object.entries(EXAMPLES)) {
      const { method, path: pattern } =
        OPERATIONS[name as keyof typeof OPERATIONS];
      // Nobody is there, and what is asked has an unknown word in it.
      const answer = await world.ask(
        method,
        `${path.split("?")[0]}?no=1`,
        body,
      );
      const { responses } =
        description.paths[`/api/v1${pattern}`][method.toLowerCase()];
      const text = `${name}: ${answer.status}`;
      assert(answer.status >= 400 && `${answer.status}` in responses, text);
      assertEquals(faultsIn(fault, answer.body, schemas), [], name);
    }
  });
});

test("schemas refer to schemas that there are", async () => {
  await withApi(async (world) => {
    const { body } = await world.ask("GET", "/openapi.json");
    const names = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)];
    for (const [, reference] of names) {
      const name = reference!.split("/").at(-1)!;
      assert(name in body.components.schemas, reference);
    }
  });
});
