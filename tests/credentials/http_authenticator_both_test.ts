/**
 * Logins by asking a server: what it is asked, what is remembered, and what
 * becomes of a login when it gives no answer. What its answers mean is in
 * `http_answer_both_test.ts`. Runs under Deno and Bun, as
 * each has a `fetch` of its own.
 */

import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { LoginRequest } from "../../src/auth/authenticator.ts";
import type { Identity } from "../../src/auth/authorizer.ts";
import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import type { LogFields } from "../../src/base/logger.ts";
import type { GrantedRule } from "../../src/credentials/granted_rules.ts";
import { HttpAuthenticator } from "../../src/credentials/http_authenticator.ts";
import { test } from "../support/both.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "../support/std_assert.ts";
import {
  ALLOWED,
  login,
  logins,
  type Reply,
  unavailable,
  withServer,
} from "./login_server.ts";

test("a server is asked about all that is known of a client", async () => {
  await withServer(async (server) => {
    const headers = { authorization: "Bearer xyz", accept: "text/json" };
    const changes = {
      address: "[2001:db8::7]:50000",
      certificate: { commonName: "ada's phone", subject: undefined },
    };
    const answer = await login(logins(server, { headers }), changes);
    assertEquals(answer, ALLOWED);
    const { method, url, headers: sent, body } = server.last;
    assertEquals([method, url], ["POST", "/login"]);
    assertEquals(JSON.parse(body), {
      client_id: "phone",
      username: "ada",
      password: "pencil",
      address: "2001:db8::7",
      common_name: "ada's phone",
    });
    assertEquals(sent["content-type"], "application/json");
    assertEquals(sent["accept-encoding"], "identity");
    assertEquals(sent["authorization"], "Bearer xyz");
    assertEquals(sent["accept"], "text/json");
  });
});

test("a name that the server was not asked about is none", async () => {
  await withServer(async (server) => {
    const template = '{"token":"%p"}';
    const identities: Identity[] = [];
    const options = {
      template,
      cacheMs: 0,
      compileRules: (_: unknown, identity: Identity) => {
        identities.push(identity);
        return ALL_RIGHTS;
      },
    };
    const asked = logins(server, options);
    // Whoever has a token could call itself so.
    const root = { userName: "root" };
    assertEquals(await login(asked, root), { ...ALLOWED, userName: "" });
    const body = { result: "allow", rights: { publish: ["%u"] } };
    server.reply = { body };
    assertEquals((await login(asked, root)).userName, "");
    server.reply = { body: { ...body, username: "ada" } };
    assertEquals((await login(asked, root)).userName, "ada");
    assertEquals(identities.map(({ userName }) => userName), ["", "ada"]);
  });
});

test("no name is more than the text it stands in", async () => {
  await withServer(async (server) => {
    const template = '{"a":"%u","b":["<%c|%p>",{"d%u":"%a"}],"n":1,"e":"%n"}';
    const changes = {
      userName: '","admin":true,"x":"%p',
      clientId: 'é\\"\u2028',
      password: new TextEncoder().encode('"}\n\u{1f511}%u'),
    };
    await login(logins(server, { template, method: "PUT" }), changes);
    assertEquals(server.last.method, "PUT");
    assertEquals(JSON.parse(server.last.body), {
      a: '","admin":true,"x":"%p',
      b: ['<é\\"\u2028|"}\n\u{1f511}%u>', { "d%u": "192.0.2.7" }],
      n: 1,
      e: null,
    });
  });
});

test("what a client has not sent is null, or nothing in a text", async () => {
  await withServer(async (server) => {
    const template = '["%u","%p","<%u%p>","%%","100%%"]';
    const changes = { userName: undefined, password: undefined };
    await login(logins(server, { template }), changes);
    assertEquals(server.last.body, '[null,null,"<>","%","100%"]');
  });
});

