/**
 * Listeners as `--listen` has them: every scheme, every option, and the
 * sentence about each kind of mistake.
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  type Listener,
  listenerAt,
  parseListener,
  SPOKEN,
  type Spoken,
} from "../../src/cli/listener.ts";
import { LISTENER_OPTIONS } from "../../src/cli/listener_options.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

/** What is in it that is not as at `listenerAt`. */
function differences(listener: Listener): Partial<Listener> {
  const { hostname, port, spoken, file, path } = listener;
  const plain = listenerAt({ hostname, port }, spoken, file, path);
  const fields = Object.entries(listener).filter(([name, value]) =>
    JSON.stringify(value) !== JSON.stringify(plain[name as keyof Listener])
  );
  return Object.fromEntries(fields);
}

const SCHEMES: readonly (readonly [string, Spoken, string, number, string])[] =
  [
    ["127.0.0.1:1883", "mqtt", "127.0.0.1", 1883, "/mqtt"],
    ["tcp://[::]:1883", "mqtt", "::", 1883, "/mqtt"],
    ["MQTT://localhost:0", "mqtt", "localhost", 0, "/mqtt"],
    ["mqtts://gateway.example:8883", "mqtts", "gateway.example", 8883, "/mqtt"],
    ["tls://0.0.0.0:1", "mqtts", "0.0.0.0", 1, "/mqtt"],
    ["ssl://0.0.0.0:1", "mqtts", "0.0.0.0", 1, "/mqtt"],
    ["ws://127.0.0.1:8080", "ws", "127.0.0.1", 8080, "/mqtt"],
    ["ws://127.0.0.1:8080/", "ws", "127.0.0.1", 8080, "/"],
    ["wss://[::1]:443/a/b", "wss", "::1", 443, "/a/b"],
    ["any://h:1", "any", "h", 1, "/mqtt"],
    [" any://h:1/x?mount=a/ ", "any", "h", 1, "/x"],
  ];

for (const [text, spoken, hostname, port, path] of SCHEMES) {
  Deno.test(`"${text}" speaks ${spoken}`, () => {
    const listener = parseListener(text, "--listen");
    assertEquals(
      [listener.spoken, listener.hostname, listener.port, listener.path],
      [spoken, hostname, port, path],
    );
    assertEquals(listener.file, "");
  });
}

Deno.test("a Unix socket has a file, and no address", () => {
  const listener = parseListener("unix:///run/my%20broker.sock", "--listen");
  const { file, hostname, port, spoken } = listener;
  assertEquals([spoken, hostname, port], ["unix", "", 0]);
  assertEquals(file, "/run/my broker.sock");
});

/** A value for each option, and what it comes to. */
const OPTIONS: Readonly<Record<string, readonly [string, Partial<Listener>]>> =
  {
    anonymous: ["no", { anonymous: false }],
    cert: ["/a+b/c%26d.pem", { certFile: "/a+b/c&d.pem" }],
    key: ["k=1.pem", { keyFile: "k=1.pem" }],
    "client-ca": ["ca.pem", { clientCaFile: "ca.pem" }],
    "client-cert": ["Required", { clientCert: "required" }],
    "tls-version": ["1.3", { tlsVersion: "1.3" }],
    origin: ["https://a.example:443/", { origins: ["https://a.example"] }],
    connections: ["10", { connectionsMax: 10 }],
    allow: ["10.0.0.0/8, ::1", { allow: ["10.0.0.0/8", "::1"] }],
    deny: ["10.0.0.1", { deny: ["10.0.0.1"] }],
    proxy: ["fd00::/8", { proxies: ["fd00::/8"] }],
    mount: ["site-7%2f", { mountPoint: "site-7/" }],
    "bytes-per-second": ["64KiB", { bytesPerSecond: 65_536 }],
    "messages-per-second": ["5", { messagesPerSecond: 5 }],
    mode: ["0660", { mode: 0o660 }],
    owner: [":mqtt", { owner: ":mqtt" }],
  };

const START: Readonly<Record<Spoken, string>> = {
  mqtt: "h:1",
  mqtts: "mqtts://h:1",
  ws: "ws://h:1",
  wss: "wss://h:1",
  any: "any://h:1",
  unix: "unix:///s",
};

for (const { name, at } of LISTENER_OPTIONS) {
  const [text, expected] = OPTIONS[name] ?? ["", {}];

  for (const spoken of at) {
    Deno.test(`${name}=${text} at ${spoken}`, () => {
      const url = `${START[spoken]}?${name}=${text}`;
      const listener = parseListener(url, "--listen");
      assertEquals(listener.spoken, spoken);
      assertEquals(differences(listener), expected);
    });
  }

  for (const spoken of SPOKEN.filter((one) => !at.includes(one))) {
    Deno.test(`${name} has no use at ${spoken}`, () => {
      assertEquals(
        mistake(`${START[spoken]}?${name}=${text}`),
        `${name} of --listen has no use at ${spoken}://, but at ` +
          at.map((one) => `${one}://`).join(", "),
      );
    });
  }
}

