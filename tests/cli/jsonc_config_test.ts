/**
 * A configuration file of this broker: what can stand in it, who wins, and
 * the sentence, with file and line, about each kind of mistake.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { LISTENER_OPTIONS } from "../../src/cli/listener_options.ts";
import { listenerAt, parseListener } from "../../src/cli/listener.ts";
import { listenerJson } from "../../src/cli/listener_json.ts";
import { readJsoncConfig } from "../../src/cli/jsonc_config.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { defaultSettings, type Settings } from "../../src/cli/settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { REPO } from "../support/paths.ts";

function settingsOf(
  text: string,
  args: string[] = [],
  environment: Record<string, string> = {},
): Settings {
  const file = readJsoncConfig(text, "broker.jsonc");
  return readSettings(args, environment, file).settings;
}

function mistakes(text: string): string[] {
  const { message } = assertThrows(() => settingsOf(text), UsageError);
  return message.split("\n  ");
}

Deno.test("an empty object changes nothing", () => {
  assertEquals(settingsOf("{}"), defaultSettings());
  assertEquals(settingsOf("// a\n{ /* b */ } // c"), defaultSettings());
});

Deno.test("comments and a last comma are taken", () => {
  const text = `
  // of a line
  {
    "$schema": "./broker.schema.json",
    /* of
       two */ "port": 1884, // "port": 1,
    "host": "::1", /**/
    "jwt-key": "http://a/*b*/", "jwt-issuer": ["a", "b", ],
  }`;
  const { host, logins, port } = settingsOf(text);
  assertEquals([port, host, logins.jwtKey], [1884, "::1", "http://a/*b*/"]);
  assertEquals(logins.jwtIssuers, ["a", "b"]);
});

Deno.test("a flag wins over its variable, that over the file", () => {
  const text = '{"port": 1, "tls-port": 2, "log-level": "warn"}';
  const { logLevel, port, tlsPort } = settingsOf(text, ["--port", "5"], {
    BROKER_PORT: "4",
    BROKER_TLS_PORT: "3",
  });
  assertEquals([port, tlsPort, logLevel], [5, 3, "warn"]);
});

Deno.test("a flag's listeners take the place of the file's", () => {
  const text = '{"listen": ["[::1]:1", "[::1]:2"]}';
  assertEquals(settingsOf(text).listen.length, 2);
  const { listen } = settingsOf(text, ["--listen", "[::1]:3"]);
  assertEquals(listen.map(({ port }) => port), [3]);
});

Deno.test("numbers have units or not, switches are true or false", () => {
  const { features, limits, queueQos0 } = settingsOf(`{
    "packet-bytes-max": "64KiB", "connections-max": 7, "shutdown-ms": "2s",
    "queue-qos0": true, "retain": false, "maximum-qos": 1,
  }`);
  assertEquals(limits, {
    packetBytesMax: 65_536,
    connectionsMax: 7,
    shutdownMs: 2000,
  });
  assertEquals([features, queueQos0], [{ retain: false, maximumQos: 1 }, true]);
});

/** A value for each option of a listener, as JSON and as it is read. */
const OPTIONS: Readonly<Record<string, readonly [unknown, unknown]>> = {
  "anonymous": [true, { anonymous: true }],
  "cert": ["a b.pem", { certFile: "a b.pem" }],
  "key": ["/k&l?=%.pem", { keyFile: "/k&l?=%.pem" }],
  "client-ca": ["ca.pem", { clientCaFile: "ca.pem" }],
  "client-cert": ["optional", { clientCert: "optional" }],
  "tls-version": ["1.3", { tlsVersion: "1.3" }],
  "origin": [["https://a.example", "https://b.example"], {
    origins: ["https://a.example", "https://b.example"],
  }],
  "connections": [7, { connectionsMax: 7 }],
  "allow": [["10.0.0.0/8", "::1"], { allow: ["10.0.0.0/8", "::1"] }],
  "deny": ["10.0.0.1", { deny: ["10.0.0.1"] }],
  "proxy": ["10.0.0.2", { proxies: ["10.0.0.2"] }],
  "mount": ["a&b/%c/", { mountPoint: "a&b/%c/" }],
  "bytes-per-second": ["1MiB", { bytesPerSecond: 2 ** 20 }],
  "messages-per-second": [10, { messagesPerSecond: 10 }],
  "mode": ["660", { mode: 0o660 }],
  "owner": ["a:b", { owner: "a:b" }],
};

for (const { name, at } of LISTENER_OPTIONS) {
  Deno.test(`a listener can be an object with ${name}`, () => {
    const [value, changed] = OPTIONS[name]!;
    const isUnix = !at.includes("wss");
    const url = isUnix ? "unix:///s" : "wss://[::]:1";
    const object = { url, [name]: value };
    const [listener] = settingsOf(JSON.stringify({ listen: [object] })).listen;
    const plain = isUnix
      ? listenerAt({ hostname: "", port: 0 }, "unix", "/s")
      : listenerAt({ hostname: "::", port: 1 }, "wss");
    assertEquals(listener, { ...plain, ...changed as object });
  });
}

