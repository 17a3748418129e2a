/**
 * What the answers of a login server mean, each sent by a server, and what
 * becomes of a server with a certificate of a private authority. Runs under
 * Deno and Bun, as each has a `fetch` of its own.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import type { LoginAnswer } from "../../src/auth/authenticator.ts";
import { ALL_RIGHTS } from "../../src/topic/rights.ts";
import { CredentialFileError } from "../../src/credentials/file_error.ts";
import { readHttpAuthority } from "../../src/credentials/https_send.ts";
import { test } from "../support/both.ts";
import { assertEquals, assertRejects } from "../support/std_assert.ts";
import {
  LOCALHOST_CERT,
  LOCALHOST_KEY,
  TEST_CA,
} from "./localhost_certificate.ts";
import {
  ALLOWED,
  login,
  logins,
  LoginServer,
  type Reply,
  unavailable,
  withServer,
} from "./login_server.ts";

const NO_JSON = "answers with a body that is not application/json";
const UNSOUND = "answers with unsound JSON";
const NO_RESULT = 'answers without "result": allow, deny or ignore';
const NO_NAME = "answers with a name that can't be one";
const NO_DURATION = 'answers with a "valid_seconds" that is no duration';

/** The whole answer where it lets in, else its result or its fault. */
const REPLIES: Readonly<
  Record<string, readonly [Reply, Partial<LoginAnswer> | string]>
> = {
  "200 without a body": [{ type: "text/html" }, {}],
  "204": [{ status: 204 }, {}],
  "201 with allow": [{ status: 201, body: { result: "allow" } }, {}],
  "another name": [
    { body: { result: "allow", username: "Ada", client_id: "p1", x: [] } },
    { userName: "Ada", clientId: "p1" },
  ],
  "a time": [
    { body: { result: "allow", valid_seconds: 1.5 } },
    { validMs: 1500 },
  ],
  "nulls": [
    {
      body: {
        result: "allow",
        username: null,
        client_id: null,
        valid_seconds: null,
        rights: null,
      },
    },
    {},
  ],
  "rights": [
    { body: { result: "allow", rights: { publish: ["a"] } } },
    { rights: ALL_RIGHTS },
  ],
  "another type of JSON": [
    {
      type: "Application/problem+JSON; charset=utf-8",
      body: { result: "allow" },
    },
    {},
  ],
  "deny": [{ body: { result: "deny" } }, "not_authorized"],
  "ignore": [{ body: { result: "ignore" } }, "pass"],
  "401": [{ status: 401, body: "no" }, "bad_credentials"],
  "403": [{ status: 403 }, "not_authorized"],
  "403 that says allow": [
    { status: 403, body: { result: "allow" } },
    "not_authorized",
  ],
  "400": [{ status: 400 }, "answers with the status 400"],
  "404": [{ status: 404 }, "answers with the status 404"],
  "500 that says allow": [
    { status: 500, body: { result: "allow" } },
    "answers with the status 500",
  ],
  "301 to where it says allow": [
    { status: 301, headers: { location: "/allow" } },
    "answers with the status 301",
  ],
  "307 to another server": [
    { status: 307, headers: { location: "http://127.0.0.1:9/" } },
    "answers with the status 307",
  ],
  "a page": [{ type: "text/html", body: "<p>Welcome" }, NO_JSON],
  "a word": [{ type: "text/plain", body: "deny" }, NO_JSON],
  "a type like JSON's": [
    { type: "application/jsonp", body: { result: "allow" } },
    NO_JSON,
  ],
  "cut JSON": [{ body: '{"result":"allow"' }, UNSOUND],
  "a list": [{ body: '["allow"]' }, UNSOUND],
  "two results": [{ body: '{"result":"allow","result":"deny"}' }, UNSOUND],
  "no result": [{ body: {} }, NO_RESULT],
  "another result": [{ body: { result: "Allow" } }, NO_RESULT],
  "true": [{ body: { result: true } }, NO_RESULT],
  "an inherited result": [{ body: { result: "constructor" } }, NO_RESULT],
  "an empty name": [{ body: { result: "allow", username: "" } }, NO_NAME],
  "a number": [{ body: { result: "allow", username: 7 } }, NO_NAME],
  "a line": [{ body: { result: "allow", client_id: "a\n" } }, NO_NAME],
  "no time": [{ body: { result: "allow", valid_seconds: 0 } }, NO_DURATION],
  "a time ago": [{ body: { result: "allow", valid_seconds: -1 } }, NO_DURATION],
  "a text for a time": [
    { body: { result: "allow", valid_seconds: "60" } },
    NO_DURATION,
  ],
  "rights that deny": [
    { body: { result: "allow", rights: { deny: ["a"] } } },
    'answers with "rights" that has an unknown key',
  ],
  "rights with a bad filter": [
    { body: { result: "allow", rights: { publish: ["a#"] } } },
    'answers with "rights" that "publish" has # that is not a whole, last ' +
    "level",
  ],
  "a large body": [
    { body: { result: "allow", x: "x".repeat(65_536) } },
    "answers with more than 65536 bytes",
  ],
  "a body just small enough": [
    { body: { result: "allow", x: "x".repeat(65_000) } },
    {},
  ],
  "a body without an end": [
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        if (!response.destroyed) response.write("x".repeat(16_384), more);
      };
      more();
    },
    "answers with more than 65536 bytes",
  ],
  "a connection that ends": [
    (response) => response.socket!.destroy(),
    "closes the connection",
  ],
};

