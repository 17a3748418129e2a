/**
 * Flags and variables: every one of the list by both ways, who wins, and the
 * sentence about each kind of mistake. How the process ends with it is tested
 * in `tests/e2e/command_line_test.ts`.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { LIMITS } from "../../src/broker/limit_table.ts";
import type { Limits } from "../../src/broker/limits.ts";
import { FLAGS, limitFlagName, variableOf } from "../../src/cli/flags.ts";
import { listenerAt } from "../../src/cli/listener.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import {
  defaultSettings,
  type LoginSettings,
  type Settings,
  type TlsFlags,
} from "../../src/cli/settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const LIMIT_NAMES = Object.keys(LIMITS) as (keyof Limits)[];

/** Whether there is such a file, server or name is found out later. */
const ANY_TEXT = new RegExp(
  "-(?:file|key|ca|body|headers|claim|issuer|audience|information)$|" +
    "^(?:config|tls-cert|server-reference|http-login|data)$",
);

/** What a flag needs beside it, and what comes of that. */
const NEEDED: Readonly<
  Record<string, readonly [string, Partial<Settings>]>
> = {
  "jwt-key": ["key.pem", logins({ jwtKey: "key.pem" })],
  "http-login": [
    "https://a.example/",
    logins({ httpUrl: "https://a.example/" }),
  ],
  "http-listen": ["[::1]:7", { httpListen: { hostname: "::1", port: 7 } }],
  "config": ["broker.jsonc", { config: "broker.jsonc" }],
};

type Changed = Partial<LoginSettings>;

/** The same of what is no matter of logins. */
function logins(changed: Changed): Partial<Settings> {
  return { logins: { ...defaultSettings().logins, ...changed } };
}

function tls(changed: Partial<TlsFlags>): Partial<Settings> {
  return { tls: { ...defaultSettings().tls, ...changed } };
}

/** A value for each flag, and what is then not at its default. */
const GIVEN: Readonly<Record<string, readonly [string, Partial<Settings>]>> = {
  config: ["broker.jsonc", { config: "broker.jsonc" }],
  lenient: ["yes", { lenient: true }],
  host: ["::1", { host: "::1" }],
  port: ["1884", { port: 1884 }],
  listen: ["[::1]:7", {
    listen: [listenerAt({ hostname: "::1", port: 7 }, "mqtt")],
  }],
  "one-port": ["yes", { onePort: true }],
  "tls-port": ["1", { tlsPort: 1 }],
  "tls-cert": ["c.pem", tls({ certFile: "c.pem" })],
  "tls-key": ["k.pem", tls({ keyFile: "k.pem" })],
  "tls-client-ca": ["ca.pem", tls({ clientCaFile: "ca.pem" })],
  "tls-client-cert": ["optional", tls({ clientCert: "optional" })],
  "tls-version": ["1.3", tls({ tlsVersion: "1.3" })],
  data: ["here", { data: "here" }],
  memory: ["true", { memory: true }],
  sync: ["normal", { sync: "normal" }],
  "allow-anonymous": ["true", { allowAnonymous: true }],
  "password-file": ["users", logins({ passwordFile: "users" })],
  "acl-file": ["acl", logins({ aclFile: "acl" })],
  "scram-file": ["users.json", logins({ scramFile: "users.json" })],
  "cert-user": ["CN", logins({ certUser: "cn" })],
  "jwt-key": ["key.pem", logins({ jwtKey: "key.pem" })],
  "jwt-from": ["username", logins({ jwtFrom: "username" })],
  "jwt-issuer": ["me", logins({ jwtIssuers: ["me"] })],
  "jwt-audience": ["site", logins({ jwtAudiences: ["site"] })],
  "jwt-user-claim": ["name", logins({ jwtUserClaim: "name" })],
  "jwt-client-id-claim": ["cid", logins({ jwtClientIdClaim: "cid" })],
  "jwt-rights-claim": ["acl", logins({ jwtRightsClaim: "acl" })],
  "jwt-without-expiry": ["on", logins({ jwtWithoutExpiry: true })],
  "http-login": ["http://[::1]:1/", logins({ httpUrl: "http://[::1]:1/" })],
  "http-login-method": ["get", logins({ httpMethod: "GET" })],
  "http-login-body": ["body", logins({ httpBodyFile: "body" })],
  "http-login-headers": ["headers", logins({ httpHeadersFile: "headers" })],
  "http-login-ca": ["ca.pem", logins({ httpCaFile: "ca.pem" })],
  "http-login-timeout-ms": ["2s", logins({ httpTimeoutMs: 2000 })],
  "http-login-cache-ms": ["0", logins({ httpCacheMs: 0 })],
  "queue-qos0": ["yes", { queueQos0: true }],
  "strict-client-id": ["1", { strictClientId: true }],
  "deliver-each": ["on", { deliverEach: true }],
  "share-strategy": ["hash-topic", { shareStrategy: "hash-topic" }],
  "queue-overflow": ["refuse", { queueOverflow: "refuse" }],
  "check-payload-format": ["yes", { checkPayloadFormat: true }],
  "response-information": ["re/%c", { responseInformation: "re/%c" }],
  "server-reference": ["b.example", { serverReference: "b.example" }],
  "maximum-qos": ["1", { features: { maximumQos: 1 } }],
  "retain": ["no", { features: { retain: false } }],
  "wildcards": ["off", { features: { wildcards: false } }],
  "subscription-ids": ["0", { features: { subscriptionIds: false } }],
  "shared-subscriptions": [
    "false",
    { features: { sharedSubscriptions: false } },
  ],
  "sys-interval": ["1m", { sysIntervalMs: 60_000 }],
  "http-listen": ["localhost:0", {
    httpListen: { hostname: "localhost", port: 0 },
  }],
  "http-token-file": ["token", { httpTokenFile: "token" }],
  "log-format": ["json", { logFormat: "json" }],
  "log-level": ["debug", { logLevel: "debug" }],
  ...Object.fromEntries(LIMIT_NAMES.map((name) => {
    const value = LIMITS[name].least;
    return [limitFlagName(name), [`${value}`, { limits: { [name]: value } }]];
  })),
};

