/**
 * A `mosquitto.conf` as settings of this broker: each option, what is noted,
 * what is refused, Mosquitto's defaults, and the files of Debian's package.
 * That clients then work as before is tested in `tests/e2e/config_test.ts`.
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readConfigFile } from "../../src/cli/config_file.ts";
import { FILE_FLAGS } from "../../src/cli/flags.ts";
import { planListening } from "../../src/cli/listen_plan.ts";
import { mosquittoSettings } from "../../src/cli/mosquitto_config.ts";
import {
  type MosquittoLine,
  mosquittoLines,
  readMosquittoLines,
} from "../../src/cli/mosquitto_lines.ts";
import { MOSQUITTO_OPTIONS } from "../../src/cli/mosquitto_options.ts";
import { MISSING, NEEDLESS } from "../../src/cli/mosquitto_others.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const STRICT = { lenient: false, hasIpv6: true };

/** What is there whatever a file says. */
const ALWAYS = ["packet-bytes-max", "memory"];

function read(text: string, how = STRICT) {
  return mosquittoSettings(mosquittoLines(text, "m.conf"), how);
}

/** The settings without those that are always there, as texts. */
function settings(text: string, how = STRICT): Record<string, unknown> {
  const { faults, given } = read(text, how);
  assertEquals(faults, []);
  return Object.fromEntries(
    [...given].filter(([name]) => !ALWAYS.includes(name)).map(([name, all]) => {
      const texts = all.map((one) => one.text);
      return [name, name === "listen" ? texts : texts[0]];
    }),
  );
}

const EVERYONE = { "allow-anonymous": "true" };

/** Settings that a file comes to. */
const MEANINGS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["", {}],
  ["# listener 1883\n\n  # x", {}],
  ["allow_anonymous false", {}],
  ["password_file /u", { "password-file": "/u", ...EVERYONE }],
  ["listener 1883", { listen: ["mqtt://[::]:1883?anonymous=no"] }],
  ["port 1884", { listen: ["mqtt://[::]:1884?anonymous=no"] }],
  ["listener 1883\nallow_anonymous true", {
    listen: ["mqtt://[::]:1883"],
    ...EVERYONE,
  }],
  ["allow_anonymous true\nlistener 1 127.0.0.1\nlistener 2 ::1", {
    listen: ["mqtt://127.0.0.1:1", "mqtt://[::1]:2"],
    ...EVERYONE,
  }],
  ["listener  1883 \r\npassword_file  /a b \r", {
    listen: ["mqtt://[::]:1883"],
    "password-file": "/a b",
  }],
  ["listener 1883\nsocket_domain ipv4\npassword_file u", {
    listen: ["mqtt://0.0.0.0:1883"],
    "password-file": "u",
  }],
  ["bind_address localhost\npassword_file u", {
    listen: ["mqtt://localhost:1883"],
    "password-file": "u",
  }],
  ["listener 0 /run/m&q.sock\nallow_anonymous true", {
    listen: ["unix:///run/m%26q.sock"],
    ...EVERYONE,
  }],
  ["listener 9001\nprotocol websockets\nallow_anonymous true", {
    listen: ["ws://[::]:9001/*"],
    ...EVERYONE,
  }],
  ["max_connections 5\nallow_anonymous true", {
    listen: ["mqtt://[::]:1883?connections=5"],
    ...EVERYONE,
  }],
  ["max_connections -1", {}],
  ["listener 1\nmount_point a&b/\nallow_anonymous true", {
    listen: ["mqtt://[::]:1?mount=a%26b/"],
    ...EVERYONE,
  }],
  ["listener 1\ncertfile c\nkeyfile k\ncafile a\npassword_file u", {
    listen: ["mqtts://[::]:1?cert=c&key=k"],
    "password-file": "u",
  }],
  [
    "listener 1\ncertfile c\nkeyfile k\ncafile a\nrequire_certificate true\n" +
    "use_identity_as_username true\ntls_version tlsv1.3",
    {
      listen: [
        "mqtts://[::]:1?tls-version=1.3&cert=c&key=k&client-ca=a" +
        "&client-cert=required",
      ],
      "cert-user": "cn",
    },
  ],
  [
    "listener 1\nrequire_certificate 1\ncertfile c\nkeyfile k\ncafile a\n" +
    "use_subject_as_username true\nprotocol websockets",
    {
      listen: [
        "wss://[::]:1/*?cert=c&key=k&client-ca=a&client-cert=required",
      ],
      "cert-user": "subject",
    },
  ],
  [
    "per_listener_settings true\nlistener 1\nallow_anonymous true\nacl_file a" +
    "\npassword_file u\nlistener 2\nacl_file a\npassword_file u",
    {
      listen: ["mqtt://[::]:1?anonymous=yes", "mqtt://[::]:2?anonymous=no"],
      "acl-file": "a",
      "password-file": "u",
    },
  ],
  ["max_inflight_messages 20", { "inflight-out-max": "20" }],
  ["max_inflight_messages 0", { "inflight-out-max": "32768" }],
  ["max_queued_messages 0", { "backlog-messages-max": "1000000000" }],
  ["max_queued_bytes 4096", { "backlog-bytes-max": "4096" }],
  ["max_keepalive 60", { "keep-alive-seconds-max": "60" }],
  ["persistent_client_expiration 2m", {
    "session-expiry-seconds-max": `${60 * 86_400}`,
  }],
  ["persistent_client_expiration 1h", { "session-expiry-seconds-max": "3600" }],
  ["queue_qos0_messages true", { "queue-qos0": "true" }],
  ["retain_available false", { retain: "false" }],
  ["max_qos 1\nallow_anonymous true", {
    listen: ["mqtt://[::]:1883"],
    "maximum-qos": "1",
    ...EVERYONE,
  }],
  ["listener 1\nmax_topic_alias 5\nallow_anonymous true", {
    listen: ["mqtt://[::]:1"],
    "topic-alias-max": "5",
    ...EVERYONE,
  }],
  ["log_type error\nlog_type notice\nlog_type warning", {
    "log-level": "info",
  }],
  ["log_type all", { "log-level": "debug" }],
];

