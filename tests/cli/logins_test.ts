/**
 * Who decides on logins for which settings, in which order, what becomes of
 * them when files change, and what an operator is told of them. And the same
 * from outside, on Deno and on Bun.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../../src/auth/authenticator.ts";
import type { AuthStep } from "../../src/auth/enhanced_authenticator.ts";
import { SILENT } from "../../src/base/logger.ts";
import { type Logins, loginsOf } from "../../src/cli/logins.ts";
import { defaultSettings, type LoginSettings } from "../../src/cli/settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { newSigner, requestWith, sign } from "../credentials/jwt_maker.ts";
import { withServer } from "../credentials/login_server.ts";
import { ScramClient } from "../credentials/scram_client.ts";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { connect } from "../support/wire.ts";
import { LoginFolder } from "./login_folder.ts";

const ANYONE = { userName: undefined, password: undefined };

function loginsFor(
  changed: Partial<LoginSettings>,
  allowAnonymous = false,
): Promise<Logins> {
  const logins = { ...defaultSettings().logins, ...changed };
  return loginsOf({ allowAnonymous, logins }, SILENT);
}

function ask(
  authenticator: Authenticator,
  request: LoginRequest,
): Promise<LoginAnswer> {
  return new Promise((done) => authenticator.authenticate(request, done));
}

/** What a client is told, and by which name it is let in. */
async function login(
  logins: Logins,
  changes: Partial<LoginRequest>,
  anonymous?: boolean,
): Promise<string> {
  const authenticator = logins.authenticator(anonymous);
  assert(authenticator !== undefined);
  const request = requestWith("pencil", changes);
  const { result, userName } = await ask(authenticator, request);
  return userName === undefined ? result : `${result} ${userName}`;
}

async function scramLogin(
  { enhanced }: Logins,
  name: string,
  password: string,
): Promise<AuthStep["result"]> {
  assertEquals(enhanced.map(({ method }) => method), ["SCRAM-SHA-256"]);
  const client = new ScramClient(name, password);
  const exchange = enhanced[0]!.begin({ clientId: "ann", address: "[::1]:1" });
  const say = (text: string) =>
    new Promise<AuthStep>((done) =>
      exchange.next(new TextEncoder().encode(text), done)
    );
  const step = await say(client.first());
  assert(step.result === "continue");
  const challenge = new TextDecoder().decode(step.data);
  assertMatch(challenge, /,i=5000$/);
  return (await say(client.final(challenge))).result;
}

Deno.test("where nobody has to log in nobody is asked", async () => {
  const logins = await loginsFor({}, true);
  assertEquals(logins.authenticator(undefined), undefined);
  assertEquals(logins.authenticator(true), undefined);
  assertEquals([logins.authorizer, logins.files, logins.warnings], [
    undefined,
    [],
    [],
  ]);
  assertEquals(await login(logins, ANYONE, false), "not_authorized");
  assertEquals(await login(logins, {}, false), "bad_credentials");
});

Deno.test("users of a file are let in by their password", async () => {
  await using folder = await LoginFolder.make();
  const logins = await loginsFor({ passwordFile: await folder.users(["ada"]) });
  assertEquals(await login(logins, {}), "allow");
  const pen = new TextEncoder().encode("pen");
  assertEquals(await login(logins, { password: pen }), "bad_credentials");
  assertEquals(await login(logins, { userName: "eve" }), "bad_credentials");
  assertEquals(await login(logins, ANYONE), "not_authorized");
});

Deno.test("whether a name is needed is up to each listener", async () => {
  await using folder = await LoginFolder.make();
  const passwordFile = await folder.users(["ada"]);
  for (const isAllowed of [false, true]) {
    const logins = await loginsFor({ passwordFile }, isAllowed);
    const usual = isAllowed ? "allow" : "not_authorized";
    assertEquals(await login(logins, ANYONE), usual);
    assertEquals(await login(logins, ANYONE, true), "allow");
    assertEquals(await login(logins, ANYONE, false), "not_authorized");
    for (const anonymous of [undefined, true, false]) {
      const eve = { userName: "eve" };
      assertEquals(await login(logins, {}, anonymous), "allow");
      assertEquals(await login(logins, eve, anonymous), "bad_credentials");
    }
  }
});