/** What either changes of the logins. */
function withBoth(
  one: LoginSettings | undefined,
  other: LoginSettings | undefined,
): LoginSettings {
  const initial = defaultSettings().logins;
  const changed = Object.entries(other ?? initial).filter(([name, value]) =>
    value !== initial[name as keyof LoginSettings] && !Array.isArray(value)
  );
  return { ...(one ?? initial), ...Object.fromEntries(changed) };
}

function settingsOf(
  args: string[],
  environment: Record<string, string> = {},
): Settings {
  const { settings, warnings } = readSettings(args, environment);
  assertEquals(warnings, []);
  return settings;
}

function mistake(args: string[], environment = {}): string {
  return assertThrows(() => readSettings(args, environment), UsageError)
    .message;
}

Deno.test("without flags all is at its default", () => {
  assertEquals(settingsOf([]), defaultSettings());
});

for (const { name, group, needs, value } of FLAGS) {
  if (group === "command") continue;
  const [text, changed] = GIVEN[name] ?? ["", {}];
  const [needed, besides] = NEEDED[needs ?? ""] ?? ["", {}];
  const other = needs === undefined ? [] : [`--${needs}=${needed}`];
  const expected = { ...defaultSettings(), ...besides, ...changed };
  if (needed !== "") {
    expected.logins = withBoth(changed.logins, besides.logins);
  }

  Deno.test(`--${name} and ${variableOf(name)} do the same`, () => {
    assertEquals(settingsOf([`--${name}=${text}`, ...other]), expected);
    assertEquals(settingsOf(other, { [variableOf(name)]: text }), expected);
    const words = value === undefined ? [`--${name}`] : [`--${name}`, text];
    assertEquals(settingsOf([...words, ...other]), expected);
  });

  if (needs !== undefined) {
    Deno.test(`--${name} is of no use without --${needs}`, () => {
      const says = (label: string) => `${label} has no use without --${needs} `;
      const byFlag = mistake([`--${name}=${text}`]);
      assert(byFlag.startsWith(says(`--${name}`)), byFlag);
      const byVariable = mistake([], { [variableOf(name)]: text });
      assert(byVariable.startsWith(says(variableOf(name))), byVariable);
      const variables = {
        [variableOf(name)]: text,
        [variableOf(needs)]: needed,
      };
      assertEquals(settingsOf([], variables), expected);
    });
  }

  if (ANY_TEXT.test(name)) continue;
  Deno.test(`--${name} and ${variableOf(name)} name themselves`, () => {
    const label = `--${name}`;
    assert(mistake([`${label}=<>`, ...other]).includes(label));
    const variable = variableOf(name);
    assert(mistake(other, { [variable]: "<>" }).includes(variable));
  });
}

