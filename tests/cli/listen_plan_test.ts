/**
 * Where the broker listens for which settings, and what it refuses.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseListener } from "../../src/cli/listener.ts";
import { planListening } from "../../src/cli/listen_plan.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const TLS = "--tls-cert c.pem --tls-key k.pem";
const CA = "--tls-client-ca ca.pem";

/** The plan for a command line. */
function plan(line: string) {
  const args = line.split(" ").filter((word) => word !== "");
  return planListening(readSettings(args, {}).settings);
}

/** Where it listens, in short. */
function doors(line: string): string[] {
  return plan(line).listeners.map(({ spoken, hostname, port, file, kind }) =>
    `${spoken} ${file || `${hostname} ${port}`}` +
    (kind === "companion" ? " companion" : "")
  );
}

function refusal(line: string): string {
  return assertThrows(() => plan(line), UsageError).message;
}

const PLANS: readonly (readonly [string, string[]])[] = [
  ["", ["mqtt 127.0.0.1 1883", "mqtt ::1 1883 companion"]],
  ["--allow-anonymous", ["mqtt 127.0.0.1 1883", "mqtt ::1 1883 companion"]],
  ["--port 7", ["mqtt 127.0.0.1 7", "mqtt ::1 7 companion"]],
  ["--host ::1 --port 7", ["mqtt ::1 7"]],
  ["--host localhost", ["mqtt localhost 1883"]],
  ["--listen 127.0.0.1:1 --listen [::1]:0", ["mqtt 127.0.0.1 1", "mqtt ::1 0"]],
  [
    "--listen ws://127.0.0.1:1 --host localhost --port 9",
    ["mqtt localhost 9", "ws 127.0.0.1 1"],
  ],
  ["--listen 127.0.0.1:0 --listen 127.0.0.1:0", [
    "mqtt 127.0.0.1 0",
    "mqtt 127.0.0.1 0",
  ]],
  ["--listen unix:///s", ["unix /s"]],
  ["--one-port", ["any 127.0.0.1 1883", "any ::1 1883 companion"]],
  [`--one-port --port 443 ${TLS}`, [
    "any 127.0.0.1 443",
    "any ::1 443 companion",
  ]],
  ["--one-port --host ::1 --listen 127.0.0.1:1", [
    "any ::1 1883",
    "mqtt 127.0.0.1 1",
  ]],
  [TLS, [
    "mqtt 127.0.0.1 1883",
    "mqtt ::1 1883 companion",
    "mqtts 127.0.0.1 8883",
    "mqtts ::1 8883 companion",
  ]],
  [`--host 127.0.0.1 --tls-port 8884 ${TLS}`, [
    "mqtt 127.0.0.1 1883",
    "mqtts 127.0.0.1 8884",
  ]],
  [`--host 127.0.0.1 --listen wss://127.0.0.1:443 ${TLS}`, [
    "mqtt 127.0.0.1 1883",
    "wss 127.0.0.1 443",
  ]],
  [`--host 127.0.0.1 --listen ws://127.0.0.1:80 ${TLS}`, [
    "mqtt 127.0.0.1 1883",
    "mqtts 127.0.0.1 8883",
    "ws 127.0.0.1 80",
  ]],
  [`--listen any://127.0.0.1:1 ${TLS}`, ["any 127.0.0.1 1"]],
];

for (const [line, expected] of PLANS) {
  Deno.test(`broker ${line} listens on ${expected.join(", ")}`, () => {
    assertEquals(doors(line), expected);
  });
}

Deno.test("without an address it is loopback, and it says so", () => {
  for (const line of ["", "--allow-anonymous", "--one-port", TLS]) {
    const { note } = plan(line);
    assert(note?.includes("loopback"));
    assert(note?.includes("--host 0.0.0.0 --allow-anonymous"));
  }
  assertEquals(plan("--host 127.0.0.1").note, undefined);
  assertEquals(plan("--listen 127.0.0.1:1").note, undefined);
});