Deno.test("users of SCRAM are let in by their proof alone", async () => {
  await using folder = await LoginFolder.make();
  const scramFile = await folder.scramUsers("ada", "pencil");
  for (const isAllowed of [false, true]) {
    const logins = await loginsFor({ scramFile }, isAllowed);
    assertEquals(await login(logins, {}), "bad_credentials");
    assertEquals(await scramLogin(logins, "ada", "pencil"), "allow");
    assertEquals(await scramLogin(logins, "ada", "pen"), "bad_credentials");
    assertEquals(await scramLogin(logins, "eve", "pencil"), "bad_credentials");
  }
});

Deno.test("certificate, token, password, server: in this order", async () => {
  await using folder = await LoginFolder.make();
  const signer = await newSigner("ES256");
  const exp = Math.ceil(Date.now() / 1000) + 600;
  const token = await sign(signer, { sub: "by-token", exp });
  const jwtKey = await folder.write("key.pem", signer.pem);
  const passwordFile = await folder.users(["ada"]);
  await withServer(async (server) => {
    server.reply = { body: { result: "allow" } };
    const httpUrl = server.url();
    const asked = { certUser: "cn", jwtKey, passwordFile, httpUrl } as const;
    const logins = await loginsFor(asked, true);
    const certificate = { commonName: "by-cert", subject: "CN=by-cert" };
    const password = new TextEncoder().encode(token);
    const all = { certificate, password };
    assertEquals(await login(logins, all), "allow by-cert");
    const byToken = { userName: undefined, password };
    assertEquals(await login(logins, byToken), "allow by-token");
    assertEquals(await login(logins, {}), "allow");
    assertEquals(server.questions.length, 0);
    const wrong = new TextEncoder().encode("pen");
    assertEquals(await login(logins, { password: wrong }), "bad_credentials");
    assertEquals(server.questions.length, 0);
    assertEquals(await login(logins, { userName: "eve" }), "allow");
    assertEquals(server.questions.length, 1);
  });
});

Deno.test("files that are read again count together", async () => {
  await using folder = await LoginFolder.make();
  const passwordFile = await folder.users(["ada"]);
  const scramFile = await folder.scramUsers("ada", "pencil");
  const aclFile = await folder.write("acl", "user ada\ntopic read old\n");
  const logins = await loginsFor({ aclFile, passwordFile, scramFile });
  assertEquals(logins.files, [passwordFile, scramFile, aclFile]);
  const ada = { clientId: "pc", userName: "ada" };
  const state = async () => [
    await login(logins, {}),
    await login(logins, { userName: "bob" }),
    await scramLogin(logins, "ada", "pencil"),
    await scramLogin(logins, "ada", "pen"),
    logins.authorizer!.rightsOf(ada).mayRead("old"),
    logins.authorizer!.rightsOf(ada).mayRead("new"),
  ];
  const old = ["allow", "bad_credentials", "allow", "bad_credentials"];
  assertEquals(await state(), [...old, true, false]);

  // One bad file, and nothing of the good ones counts.
  await folder.users(["bob"]);
  await folder.scramUsers("ada", "pen");
  await folder.write("acl", "user ada\ntopic red new\n");
  const { message } = await assertRejects(() => logins.read(), UsageError);
  assert(message.startsWith(`--acl-file ${aclFile}: line 2: `), message);
  assertEquals(await state(), [...old, true, false]);

  await folder.write("acl", "user ada\ntopic read new\n");
  const use = await logins.read();
  assertEquals(await state(), [...old, true, false]);
  use();
  const fresh = ["bad_credentials", "allow", "bad_credentials", "allow"];
  assertEquals(await state(), [...fresh, false, true]);
});

