/**
 * What an operator sees at the start, on Deno and on Bun: each mistake in a
 * file or an address is one line and exit code 2, and what is no mistake but
 * may become one is a warning in the log.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority, type Issued } from "../support/certificates.ts";
import { testRuntime } from "../support/e2e.ts";
import { BrokerProcess, runBroker } from "../support/process.ts";
import { LoginFolder } from "./login_folder.ts";

/** No mistake is to be hidden by a port that is in use. */
const FREE = ["--host", "127.0.0.1", "--port", "0", "--tls-port", "0"];

function tls({ certFile, keyFile }: Issued): string[] {
  return ["--tls-cert", certFile, "--tls-key", keyFile];
}

type Mistake = readonly [
  what: string,
  args: (authority: Authority, good: Issued) => string[],
  sentence: RegExp,
];

const MISTAKES: readonly Mistake[] = [
  [
    "a certificate that is not there",
    (_, { keyFile }) => tls({ certFile: "/no.pem", keyFile }),
    /^broker: can't read \/no\.pem: there is no such file$/,
  ],
  [
    "a folder in place of a key",
    ({ folder }, { certFile }) => tls({ certFile, keyFile: folder }),
    /^broker: can't read \S+: this is a folder$/,
  ],
  [
    "a key and a certificate in each other's place",
    (_, { certFile, keyFile }) => tls({ certFile: keyFile, keyFile: certFile }),
    /^broker: \S+server\.key: this is a key, not a certificate$/,
  ],
  [
    "a key of another certificate",
    (authority, { certFile }) => {
      const { keyFile } = authority.issue("other", "/CN=localhost");
      return tls({ certFile, keyFile });
    },
    /^broker: \S+other\.key: the key does not belong to the certificate in /,
  ],
  [
    "a certificate that has expired",
    (authority) => tls(authority.issue("old", "/CN=a", { days: -1 })),
    /^broker: \S+old\.pem: the certificate expired on \d{4}-\d\d-\d\d$/,
  ],
  [
    "a damaged certificate",
    (authority, { keyFile }) => {
      const label = "CERTIFICATE-----\n";
      const text = `-----BEGIN ${label}MIIB\n-----END ${label}`;
      return tls({ certFile: authority.write("bad.pem", text), keyFile });
    },
    /^broker: \S+bad\.pem: the certificate is damaged$/,
  ],
  [
    "an authority that is none",
    (authority, good) => {
      const path = authority.write("ca.txt", "nobody\n");
      return [...tls(good), "--tls-client-ca", path];
    },
    /^broker: \S+ca\.txt: there is no certificate in PEM form in it$/,
  ],
  [
    "a bad line of access rules",
    (authority) => ["--acl-file", authority.write("acl", "\ntopic reed a\n")],
    /^broker: --acl-file \S+acl: line 2: .*did you mean "read"\?$/,
  ],
  [
    "a password in place of its hash",
    (authority) => ["--password-file", authority.write("users", "ada:pencil")],
    /^broker: --password-file \S+users: line 1: user "ada" has no hash; /,
  ],
  [
    "an option that is none",
    () => ["--listen", "127.0.0.1:0?mout=a/"],
    /^broker: --listen has an unknown option "mout"; did you mean mount\?$/,
  ],
  [
    "a command that is none",
    () => ["paswd", "users", "ada"],
    /^broker: "paswd" is no command; did you mean broker passwd\?$/,
  ],
  [
    "a server that is none",
    () => ["--http-login", "login.example"],
    /^broker: --http-login: the address .* begins with https:\/\/ or /,
  ],
];

for (const [what, argsOf, sentence] of MISTAKES) {
  testRuntime(`${what} is told in one line`, async (runtime) => {
    using authority = new Authority();
    const good = authority.issue("server", "/CN=localhost");
    const args = [...argsOf(authority, good), ...FREE];
    const { code, stderr } = await runBroker({ runtime, args });
    assertMatch(stderr.trimEnd(), sentence);
    assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1]);
    assertEquals(stderr.includes("pencil"), false);
  });
}

/** Where nobody can listen, and the end of the sentence. */
const PLACES: readonly (readonly [string, string])[] = [
  ["unix:///no/such/x.sock", "there is no such folder"],
  ["unix:///etc/passwd", "something is there that is in use, or is no socket"],
  [`unix:///${"x".repeat(103)}`, "the path is longer than 103 bytes"],
  ["mqtt://no-such.invalid:1?anonymous=no", "the host name is not known"],
  ["mqtt://192.0.2.1:1?anonymous=no", "this machine has no such address"],
];