const LOGINS = [
  "--password-file users",
  "--scram-file users.json",
  "--jwt-key key.pem",
  "--http-login http://127.0.0.1:1/",
  `--cert-user cn ${TLS} ${CA}`,
];

for (const login of LOGINS) {
  Deno.test(`${login} guards what is open to others`, () => {
    const { listeners, note } = plan(`--host 0.0.0.0 ${login}`);
    assert(listeners.every(({ hostname }) => hostname === "0.0.0.0"));
    assertEquals(note, undefined);
  });

  Deno.test(`${login} begins on loopback, and says what else`, () => {
    const { listeners, note } = plan(login);
    assert(listeners.every(({ hostname }) => hostname !== "0.0.0.0"));
    assert(note?.endsWith("from other machines: --host 0.0.0.0"));
  });
}

const OPEN = "is open to other machines and no authentication is set up; to " +
  "let everyone in:";

const UNGUARDED: readonly (readonly [string, string])[] = [
  [
    "--host 0.0.0.0",
    `0.0.0.0:1883 ${OPEN} --host 0.0.0.0 --allow-anonymous`,
  ],
  // Whom a proxy brings comes from anywhere.
  [
    "--listen 127.0.0.1:1?proxy=127.0.0.1",
    `127.0.0.1:1 ${OPEN} --listen 127.0.0.1:1 --allow-anonymous`,
  ],
  [
    "--listen 127.0.0.1:1 --listen [::]:1",
    `[::]:1 ${OPEN} --listen [::]:1 --allow-anonymous`,
  ],
  [
    "--host gateway.example --one-port",
    `any://gateway.example:1883 ${OPEN} --host gateway.example ` +
    "--allow-anonymous",
  ],
  [
    "--listen ws://0.0.0.0:80",
    `ws://0.0.0.0:80 ${OPEN} --listen ws://0.0.0.0:80 --allow-anonymous`,
  ],
  [
    `--listen mqtts://0.0.0.0:1 ${TLS}`,
    `mqtts://0.0.0.0:1 ${OPEN} --listen mqtts://0.0.0.0:1 --allow-anonymous`,
  ],
  [
    `--listen mqtts://0.0.0.0:1 ${TLS} ${CA} --tls-client-cert optional`,
    `mqtts://0.0.0.0:1 ${OPEN} --listen mqtts://0.0.0.0:1 --allow-anonymous`,
  ],
  // Who speaks no TLS there is asked for no certificate.
  [
    `--listen any://0.0.0.0:1 ${TLS} ${CA}`,
    `any://0.0.0.0:1 ${OPEN} --listen any://0.0.0.0:1 --allow-anonymous`,
  ],
  [
    `--host 0.0.0.0 ${TLS} ${CA}`,
    `0.0.0.0:1883 ${OPEN} --host 0.0.0.0 --allow-anonymous`,
  ],
  [
    "--host 0.0.0.0 --acl-file acl",
    `0.0.0.0:1883 ${OPEN} --host 0.0.0.0 --allow-anonymous`,
  ],
];

for (const [line, sentence] of UNGUARDED) {
  Deno.test(`broker ${line} is refused: anybody could come`, () => {
    assertEquals(refusal(line), sentence);
    assert(plan(`${line} --allow-anonymous`).listeners.length > 0);
  });
}

const GUARDED = [
  "--listen 0.0.0.0:1?anonymous=yes",
  "--listen 0.0.0.0:1?anonymous=no",
  `--listen mqtts://0.0.0.0:1?client-ca=ca.pem ${TLS}`,
  `--listen wss://0.0.0.0:1 ${TLS} ${CA}`,
  "--listen unix:///s?mode=666",
];

for (const line of GUARDED) {
  Deno.test(`broker ${line} is guarded`, () => {
    assertEquals(plan(line).listeners.length, 1);
  });
}