for (const [name, [reply, expected]] of Object.entries(REPLIES)) {
  const said = typeof expected === "string" ? expected : "let in";
  test(`the server answers with ${name}: ${said}`, async () => {
    await withServer(async (server) => {
      server.reply = reply;
      const authenticator = logins(server);
      const answer = await login(authenticator);
      const words = ["pass", "bad_credentials", "not_authorized"];
      if (typeof expected !== "string") {
        assertEquals(answer, { ...ALLOWED, ...expected });
      } else if (words.includes(expected)) {
        assertEquals(answer, { result: expected } as LoginAnswer);
      } else assertEquals(answer, unavailable(expected));
      assertEquals(server.questions.length, 1, "a redirect was followed");
      const isFault = answer.result === "unavailable";
      assertEquals(authenticator.faults, isFault ? 1 : 0);
    });
  });
}

test("a private authority is trusted, for its names only", async () => {
  const folder = await mkdtemp(`${tmpdir()}/ca-`);
  const tls = createTlsServer({ cert: LOCALHOST_CERT, key: LOCALHOST_KEY });
  const server = await LoginServer.start(tls, "https");
  try {
    const path = `${folder}/ca.pem`;
    await writeFile(path, TEST_CA);
    const send = await readHttpAuthority(path);
    const url = server.url("/login?x=1", "localhost");
    server.reply = { body: { result: "allow", username: "Ada" } };
    const answer = await login(logins(server, { url, send }), {
      userName: "ü",
    });
    assertEquals(answer, { ...ALLOWED, userName: "Ada" });
    assertEquals(server.last.url, "/login?x=1");
    assertEquals(JSON.parse(server.last.body).username, "ü");
    server.reply = { status: 302, headers: { location: "/allow" } };
    const moved = await login(logins(server, { url, send }));
    assertEquals(moved, unavailable("answers with the status 302"));
    server.reply = { body: "x".repeat(70_000) };
    const large = await login(logins(server, { url, send }));
    const why = "answers with more than 65536 bytes";
    assertEquals(large, unavailable(why));
    server.reply = () => {};
    const slow = await login(logins(server, { url, send, timeoutMs: 100 }));
    assertEquals(slow, unavailable("has not answered within 100 ms"));
    server.reply = { status: 204 };
    const before = server.questions.length;
    const unsound = unavailable("has an unsound certificate");
    assertEquals(await login(logins(server, { send })), unsound);
    // To those who are not told of it, it is a stranger.
    const stranger = await login(logins(server, { url }));
    assertEquals(stranger.result, "unavailable");
    assertEquals(server.questions.length, before);
    await writeFile(path, "x");
    await assertRejects(() => readHttpAuthority(path), CredentialFileError);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