for (const [place, why] of PLACES) {
  testRuntime(`can't listen: ${why}`, async (runtime) => {
    const args = ["--log-format", "text", "--listen", place];
    const { code, stderr } = await runBroker({ runtime, args });
    assertEquals(code, 2);
    assertMatch(stderr, /^\S+ \S+ error +can't listen on [^\n]+\n$/);
    assert(stderr.trimEnd().endsWith(`: ${why}`), stderr);
  });
}

testRuntime("a port in use is told at each kind of door", async (runtime) => {
  using authority = new Authority();
  const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const files = `cert=${certFile}&key=${keyFile}`;
  for (
    const [spoken, query] of [
      ["mqtt", ""],
      ["ws", ""],
      ["mqtts", `?${files}`],
      ["wss", `?${files}&client-ca=${authority.caFile}`],
      ["any", `?${files}`],
    ]
  ) {
    const args = ["--listen", `${spoken}://127.0.0.1:${port}${query}`];
    const { code, stderr } = await runBroker({ runtime, args });
    assertEquals(code, 2);
    const { message } = JSON.parse(stderr);
    assertEquals(
      message,
      `can't listen on 127.0.0.1:${port}: the port is in use`,
    );
  }
});

testRuntime("all files are read before a door is opened", async (runtime) => {
  using authority = new Authority();
  const { keyFile } = authority.issue("server", "/CN=localhost");
  const bad = `mqtts://127.0.0.1:0?cert=/no.pem&key=${keyFile}`;
  const args = ["--listen", "127.0.0.1:0", "--listen", bad];
  const { code, stderr } = await runBroker({ runtime, args });
  assertEquals(code, 2);
  assertMatch(stderr, /^broker: can't read \/no\.pem: [^\n]+\n$/);
});

testRuntime(
  "a certificate tells its days, and its trouble",
  async (runtime) => {
    using authority = new Authority();
    const good = authority.issue("server", "/CN=localhost");
    const listen = `any://localhost:0/x?cert=${good.certFile}` +
      `&key=${good.keyFile}`;
    await using broker = await BrokerProcess.startBare({
      runtime,
      args: ["--listen", listen],
    });
    const line = await broker.logged("listening");
    assertEquals(line["certificate_days_left"], 29);
    assertEquals(line["url"], `any://localhost:${broker.port}/x`);

    // A key of its own is bad: the old pair stays.
    const names = "DNS:gateway.example";
    const next = authority.issue("next", "/CN=a", { days: 10, names });
    await Deno.copyFile(next.certFile, good.certFile);
    broker.signal("SIGHUP");
    const { message } = await broker.logged("reload_failed");
    assertMatch(message, /: the key does not belong to the certificate in /);

    await Deno.copyFile(next.keyFile, good.keyFile);
    broker.signal("SIGHUP");
    const first = await broker.logged("reloaded");
    const renewed = await broker.logged("certificate_renewed");
    assertEquals(renewed["certificate_days_left"], 9);
    // Once more, and there is nothing new to tell.
    broker.signal("SIGHUP");
    await broker.logged("reloaded", (line) => line !== first);
    const renewals = broker.log.filter(({ event }) =>
      event === "certificate_renewed"
    );
    assertEquals(renewals, [renewed]);
    const warnings = broker.log.filter(({ event }) => event === "certificate");
    assertEquals(warnings.length, 2);
    assertMatch(warnings[0]!.message, /^the certificate expires on .*: 9 days/);
    assertMatch(
      warnings[1]!.message,
      /^the certificate is not for localhost: /,
    );
    assertEquals(
      new Set(warnings.map(({ level }) => level)),
      new Set(["warn"]),
    );
  },
);

testRuntime("what is set up in doubt is told once", async (runtime) => {
  await using folder = await LoginFolder.make();
  const aclFile = await folder.write("acl", "pattern read #\n", 0o644);
  await using broker = await BrokerProcess.start({
    runtime,
    args: ["--acl-file", aclFile, "--listen", "ws://127.0.0.1:0"],
    addressCount: 2,
  });
  const warnings = broker.log.filter(({ event }) => event === "login_setup");
  assertEquals(warnings.map(({ level }) => level), ["warn"]);
  assertMatch(warnings[0]!.message, /^user names are not checked: /);
});