test("GET asks in the address", async () => {
  await withServer(async (server) => {
    const authenticator = logins(server, {
      url: server.url("/login?key=1"),
      method: "GET",
      template: '{"id":"%c","name":"%u","cn":"%n","v":5}',
    });
    await login(authenticator, { userName: "a&b=ü#" });
    const { method, url, body, headers } = server.last;
    assertEquals([method, body], ["GET", ""]);
    assertEquals(url, "/login?key=1&id=phone&name=a%26b%3D%C3%BC%23&v=5");
    assertEquals(headers["content-type"], undefined);
    await login(logins(server, { method: "GET", template: "{}" }));
    assertEquals(server.last.url, "/login");
  });
});

test("a password that is no text is not asked about", async () => {
  await withServer(async (server) => {
    const password = Uint8Array.of(0x61, 0xff);
    const refused = await login(logins(server), { password });
    assertEquals(refused, {
      result: "bad_credentials",
      detail: "a password that is no text, and can't be asked about",
    });
    assertEquals(server.questions.length, 0);
    // Where it is not asked for, it does not matter.
    const template = '{"name":"%u"}';
    const answer = await login(logins(server, { template }), { password });
    assertEquals(answer.result, "allow");
  });
});

test("rights are made for whom the server names", async () => {
  await withServer(async (server) => {
    const asked: [readonly GrantedRule[], Identity][] = [];
    const compileRules = (rules: readonly GrantedRule[], who: Identity) => {
      asked.push([rules, who]);
      return ALL_RIGHTS;
    };
    const rights = { subscribe: ["a/%c"] };
    server.reply = { body: { result: "allow", username: "Ada", rights } };
    const authenticator = logins(server, { compileRules });
    await login(authenticator);
    const rule = { allow: true, actions: "read", filter: "a/%c" } as const;
    const who = { clientId: "phone", userName: "Ada" };
    assertEquals(asked, [[[rule], who]]);
    await login(authenticator);
    assertEquals(asked, [[[rule], who], [[rule], who]], "made from the cache");
    assertEquals(server.questions.length, 1);
  });
});

test("rights that can't be made keep the client out", async () => {
  await withServer(async (server) => {
    server.reply = { body: { result: "allow", rights: {} } };
    const compileRules = () => {
      throw new Error("pencil");
    };
    const authenticator = logins(server, { compileRules });
    for (let time = 0; time < 2; time++) {
      assertEquals(await login(authenticator), unavailable("can't be asked"));
    }
  });
});

test("a yes is remembered for a time, and a no is not", async () => {
  await withServer(async (server) => {
    let now = 0;
    const authenticator = logins(server, {
      cacheMs: 1000,
      nowMs: () => now,
      template: '["%u","%p"]',
    });
    const asked = async (changes: Partial<LoginRequest>): Promise<boolean> => {
      const before = server.questions.length;
      await login(authenticator, changes);
      return server.questions.length > before;
    };
    assert(await asked({}));
    now = 999;
    assertFalse(await asked({ clientId: "other", address: "192.0.2.8:1" }));
    assert(await asked({ password: new TextEncoder().encode("Pencil") }));
    assert(await asked({ userName: "bob" }));
    assert(await asked({ userName: 'ada","pencil' }));
    now = 1000;
    assert(await asked({}));
    assertFalse(await asked({}));
    authenticator.clearCache();
    assert(await asked({}));
    for (const reply of [{ status: 401 }, { status: 500 }, { status: 403 }]) {
      server.reply = reply;
      authenticator.clearCache();
      assert(await asked({}));
      assert(await asked({}));
    }
  });
});

test("what is remembered gets no younger, and makes room", async () => {
  await withServer(async (server) => {
    let now = 0;
    const authenticator = logins(server, {
      cacheEntriesMax: 2,
      nowMs: () => now,
    });
    server.reply = { body: { result: "allow", valid_seconds: 2 } };
    assertEquals((await login(authenticator)).validMs, 2000);
    now = 1500;
    assertEquals((await login(authenticator)).validMs, 500);
    assertEquals(server.questions.length, 1);
    now = 2000;
    assertEquals((await login(authenticator)).validMs, 2000);
    assertEquals(server.questions.length, 2);
    await login(authenticator, { userName: "bob" });
    await login(authenticator, { userName: "eve" });
    assertEquals(server.questions.length, 4);
    await login(authenticator, { userName: "bob" });
    assertEquals(server.questions.length, 4);
    await login(authenticator);
    assertEquals(server.questions.length, 5, "the oldest has gone");
  });
});