for (const [text, expected] of MEANINGS) {
  Deno.test(`${JSON.stringify(text)} is understood`, () => {
    assertEquals(settings(text), expected);
    const file = read(text);
    const { settings: all } = readSettings([], {}, file);
    planListening(all); // throws when a broker could not start with it
  });
}

Deno.test("a machine without IPv6 is listened at all the same", () => {
  const how = { lenient: false, hasIpv6: false };
  const { listen } = settings("listener 1\nallow_anonymous true", how);
  assertEquals(listen, ["mqtt://0.0.0.0:1"]);
});

Deno.test("a packet may be as large as Mosquitto lets it be", () => {
  const textOf = (text: string) =>
    read(text).given.get("packet-bytes-max")?.[0]?.text;
  assertEquals(textOf(""), "268435460");
  assertEquals(textOf("max_packet_size 1000"), "1000");
  assertEquals(textOf("max_packet_size 0"), "268435460");
  assertEquals(textOf("message_size_limit 1000"), `${1000 + 128 * 1024}`);
  const both = "max_packet_size 1000\nmessage_size_limit 5";
  assertEquals(textOf(both), "1000");
});

const NOTES: readonly (readonly [string, string])[] = [
  ["pid_file /run/m.pid", "m.conf:1: pid_file: no such file is written"],
  [
    "log_dest file /m.log",
    "m.conf:1: log_dest: log lines go to standard error",
  ],
  [
    "message_size_limit 5",
    "m.conf:1: message_size_limit: a client that sends much more is " +
    "disconnected",
  ],
];

for (const [text, note] of NOTES) {
  Deno.test(`of ${text} a note is taken`, () => {
    assertEquals([read(text).faults, read(text).warnings], [[], [note]]);
  });
}