Deno.test("a listener's URL becomes the object that it was", () => {
  for (const [name, [value]] of Object.entries(OPTIONS)) {
    const listen = [{ url: "any://[::]:1", [name]: value }];
    const { given } = readJsoncConfig(JSON.stringify({ listen }), "");
    assertEquals(listenerJson(given.get("listen")![0]!.text), listen[0]);
  }
});

Deno.test("an object adds to the options of its URL", () => {
  const object = { url: "h:1?mount=a/", connections: 2 };
  const { listen } = settingsOf(JSON.stringify({ listen: object }));
  assertEquals(listen, [parseListener("h:1?mount=a/&connections=2", "")]);
});

Deno.test("the README's file is one", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", REPO));
  const [, text = ""] = /^```jsonc\n(.*?)^```$/ms.exec(readme) ?? [];
  const { limits, listen, queueQos0 } = settingsOf(text);
  assertEquals(listen.map(({ spoken }) => spoken), ["mqtt", "ws"]);
  assertEquals([limits, queueQos0], [{ packetBytesMax: 65_536 }, true]);
});

const MISTAKES: readonly (readonly [string, string])[] = [
  ["", "1: a value is expected"],
  ["[]", "1: the settings must be in an object: { }"],
  ["{\n\n'port': 1}", '3: a key in "" is expected'],
  ['{"port": 1\n"host": "a"}', "2: a , or } is expected"],
  ['{"port": 1,\n"port": 2}', "2: this key stands twice in its object"],
  ["{\n/* a\nb", "2: a comment is not closed by */"],
  [
    '{/* a\n\nb */ "prot": 1}',
    '3: there is no setting "prot"; did you mean "port"?',
  ],
  ['{/ "port": 1}', "1: a / begins no comment"],
  ['{"port": 1,,}', '1: a key in "" is expected'],
  ["{,}", '1: a key in "" is expected'],
  [
    '{\n"prot": 1}',
    '2: there is no setting "prot"; did you mean "port"?',
  ],
  [
    '{\n"logLevel": "warn"}',
    '2: there is no setting "logLevel"; did you mean "log-level"?',
  ],
  [
    '{"teapot": 1}',
    '1: there is no setting "teapot"; each has the name of its flag, see ' +
    "--help",
  ],
  ['{"__proto__": 1}', ""],
  ['{"config": "a"}', ""],
  ['{"lenient": true}', ""],
  ['{"check": true}', ""],
  ['{"help": true}', ""],
  ['{"port": true}', ""],
  ['{"port": 65536}', '1: port must be 0 to 65535, not "65536"'],
  ['{"port": -1}', '1: port must be 0 to 65535, not "-1"'],
  ['{"port": null}', ""],
  ['{"host": ""}', "1: host must not be empty"],
  ['{"host": ["a"]}', "1: host must be a text, not a list"],
  ['{"host": {}}', "1: host must be a text, not an object"],
  ['{"tls-version": 1.2}', "1: tls-version must be a text, not 1.2"],
  ['{"one-port": "yes"}', '1: one-port must be true or false, not "yes"'],
  [
    '{"log-level":\n"loud"}',
    '2: log-level must be error, warn, info or debug, not "loud"',
  ],
  [
    '{"jwt-from": "username"}',
    "1: jwt-from has no use without --jwt-key FILE",
  ],
  [
    '{"listen": [\n"h:1",\n"nowhere"]}',
    '3: listen must be host:port or [ipv6]:port, not "nowhere"',
  ],
  ['{"listen": [7]}', "1: a listener must be a URL, or an object with one"],
  [
    '{"listen": [{}]}',
    '1: a listener needs its "url": "mqtt://HOST:PORT"',
  ],
  [
    '{"listen": [{"url": "h:1",\n"muont": "a/"}]}',
    '2: a listener has no option "muont"; did you mean "mount"?',
  ],
  [
    '{"listen": [{"url": "h:1",\n"mode": "660"}]}',
    "1: mode of listen has no use at mqtt://, but at unix://",
  ],
  [
    '{"listen": [{"url": "h:1",\n"connections": 0}]}',
    "2: connections of a listener must be 1 to 1000000000, not",
  ],
];

for (const [text, sentence] of MISTAKES) {
  Deno.test(`a file with ${JSON.stringify(text)} is refused`, () => {
    const [first, ...others] = mistakes(text);
    const expected = `broker.jsonc:${sentence}`;
    assertEquals(first!.slice(0, expected.length), expected);
    assertEquals(others, []);
  });
}

Deno.test("all mistakes are told", () => {
  const text = '{\n"prot": 1,\n"log-level": "loud",\n"one-port": 1\n}';
  const lines = mistakes(text).map((one) => one.split(": ")[0]);
  assertEquals(lines, ["broker.jsonc:2", "broker.jsonc:4", "broker.jsonc:3"]);
});

Deno.test("a name that would move the cursor is harmless", () => {
  const { faults } = readJsoncConfig('{"\\u001b[2J": 1}', "a\x1b[2J");
  assertEquals(faults, [
    'a\\u001b[2J:1: there is no setting "\\u001b[2J"; each has the name of ' +
    "its flag, see --help",
  ]);
});