Deno.test("keys of tokens and headers are read again too", async () => {
  await using folder = await LoginFolder.make();
  const [old, fresh] = [await newSigner("ES256"), await newSigner("ES256")];
  const jwtKey = await folder.write("key.pem", old.pem);
  await withServer(async (server) => {
    server.reply = { body: { result: "allow" } };
    const httpHeadersFile = await folder.write("headers", "x-key: old\n");
    const httpUrl = server.url();
    const logins = await loginsFor({ jwtKey, httpUrl, httpHeadersFile });
    assertEquals(logins.files, [jwtKey, httpHeadersFile]);
    await folder.write("key.pem", fresh.pem);
    await folder.write("headers", "x-key: new\n");
    (await logins.read())();
    const exp = Math.ceil(Date.now() / 1000) + 600;
    const tokenOf = async (signer: typeof old) =>
      new TextEncoder().encode(await sign(signer, { sub: "eve", exp }));
    const byToken = async (signer: typeof old) =>
      await login(logins, {
        userName: undefined,
        password: await tokenOf(signer),
      });
    assertEquals(await byToken(fresh), "allow eve");
    assertEquals(await byToken(old), "bad_credentials");
    assertEquals(await login(logins, {}), "allow");
    assertEquals(server.last.headers["x-key"], "new");
  });
});

Deno.test("who is not in the file any more may not stay", async () => {
  await using folder = await LoginFolder.make();
  const logins = await loginsFor({ passwordFile: await folder.users(["ada"]) });
  const authenticator = logins.authenticator(undefined)!;
  const { proof } = await ask(authenticator, requestWith("pencil"));
  assertEquals(authenticator.stillAdmits?.(proof), true);
  await folder.users(["bob"]);
  (await logins.read())();
  assertEquals(authenticator.stillAdmits?.(proof), false);
});

Deno.test("files that others can read are told of", async () => {
  await using folder = await LoginFolder.make();
  const passwordFile = await folder.users(["ada"]);
  const scramFile = await folder.scramUsers("ada", "pencil");
  const jwtKey = await folder.write("secret", "x".repeat(32));
  const httpHeadersFile = await folder.write("headers", "X-Key: abc\n");
  const httpUrl = "http://127.0.0.1:1/login";
  const asked = { passwordFile, scramFile, jwtKey, httpHeadersFile, httpUrl };
  assertEquals((await loginsFor(asked)).warnings, []);
  for (const path of [passwordFile, scramFile, jwtKey, httpHeadersFile]) {
    await Deno.chmod(path, 0o644);
  }
  const says = (flag: string, path: string) =>
    `all users of this machine can read ${flag} "${path}": chmod o-rwx ` +
    "keeps them out";
  assertEquals((await loginsFor(asked)).warnings, [
    says("--jwt-key", jwtKey),
    says("--password-file", passwordFile),
    says("--http-login-headers", httpHeadersFile),
    says("--scram-file", scramFile),
  ]);
  // A public key is for everybody.
  const { pem } = await newSigner("ES256");
  const publicKey = await folder.write("key.pem", pem, 0o644);
  assertEquals((await loginsFor({ jwtKey: publicKey })).warnings, []);
});

Deno.test("rights by names that nobody checks are told of", async () => {
  await using folder = await LoginFolder.make();
  const aclFile = await folder.write("acl", "topic read #\n");
  const { warnings } = await loginsFor({ aclFile }, true);
  assertEquals(warnings.length, 1);
  assert(warnings[0]!.startsWith("user names are not checked"));
  const passwordFile = await folder.users(["ada"]);
  assertEquals((await loginsFor({ aclFile, passwordFile })).warnings, []);
});

Deno.test("a server that is asked in the clear is told of", async () => {
  const { warnings } = await loginsFor({ httpUrl: "http://192.0.2.1/login" });
  assertEquals(warnings.length, 1);
});

/** A setting, what is in its file, and what the sentence begins with. */
const BAD_FILES: readonly (readonly [
  keyof LoginSettings,
  string,
  string,
  string,
])[] = [
  ["passwordFile", "ada:pencil\n", "--password-file ", ": line 1: "],
  ["passwordFile", "ada\n", "--password-file ", ": line 1: "],
  [
    "scramFile",
    '{"users":{"a\u009b2J":{}}}',
    "--scram-file ",
    ': users["a\\u009b2J"]',
  ],
  ["aclFile", "topic read a/#/b\n", "--acl-file ", ": line 1: "],
  ["jwtKey", "-----BEGIN PUBLIC KEY-----\n", "--jwt-key ", ""],
  ["httpHeadersFile", "no header\n", "--http-login-headers ", ":1: "],
  ["httpCaFile", "nothing\n", "--http-login-ca ", ": "],
  ["httpBodyFile", "{", "--http-login: ", ""],
];