Deno.test("a flag wins over its variable, its last one over others", () => {
  const environment = { BROKER_PORT: "1", BROKER_LOG_LEVEL: "warn" };
  const settings = settingsOf(["--port", "2", "--port", "3"], environment);
  assertEquals([settings.port, settings.logLevel], [3, "warn"]);
});

Deno.test("a variable that a flag wins over may be wrong", () => {
  assertEquals(settingsOf(["--port", "2"], { BROKER_PORT: "http" }).port, 2);
});

Deno.test("a switch can be turned off again", () => {
  const environment = { BROKER_ALLOW_ANONYMOUS: "yes" };
  const isAllowed = (args: string[]) =>
    settingsOf(args, environment).allowAnonymous;
  assertEquals(isAllowed([]), true);
  assertEquals(isAllowed(["--allow-anonymous=false"]), false);
  assertEquals(isAllowed(["--allow-anonymous=No"]), false);
});

Deno.test("what is switched off adds up", () => {
  const args = ["--retain=no", "--maximum-qos=0", "--wildcards", "no"];
  const environment = { BROKER_WILDCARDS: "yes", BROKER_RETAIN: "yes" };
  assertEquals(settingsOf(args, environment).features, {
    maximumQos: 0,
    retain: false,
    wildcards: false,
  });
});

Deno.test("a switch takes no word behind it", () => {
  const sentence = mistake(["--allow-anonymous", "false"]);
  assert(sentence.startsWith('"false" is no command or flag'), sentence);
});

Deno.test("listeners add up in a line and come with commas", () => {
  const two = [
    listenerAt({ hostname: "127.0.0.1", port: 1 }, "mqtt"),
    listenerAt({ hostname: "::1", port: 2 }, "ws", "", "/a"),
  ];
  const args = ["--listen", "127.0.0.1:1", "--listen=ws://[::1]:2/a"];
  assertEquals(settingsOf(args).listen, two);
  const environment = { BROKER_LISTEN: "127.0.0.1:1, ws://[::1]:2/a," };
  assertEquals(settingsOf([], environment).listen, two);
  const { listen } = settingsOf(["--listen", "127.0.0.1:9"], environment);
  assertEquals(listen.map(({ port }) => port), [9]);
});

Deno.test("a comma within a listener's variable is written as a code", () => {
  const environment = { BROKER_LISTEN: "h:1?allow=10.0.0.1%2C::1,[::1]:2" };
  const [first, second] = settingsOf([], environment).listen;
  assertEquals(first!.allow, ["10.0.0.1", "::1"]);
  assertEquals(second!.hostname, "::1");
});

Deno.test("names of tokens add up too", () => {
  const environment = {
    BROKER_JWT_KEY: "key.pem",
    BROKER_JWT_AUDIENCE: "site-7,site-8",
  };
  const { jwtAudiences } = settingsOf([], environment).logins;
  assertEquals(jwtAudiences, ["site-7", "site-8"]);
  const args = ["--jwt-key=k", "--jwt-issuer", "a,b", "--jwt-issuer=c"];
  assertEquals(settingsOf(args).logins.jwtIssuers, ["a,b", "c"]);
});

Deno.test("an empty variable is none", () => {
  assertEquals(settingsOf([], { BROKER_PORT: "" }), defaultSettings());
});

Deno.test("other variables are nobody's business", () => {
  const environment = { PATH: "/bin", BROKERAGE: "x", MY_BROKER_PORT: "x" };
  assertEquals(settingsOf([], environment), defaultSettings());
});

