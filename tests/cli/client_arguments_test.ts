/**
 * The arguments of `broker pub`, `sub` and `rr`: what Mosquitto's clients
 * take, and a sentence for each mistake.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { readClientArguments } from "../../src/cli/client_arguments.ts";
import type {
  ClientCommand,
  ClientSettings,
} from "../../src/cli/client_settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

function settingsOf(command: ClientCommand, line: string): ClientSettings {
  const args = line === "" ? [] : line.split(" ");
  const order = readClientArguments(command, args);
  if (order.kind !== "run") throw new Error(order.kind);
  return order.settings;
}

/** The command, its arguments, and what they come to. */
const GOOD: readonly (readonly [
  ClientCommand,
  string,
  Partial<ClientSettings>,
])[] = [
  ["pub", "-t a -m -5", {
    topics: ["a"],
    payload: { kind: "text", text: "-5" },
  }],
  ["pub", "-t a -m -t", { payload: { kind: "text", text: "-t" } }],
  ["pub", "--topic=a --message=b=c", {
    topics: ["a"],
    payload: { kind: "text", text: "b=c" },
  }],
  ["pub", "-t a -f f", { payload: { kind: "file", path: "f" } }],
  ["pub", "-t a -s", { payload: { kind: "stdin" } }],
  ["pub", "-t a -l", { payload: { kind: "lines" } }],
  ["pub", "-t a -n -r -q 2", {
    payload: { kind: "none" },
    retain: true,
    qos: 2,
  }],
  ["pub", "-t a -n --repeat 3 --repeat-delay 0.5", {
    repeat: 3,
    repeatDelayMs: 500,
  }],
  ["pub", "-t a -n -h ::1 -p 1884", { hostname: "::1", port: 1884 }],
  ["pub", "-t a -n -h [::1]", { hostname: "::1" }],
  ["pub", "-t a -n -u ada -P pencil", { userName: "ada", password: "pencil" }],
  ["pub", "-t a -n -V mqttv31", { level: 3 }],
  ["pub", "-t a -n -V 5", { level: 5 }],
  ["pub", "-t a -n -k 0 -M 1", { keepAliveSeconds: 0, inflightMax: 1 }],
  ["pub", "-t a -n -x -1", { sessionExpirySeconds: 0xffffffff }],
  ["pub", "-t a -n -i id -c", { clientId: "id", cleanSession: false }],
  ["pub", "-t a -n -I id -c", { clientIdPrefix: "id", cleanSession: false }],
  ["pub", "-t a -n --nodelay --quiet -d", { isQuiet: true, isTraced: true }],
  ["pub", "-t a -n --alpn mqtt", { alpn: "mqtt", wantsTls: true }],
  ["pub", "-t a -n --tls-version tlsv1.3", { tlsVersion: "1.3" }],
  ["pub", "-t a -n --cafile f --insecure", { caFile: "f", isInsecure: true }],
  ["pub", "-t a -n --will-topic w --will-payload x --will-qos 1", {
    willTopic: "w",
    willPayload: "x",
    willQos: 1,
  }],
  ["pub", "-L mqtt://h/a/b -n", { hostname: "h", topics: ["a/b"] }],
  ["pub", "-L mqtts://u:p%40@h:1/a -n", {
    hostname: "h",
    port: 1,
    userName: "u",
    password: "p@",
    wantsTls: true,
  }],
  ["pub", "-L ws://h -t a -n", { webSocketPath: "/mqtt", port: 80 }],
  ["pub", "-L wss://[::1]:1/p/q -t a -n", {
    hostname: "::1",
    port: 1,
    webSocketPath: "/p/q",
    wantsTls: true,
  }],
  ["pub", "-L unix:///run/b.sock -t a -n", { file: "/run/b.sock" }],
  ["pub", "-t a -n -D publish user-property b c -D publish topic-alias 2", {
    properties: { PUBLISH: { userProperties: [["b", "c"]], topicAlias: 2 } },
  }],
  ["sub", "-t a -t b/# -v -N -C 2 -W 1.5", {
    topics: ["a", "b/#"],
    isVerbose: true,
    endsLines: false,
    countMax: 2,
    timeoutMs: 1500,
  }],
  ["sub", "-t $share/g/a -T a/b -U c -R", {
    filtersOut: ["a/b"],
    unsubscribes: ["c"],
    takesRetained: false,
  }],
  ["sub", "-U c -E", { topics: [], endsWhenSubscribed: true }],
  ["sub", "-L mqtt://h/a/#", { topics: ["a/#"] }],
  ["rr", "-t a -e b -m x", { topics: ["a"], responseTopic: "b" }],
];