test("nothing is remembered where that is switched off", async () => {
  await withServer(async (server) => {
    const authenticator = logins(server, { cacheMs: 0 });
    await login(authenticator);
    await login(authenticator);
    assertEquals(server.questions.length, 2);
  });
});

test("a server that is silent or slow is not waited for for ever", async () => {
  const slow: Reply = (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"result":"allow"');
  };
  for (const reply of [() => {}, slow]) {
    await withServer(async (server) => {
      server.reply = reply;
      const answer = await login(logins(server, { timeoutMs: 100 }));
      const why = "has not answered within 100 ms";
      assertEquals(answer, unavailable(why));
    });
  }
});

test("so many questions at a time, so many wait, others don't", async () => {
  await withServer(async (server) => {
    const held: (() => void)[] = [];
    server.reply = (response) => held.push(() => response.end());
    const options = { activeMax: 2, waitingMax: 3, cacheMs: 0 };
    const authenticator = logins(server, options);
    const flood = ["a", "b", "c", "d", "e", "f"];
    const others = ["g", "h"].map((userName) =>
      ({ userName, address: "192.0.2.8:50000" }) as const
    );
    const clients = [...flood.map((userName) => ({ userName })), ...others];
    const answers = Promise.all(
      clients.map((changes) => login(authenticator, changes)),
    );
    let released = 0;
    while (released < 5) {
      const release = held[released];
      if (release === undefined) await delay(1);
      else {
        release();
        released++;
      }
    }
    const results = (await answers).map(({ result }) => result === "allow");
    assertEquals(results.slice(0, 6).filter(Boolean).length, 4);
    assertEquals(results.slice(6).filter(Boolean).length, 1);
    assertEquals(authenticator.faults, 3);
    assertEquals(server.busyMost, 2);
  });
});

test("who has waited too long is not asked about", async () => {
  await withServer(async (server) => {
    let now = 0;
    let release = () => {};
    server.reply = (response) => release = () => response.end();
    const options = { activeMax: 1, cacheMs: 0, nowMs: () => now };
    const authenticator = logins(server, options);
    const first = login(authenticator, { userName: "a" });
    while (server.questions.length < 1) await delay(1);
    const second = login(authenticator, { userName: "b" });
    await delay(0);
    now = 3000;
    release();
    assertEquals((await first).result, "allow");
    const why = "has had no time for a question";
    assertEquals(await second, unavailable(why));
    assertEquals(server.questions.length, 1);
  });
});

test("a server that is not there is told of now and then", async () => {
  const port = await freePort();
  const lines: [string, string, LogFields][] = [];
  let now = 0;
  const authenticator = new HttpAuthenticator({
    url: `http://127.0.0.1:${port}/SECRET?token=SECRET`,
    method: "GET",
    headers: { authorization: "SECRET" },
    compileRules: () => ALL_RIGHTS,
    nowMs: () => now,
    logger: {
      enabled: () => true,
      log: (level, event, message, fields) => {
        assertEquals([level, event], ["warn", "login_server_fault"]);
        lines.push([event, message, fields]);
      },
    },
  });
  const password = new TextEncoder().encode("SECRET");
  const answer = await login(authenticator, { password });
  assertEquals(answer.result, "unavailable");
  assertStringIncludes(answer.detail!, "the login server ");
  await login(authenticator);
  await login(authenticator);
  now = 10_000;
  await login(authenticator);
  const server = `127.0.0.1:${port}`;
  const fields = lines.map(([, , each]) => each);
  assertEquals(fields, [{ server, faults: 1 }, { server, faults: 3 }]);
  assertEquals(authenticator.faults, 4);
  assertFalse(JSON.stringify([lines, answer]).includes("SECRET"));
});

/** Of a server that has gone. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}