Deno.test("what asks for nothing is passed over", () => {
  const text = "log_dest stderr\nset_tcp_nodelay true\nmemory_limit 0\n" +
    "allow_zero_length_clientid true\nupgrade_outgoing_qos false";
  assertEquals([read(text).faults, read(text).warnings], [[], []]);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ["crlfile /c", "crlfile: revoked certificates are not looked for"],
  ["connection a", "connection: bridges to other brokers are not here"],
  ["plugin_opt_x y", "plugin_opt_x: plugins are not here"],
  ["lisener 1", 'there is no option "lisener"; did you mean listener?'],
  ["__proto__ 1", 'there is no option "__proto__"'],
  [
    "allow_zero_length_clientid false",
    "allow_zero_length_clientid: clients may leave their id to the broker",
  ],
];

for (const [text, says] of REFUSED) {
  Deno.test(`${text} is refused, and left out when that is asked for`, () => {
    assertEquals(read(text).faults, [
      `m.conf:1: ${says}; --lenient leaves it out`,
    ]);
    const { faults, warnings } = read(text, { ...STRICT, lenient: true });
    assertEquals([faults, warnings], [[], [`m.conf:1: ${says}; left out`]]);
  });
}

/** What differs by listener, and can't here. */
const DIFFERENT: readonly string[] = [
  "per_listener_settings true\nlistener 1\npassword_file a\nlistener 2\n" +
  "password_file b",
  "per_listener_settings true\nlistener 1\npassword_file a\nlistener 2\n" +
  "allow_anonymous true",
  "per_listener_settings true\nlistener 1\nacl_file a\nlistener 2",
  "allow_anonymous true\nlistener 1\nmax_qos 1\nlistener 2",
];

for (const text of DIFFERENT) {
  Deno.test(`${JSON.stringify(text)} can't be done here`, () => {
    const [fault, ...others] = read(text).faults;
    assertMatch(fault!, /^m\.conf:\d: .*the same for all listeners here; /);
    assertEquals(others, []);
  });
}

const MISTAKES: readonly (readonly [string, string])[] = [
  ["listener http", 'm.conf:1: listener must be a number, not "http"'],
  [
    "listener 70000",
    'm.conf:1: the port of listen must be 0 to 65535, not "70000"',
  ],
  ["listener 0", "m.conf:1: listener 0 needs the path of a Unix socket"],
  ["\nmax_qos 3", 'm.conf:2: maximum-qos must be 0 to 2, not "3"'],
  [
    "max_keepalive 0",
    'm.conf:1: keep-alive-seconds-max must be 1 to 65535 s, not "0"',
  ],
  [
    "allow_anonymous maybe",
    'm.conf:1: allow_anonymous must be true or false, not "maybe"',
  ],
  ["password_file", "m.conf:1: password_file needs a value"],
  ["listener 1\ncertfile c", "m.conf:1: certfile and keyfile belong together"],
  [
    "listener 1\ncertfile c\nkeyfile k\nrequire_certificate true",
    "m.conf:1: require_certificate needs a cafile",
  ],
  [
    "tls_version tlsv1.1",
    'm.conf:1: tls_version must be tlsv1.2 or tlsv1.3, not "tlsv1.1"',
  ],
  [
    "persistent_client_expiration 2",
    'm.conf:1: persistent_client_expiration must be like 2m or 14d, not "2"',
  ],
  [
    "protocol http_api",
    'm.conf:1: protocol must be mqtt or websockets, not "http_api"',
  ],
];

for (const [text, sentence] of MISTAKES) {
  Deno.test(`${JSON.stringify(text)} is a mistake, lenient or not`, () => {
    const file = read(text, { ...STRICT, lenient: true });
    let told = file.faults.join("\n");
    try {
      readSettings([], {}, file);
    } catch (error) {
      told = (error as Error).message;
    }
    assertEquals(told, sentence);
  });
}

Deno.test("no option is in two lists", () => {
  const lists = [MOSQUITTO_OPTIONS, NEEDLESS, MISSING].flatMap(Object.keys);
  assertEquals(lists.length, new Set(lists).size);
});

Deno.test("folders are included in Mosquitto's order", async () => {
  const files: Record<string, string> = { "m": "a 1\ninclude_dir d/\nz 1" };
  for (const name of ["b", "A", "01", "a", "B", "00"]) {
    files[`d/${name}.conf`] = `${name} 1`;
  }
  const names = Object.keys(files).filter((one) => one.startsWith("d/"))
    .map((one) => one.slice(2));
  const { lines, files: all } = await readMosquittoLines("m", {
    read: (path) => Promise.resolve(files[path]!),
    list: () => Promise.resolve([...names, "README", "x.conf~"]),
  });
  const order = lines.map(({ name }: MosquittoLine) => name);
  assertEquals(order, ["a", "00", "01", "A", "a", "B", "b", "z"]);
  assertEquals(lines.at(-2)!.where, "d/b.conf:1");
  assertEquals(all.length, 7);
});

Deno.test("a folder that is not there is a mistake", async () => {
  const path = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(path, "include_dir /no/such/folder");
  const read = () => readConfigFile(path, true);
  const { message } = await assertRejects(read, UsageError);
  assertEquals(
    message,
    "--config: the folder /no/such/folder can't be read",
  );
  await Deno.remove(path);
});

/** Files of Debian's package; where it is not installed there is no test. */
const PACKAGE = [
  "/etc/mosquitto/mosquitto.conf",
  "/usr/share/doc/mosquitto/examples/mosquitto.conf",
];

for (const path of PACKAGE) {
  Deno.test({
    name: `${path} is read`,
    ignore: await Deno.stat(path).then(() => false, () => true),
    fn: async () => {
      const file = await readConfigFile(path, false);
      assertEquals(file.faults, []);
      const { listeners } = planListening(readSettings([], {}, file).settings);
      const hosts = listeners.map(({ hostname }) => hostname);
      assertEquals(hosts, ["127.0.0.1", "::1"]);
    },
  });
}

/** Options in the documentation's example, all of them commented out. */
Deno.test({
  name: "each option of Mosquitto's example is known",
  ignore: await Deno.stat(PACKAGE[1]!).then(() => false, () => true),
  fn: async () => {
    const text = await Deno.readTextFile(PACKAGE[1]!);
    const known = [MOSQUITTO_OPTIONS, NEEDLESS, MISSING].flatMap(Object.keys);
    const names = [...text.matchAll(/^#([a-z]\w+(?:\.\d)?)(?: .*)?$/gm)]
      .map(([, name]) => name!);
    const unknown = names.filter((name) =>
      !known.includes(name) && name !== "include_dir"
    );
    assertEquals(unknown, []);
  },
});

Deno.test("what a file is read as is a setting of ours", () => {
  const flags = FILE_FLAGS.map(({ name }) => name);
  for (const [text] of MEANINGS) {
    for (const name of read(text).given.keys()) {
      assertEquals(flags.includes(name), true, name);
    }
  }
});