Deno.test("options come one behind the other; lists add up", () => {
  const listener = parseListener(
    "wss://h:1/x?origin=http://a&allow=10.0.0.1&origin=http://b:8080&&" +
      "allow=10.0.0.2&connections=1&connections=2",
    "--listen",
  );
  assertEquals(differences(listener), {
    origins: ["http://a", "http://b:8080"],
    allow: ["10.0.0.1", "10.0.0.2"],
    connectionsMax: 2,
  });
});

function mistake(text: string): string {
  return assertThrows(() => parseListener(text, "--listen"), UsageError)
    .message;
}

const MISTAKES: readonly (readonly [string, string])[] = [
  ["", '--listen must be host:port or [ipv6]:port, not ""'],
  ["1883", '--listen must be host:port or [ipv6]:port, not "1883"'],
  ["mqtt://", '--listen must be host:port or [ipv6]:port, not ""'],
  ["ws://h", '--listen must be host:port or [ipv6]:port, not "h"'],
  ["h:65536", 'the port of --listen must be 0 to 65535, not "65536"'],
  [
    "mqtts://a@h:1",
    '--listen must be a host name or an IP address, not "a@h"',
  ],
  [
    "http://h:1",
    "--listen knows mqtt://, mqtts://, ws://, wss://, any://, unix://, not " +
    '"http://h:1"',
  ],
  [
    "toString://h:1",
    "--listen knows mqtt://, mqtts://, ws://, wss://, any://, unix://, not " +
    '"toString://h:1"',
  ],
  [
    "mqtt://h:1883/mqtt",
    '--listen has a path, and mqtt:// has none: "mqtt://h:1883/mqtt"',
  ],
  ["h:1/", '--listen has a path, and mqtt:// has none: "h:1/"'],
  [
    "unix://run/x",
    '--listen must be unix:///path/of/the/socket, not "unix://run/x"',
  ],
  ["unix:///", '--listen must be unix:///path/of/the/socket, not "unix:///"'],
  [
    "unix:///%zz",
    "--listen has a % that is no code of a character (%25 is the % itself): " +
    '"/%zz"',
  ],
  [
    "h:1?mount=%ff",
    "--listen has a % that is no code of a character (%25 is the % itself): " +
    '"%ff"',
  ],
  [
    "h:1?mout=a/",
    '--listen has an unknown option "mout"; did you mean mount?',
  ],
  [
    "mqtts://h:1?client_cert=required",
    '--listen has an unknown option "client_cert"; did you mean client-cert?',
  ],
  [
    "h:1?teapot",
    '--listen has an unknown option "teapot"; --help-listen shows those ' +
    "there are",
  ],
  [
    "h:1?=a",
    '--listen has an unknown option ""; --help-listen shows those ' +
    "there are",
  ],
  [
    "h:1?a\x1b[2J",
    '--listen has an unknown option "a\\u001b[2J"; --help-listen shows ' +
    "those there are",
  ],
  [
    "h:1?anonymous",
    "anonymous of --listen needs a value: anonymous=YES",
  ],
  ["mqtts://h:1?cert=", "cert of --listen needs a value: cert=FILE"],
  ["h:1?anonymous=so", 'anonymous of --listen must be yes or no, not "so"'],
  [
    "mqtts://h:1?client-cert=no",
    'client-cert of --listen must be required or optional, not "no"',
  ],
  [
    "mqtts://h:1?tls-version=1.1",
    'tls-version of --listen must be 1.2 or 1.3, not "1.1"',
  ],
  [
    "ws://h:1?origin=https://a.example/x",
    "origin of --listen must be like https://panel.example, not " +
    '"https://a.example/x"',
  ],
  [
    "ws://h:1?origin=file:///x",
    'origin of --listen must be like https://panel.example, not "file:///x"',
  ],
  [
    "h:1?connections=0",
    'connections of --listen must be 1 to 1000000000, not "0"',
  ],
  [
    "h:1?bytes-per-second=fast",
    "bytes-per-second of --listen must be 1 byte to 1TiB (like 4096, 64KiB " +
    'or 10MiB), not "fast"',
  ],
  [
    "h:1?mount=a/%23",
    "mount of --listen must be the beginning of topics, without wildcards, " +
    'not "a/#"',
  ],
  ["unix:///s?mode=6666", 'mode of --listen must be like 660, not "6666"'],
  [
    "unix:///s?owner=a:b:c",
    'owner of --listen must be user, user:group or :group, not "a:b:c"',
  ],
];

for (const [text, sentence] of MISTAKES) {
  Deno.test(`"${text}" is refused`, () => {
    assertEquals(mistake(text), sentence);
  });
}

for (const name of ["allow", "deny", "proxy"]) {
  Deno.test(`${name} takes ranges of addresses`, () => {
    for (const range of ["10.0.0.0/33", "h", "10.0.0.1/8,", "1::2::3"]) {
      const sentence = mistake(`h:1?${name}=${range}`);
      assertEquals(sentence.startsWith(`${name} of --listen: `), true);
      assertEquals(sentence.includes("\n"), false);
    }
  });
}

Deno.test("a mistake of any length makes a short sentence", () => {
  for (const text of ["x".repeat(1e5), `h:1?${"x".repeat(1e5)}=1`]) {
    assertEquals(mistake(text).length < 200, true);
  }
});