const MISTAKES: readonly (readonly [string[], string])[] = [
  [["--prot", "0"], "unknown flag --prot; did you mean --port?"],
  [["--prot=0"], "unknown flag --prot; did you mean --port?"],
  [["--PORT"], "unknown flag --PORT; did you mean --port?"],
  [["-port"], "unknown flag -p; --help shows the flags"],
  [["--log_level"], "unknown flag --log_level; did you mean --log-level?"],
  [["--allow"], "unknown flag --allow; did you mean --allow-anonymous?"],
  [["--teapot"], "unknown flag --teapot; --help shows the flags"],
  [["--__proto__"], "unknown flag --__proto__; --help shows the flags"],
  [["--toString"], "unknown flag --toString; --help shows the flags"],
  [["-x"], "unknown flag -x; --help shows the flags"],
  [["port"], '"port" is no command or flag; did you mean --port?'],
  [["serve-me"], '"serve-me" is no command or flag; --help shows the flags'],
  [["help"], '"help" is no command or flag; did you mean --help?'],
  [["paswd"], '"paswd" is no command; did you mean broker passwd?'],
  [["SCRAM", "users"], '"SCRAM" is no command; did you mean broker scram?'],
  [["scarm", "u", "ada"], '"scarm" is no command; did you mean broker scram?'],
  [["--", "--port"], '"--port" is no command or flag; did you mean --port?'],
  [[""], '"" is no command or flag; --help shows the flags'],
  [["--port"], "--port needs a value: --port PORT"],
  [["--port="], "--port needs a value: --port PORT"],
  [["--scram-file"], "--scram-file needs a value: --scram-file FILE"],
  [["--port", "--host"], "--port needs a value: --port PORT"],
  [["--port", "-1"], "--port needs a value: --port PORT"],
  [["--port=-1"], '--port must be 0 to 65535, not "-1"'],
  [["--port", "http"], '--port must be 0 to 65535, not "http"'],
  [["--help=limits"], "--help takes no value"],
  [["--log-format", "xml"], '--log-format must be text or json, not "xml"'],
  [
    ["--log-level", "loud"],
    '--log-level must be error, warn, info or debug, not "loud"',
  ],
  [
    ["--queue-qos0=maybe"],
    '--queue-qos0 must be true or false, not "maybe"',
  ],
  [["--maximum-qos", "3"], '--maximum-qos must be 0 to 2, not "3"'],
  [["--maximum-qos", "0.5"], '--maximum-qos must be 0 to 2, not "0.5"'],
  [["--retain"], "--retain needs a value: --retain YES"],
  [["--retain", "never"], '--retain must be yes or no, not "never"'],
  [
    ["--share-strategy", "random"],
    "--share-strategy must be round-robin, least-inflight, hash-client-id " +
    'or hash-topic, not "random"',
  ],
  [
    ["--server-reference", "a".repeat(1025)],
    "--server-reference must have at most 1024 characters, not 1025",
  ],
  [["--\x1b[2J"], "unknown flag --\\u001b[2J; --help shows the flags"],
];

for (const [args, sentence] of MISTAKES) {
  Deno.test(`${JSON.stringify(args)} is refused`, () => {
    assertEquals(mistake(args), sentence);
  });
}

Deno.test("a mistake of any length makes a short sentence", () => {
  for (const word of ["--" + "x".repeat(1e5), "x".repeat(1e5)]) {
    assert(mistake([word]).length < 200);
  }
});

for (
  const [args, command] of [
    [["--help"], "help"],
    [["-h"], "help"],
    [["--version"], "version"],
    [["--help-limits"], "help_limits"],
    [["--help-mqtt"], "help_mqtt"],
    [["--help-watch"], "help_watch"],
    [["--help-listen"], "help_listen"],
    [["--help-login"], "help_login"],
    [["--port", "1884", "--help"], "help"],
    [["--prot", "--help"], "help"],
  ] as const
) {
  Deno.test(`${args.join(" ")} asks for ${command}`, () => {
    const { settings } = readSettings(args, { BROKER_PORT: "http" });
    assertEquals(settings.command, command);
  });
}

Deno.test("an unknown variable is a warning with a hint", () => {
  const environment = {
    BROKER_PROT: "1",
    BROKER_TEAPOT: "1",
    BROKER_VERSION: "1.2.3",
  };
  const { settings, warnings } = readSettings([], environment);
  assertEquals(settings, defaultSettings());
  assertEquals(warnings, [
    "unknown variable BROKER_PROT; did you mean BROKER_PORT?",
    "unknown variable BROKER_TEAPOT; --help shows the flags, each has a " +
    "variable",
    "unknown variable BROKER_VERSION; --help shows the flags, each has a " +
    "variable",
  ]);
});

Deno.test("what Kubernetes says of a service does not stop it", () => {
  const { settings, warnings } = readSettings([], {
    BROKER_PORT: "tcp://10.96.0.1:1883",
    BROKER_PORT_1883_TCP: "tcp://10.96.0.1:1883",
    BROKER_PORT_1883_TCP_ADDR: "10.96.0.1",
    BROKER_SERVICE_HOST: "10.96.0.1",
    BROKER_SERVICE_PORT: "1883",
  });
  assertEquals(settings, defaultSettings());
  assertEquals(warnings.length, 1);
  assert(
    warnings[0]!.startsWith("BROKER_PORT=tcp://10.96.0.1:1883 is ignored"),
  );
});