for (const [command, line, wanted] of GOOD) {
  Deno.test(`broker ${command} ${line}`, () => {
    const settings = settingsOf(command, line);
    for (const [name, value] of Object.entries(wanted)) {
      assertEquals(settings[name as keyof ClientSettings], value, name);
    }
  });
}

/** The command, its arguments, and the sentence. */
const BAD: readonly (readonly [ClientCommand, string, string])[] = [
  ["pub", "", "a topic and a message are needed: broker pub -t TOPIC -m TEXT"],
  ["pub", "-t a", "a topic and a message are needed"],
  ["pub", "-t a -m", "--message needs a value: --message TEXT"],
  ["pub", "-t a -m b -n", "a message has one payload"],
  ["pub", "-t a -t b -n", "a message has one topic, and there are several"],
  ["pub", "-t a/# -n", 'the topic "a/#" has a wildcard in a topic name'],
  ["pub", "-t a -n -q 3", '--qos must be 0, 1 or 2, not "3"'],
  ["pub", "-t a -n -p x", "--port must be"],
  ["pub", "-t a -n -V 4", '--protocol-version must be 31, 311 or 5, not "4"'],
  [
    "pub",
    "-t a -n --retian",
    'unknown flag "--retian"; did you mean --retain?',
  ],
  ["pub", "-t a -n --psk 12", 'unknown flag "--psk"; broker pub --help shows'],
  ["pub", "hello", '"hello" is not a flag; broker pub --help shows the flags'],
  ["pub", "-t a -n --retain=no", "--retain takes no value"],
  ["pub", "-t a -n -c", "--disable-clean-session needs --id"],
  ["pub", "-t a -n -V 311 -x 1", "--session-expiry-interval needs MQTT 5.0"],
  ["pub", "-t a -n -V 31 -D publish topic-alias 1", "--property needs MQTT"],
  ["pub", "-t a -n --will-payload x", "a will needs a --will-topic"],
  ["pub", "-t a -n --will-topic #", "--will-topic"],
  ["pub", "-t a -l --repeat 2", "--repeat has no use beside --stdin-line"],
  ["pub", "-t a -l --password-file -", "stdin can't hold both"],
  ["pub", "-t a -n -P x --password-file f", "there is a password beside"],
  ["pub", "-t a -n -L http://h", "--url must be mqtt://"],
  ["pub", "-t a -n -L mqtt://%@h", "the login of --url has a %"],
  ["pub", "-t a -n -D publish content-typ x", "did you mean content-type?"],
  ["pub", "-t a -n -D connect content-type x", "is no property of CONNECT"],
  ["pub", "-t a -n -D puback content-type x", "the packet of --property must"],
  ["pub", "-t a -n -D publish topic-alias 0", "the value of topic-alias must"],
  ["pub", "-t a -n -D publish user-property x", "--property needs a value"],
  ["pub", "-t a -n -D publish subscription-identifier 1", "is no property of"],
  ["pub", "-t a -n -C 1", 'unknown flag "-C"'],
  ["sub", "", "a topic is needed: broker sub -t TOPIC"],
  ["sub", "-t a#", 'the topic filter "a#" has # that is not a whole'],
  ["sub", "-t $share/a", "has a shared subscription without a filter"],
  ["sub", "-t a -F %y", "--format has no %y"],
  ["sub", "-t a -F @", "--format has no @"],
  ["sub", "-t a -C 0", "--count must be"],
  ["sub", "-t a -W x", '--timeout must be seconds, at most 2147483, not "x"'],
  ["sub", "-t a -m x", 'unknown flag "-m"'],
  ["rr", "-t a -m x", "a topic for the answer is needed"],
  ["rr", "-t a -e b/+ -m x", '--response-topic "b/+" has a wildcard'],
  ["rr", "-e b", "broker rr -t TOPIC -e TOPIC -m TEXT"],
];

for (const [command, line, sentence] of BAD) {
  Deno.test(`broker ${command} ${line || "alone"} is a mistake`, () => {
    assertThrows(() => settingsOf(command, line), UsageError, sentence);
  });
}

Deno.test("help is given, whatever else is wrong", () => {
  assertEquals(readClientArguments("sub", ["-t", "a", "--help"]).kind, "help");
  const kind = readClientArguments("rr", ["--help-connect"]).kind;
  assertEquals(kind, "help_connect");
});

Deno.test("a sentence does not repeat the password of a URL", () => {
  const error = assertThrows(
    () => settingsOf("pub", "-t a -n -L htp://ada:pencil@h/a"),
    UsageError,
  );
  assertEquals(error.message.includes("pencil"), false);
});