const MISTAKES: readonly (readonly [string, string])[] = [
  ["--host 127.0.0.1 --listen 127.0.0.1:1883", "127.0.0.1:1883 is given twice"],
  ["--listen unix:///s --listen unix:///s", "/s is given twice"],
  [`--tls-port 1883 ${TLS}`, "127.0.0.1:1883 is given twice"],
  [
    "--listen mqtts://127.0.0.1:1",
    "mqtts://127.0.0.1:1 needs a certificate: --tls-cert FILE --tls-key FILE",
  ],
  [
    "--listen wss://127.0.0.1:1",
    "wss://127.0.0.1:1 needs a certificate: --tls-cert FILE --tls-key FILE",
  ],
  [
    "--listen any://127.0.0.1:1?client-ca=ca.pem",
    "any://127.0.0.1:1 needs a certificate: --tls-cert FILE --tls-key FILE",
  ],
  [
    "--one-port --tls-version 1.3",
    "any://127.0.0.1:1883 needs a certificate: --tls-cert FILE --tls-key FILE",
  ],
  [
    "--tls-cert c.pem",
    "mqtts://127.0.0.1:8883: the certificate has no key: --tls-key FILE",
  ],
  [
    "--listen any://127.0.0.1:1 --tls-key k.pem",
    "any://127.0.0.1:1: the key has no certificate: --tls-cert FILE",
  ],
  [
    `--tls-client-cert required ${TLS}`,
    "mqtts://127.0.0.1:8883: nobody vouches for clients: " +
    "--tls-client-ca FILE",
  ],
  [
    `--listen 127.0.0.1:1 ${TLS}`,
    "--tls-cert is given and no listener speaks TLS: " +
    "--listen mqtts://HOST:8883",
  ],
  [
    "--tls-key k.pem",
    "--tls-key is given and no listener speaks TLS: " +
    "--tls-cert FILE --tls-key FILE",
  ],
  [
    CA,
    "--tls-client-ca is given and no listener speaks TLS: " +
    "--tls-cert FILE --tls-key FILE",
  ],
  [
    "--tls-client-cert required",
    "--tls-client-cert is given and no listener speaks TLS: " +
    "--tls-cert FILE --tls-key FILE",
  ],
  [
    "--one-port --listen 127.0.0.1:1",
    "--one-port is for --host and --port; with --listen it is " +
    "any://HOST:PORT",
  ],
  [
    "--port 2 --listen 127.0.0.1:1",
    "--port 2 has no use beside --listen, which has ports of its own; " +
    "--host HOST listens on port 2 too",
  ],
  [
    `--cert-user cn ${TLS}`,
    "--cert-user is given and no listener asks for certificates: " +
    "--tls-client-ca FILE",
  ],
];

for (const [line, sentence] of MISTAKES) {
  Deno.test(`broker ${line} is refused`, () => {
    assertEquals(refusal(line), sentence);
  });
}

Deno.test("what a listener does not say of TLS is as for all", () => {
  const own = "mqtts://127.0.0.1:1?cert=own.pem&key=own.key&" +
    "client-ca=own-ca.pem&client-cert=optional&tls-version=1.3";
  const line = `--listen ${own} --listen wss://127.0.0.1:2 ` +
    `--listen 127.0.0.1:3 ${TLS} ${CA} --tls-version 1.2`;
  const found = plan(line).listeners.map((listener) => [
    listener.certFile,
    listener.keyFile,
    listener.clientCaFile,
    listener.clientCert,
    listener.tlsVersion,
  ]);
  assertEquals(found, [
    ["own.pem", "own.key", "own-ca.pem", "optional", "1.3"],
    ["c.pem", "k.pem", "ca.pem", "required", "1.2"],
    [undefined, undefined, undefined, undefined, undefined],
  ]);
});

Deno.test("a proxy may tell of certificates too", () => {
  const listen = "--listen 10.0.0.1:1?proxy=10.0.0.2";
  assertEquals(plan(`${listen} --cert-user cn`).listeners.length, 1);
});

Deno.test("a plan leaves the settings as they are", () => {
  const listener = parseListener("mqtts://127.0.0.1:1", "--listen");
  const { settings } = readSettings(TLS.split(" "), {});
  settings.listen.push(listener);
  planListening(settings);
  assertEquals(listener.certFile, undefined);
});