for (const [field, text, before, behind] of BAD_FILES) {
  Deno.test(`${field} with ${JSON.stringify(text)} is refused`, async () => {
    await using folder = await LoginFolder.make();
    const path = await folder.write("file", text);
    const server = field.startsWith("http")
      ? { httpUrl: "http://[::1]:1" }
      : {};
    const { message } = await assertRejects(
      () => loginsFor({ ...server, [field]: path }),
      UsageError,
    );
    const start = field === "httpBodyFile" ? before : before + path + behind;
    assert(message.startsWith(start), message);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x1f\x7f-\x9f]/.test(message), false);
  });

  Deno.test(`${field} that is not there is refused`, async () => {
    const server = field.startsWith("http")
      ? { httpUrl: "http://[::1]:1" }
      : {};
    const { message } = await assertRejects(
      () => loginsFor({ ...server, [field]: "/no/such" }),
      UsageError,
    );
    const flag = field === "httpBodyFile" ? "--http-login-body " : before;
    const why = "can't be read: there is no such file or folder";
    assertEquals(message, `${flag}/no/such ${why}`);
  });
}

for (const url of ["ftp://a/", "login", "https://a:b@c/", "https://a/#b"]) {
  Deno.test(`a server at ${url} is refused`, async () => {
    const { message } = await assertRejects(
      () => loginsFor({ httpUrl: url }),
      UsageError,
    );
    assert(message.startsWith("--http-login: "), message);
    assertEquals(message.includes("\n"), false);
  });
}

testRuntime(
  "a broker with users opens its door, not to all",
  async (runtime) => {
    await using folder = await LoginFolder.make();
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--host", "0.0.0.0", "--port", "0"],
      env: { BROKER_PASSWORD_FILE: await folder.users(["ada"]) },
    });
    assertMatch(broker.addresses[0]!, /^0\.0\.0\.0:\d+$/);
    for (const [password, returnCode] of [["pencil", 0], ["pen", 4]] as const) {
      using client = await RawClient.open(broker.port);
      await client.send(connect({ userName: "ada", password }));
      const answer = { type: "connack", flags: 0, returnCode } as const;
      assertEquals(await client.packet("connack"), answer);
      if (returnCode !== 0) await client.untilClosed();
    }
    assertEquals(broker.stderr.includes("pencil"), false);
  },
);

testRuntime(
  "users and rules that change count together, from outside",
  async (runtime) => {
    await using folder = await LoginFolder.make();
    const passwordFile = await folder.users(["ada", "bob"]);
    const aclFile = await folder.write("acl", "pattern read #\n");
    await using broker = await BrokerProcess.start({
      runtime,
      args: ["--password-file", passwordFile, "--acl-file", aclFile],
    });
    const enter = async (userName: string) => {
      const client = await RawClient.open(broker.port);
      const clientId = userName;
      await client.send(connect({ clientId, userName, password: "pencil" }));
      return client;
    };
    using ada = await enter("ada");
    using bob = await enter("bob");
    for (const client of [ada, bob]) await client.packet("connack");

    await folder.users(["bob"]);
    await folder.write("acl", "pattern reed #\n");
    broker.signal("SIGHUP");
    const { message } = await broker.logged("reload_failed");
    const start = `all stays as it was: --acl-file ${aclFile}: line 1: `;
    assert(message.startsWith(start), message);
    assertEquals(await ada.packetsBeforePong(), []);

    await folder.write("acl", "pattern readwrite #\n");
    broker.signal("SIGHUP");
    await broker.logged("reloaded");
    await ada.untilClosed();
    assertEquals(await bob.packetsBeforePong(), []);
    using late = await enter("ada");
    assertEquals((await late.packet("connack")).returnCode, 4);
  },
);
