/**
 * What `--help`, `--help-listen` and the like print, made from the list of
 * flags. Lines have at most 80 columns.
 *
 * @module
 */

import { LIMITS } from "../broker/limit_table.ts";
import type { Limits } from "../broker/limits.ts";
import { COMMANDS } from "./commands.ts";
import { FLAGS, limitFlagName } from "./flags.ts";
import { columns } from "./help_columns.ts";
import { LISTENER_OPTIONS } from "./listener_options.ts";
import { formatQuantity } from "./quantity.ts";
import type { Flag } from "./settings.ts";
import { PROTOCOLS, VERSION } from "./version.ts";

const COLUMNS = 80;
const COMMAND_COLUMNS = 12;
const SAYS_COLUMN = 24;
const MQTT_SAYS_COLUMN = 32;
const LIMIT_SAYS_COLUMN = 40;

/**
 * The page that `--help` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { helpPage } from "./help.ts";
 *
 * assert(helpPage().includes("--port PORT"));
 * ```
 */
export function helpPage(): string {
  const flags = FLAGS.filter(({ group }) =>
    group === "setting" || group === "command"
  );
  return `\
broker ${VERSION}, an MQTT broker (${PROTOCOLS})

Usage: broker [flags]    or broker COMMAND [flags]; each COMMAND has --help

${commandLines().join("\n")}

Without flags it listens on port 1883, for clients on this machine only.

${flags.map((flag) => flagLines(flag, SAYS_COLUMN)).join("\n")}

Examples:
  broker --host 0.0.0.0 --allow-anonymous      let everyone in
  broker --host 0.0.0.0 --password-file users  let users in
  broker --tls-cert c.pem --tls-key k.pem      TLS too, on port 8883
  BROKER_PORT=1884 broker                      each flag has a variable
`;
}

/**
 * The page that `broker config --help` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { configPage } from "./help.ts";
 *
 * assert(configPage().includes("--lenient"));
 * ```
 */
export function configPage(): string {
  const flags = FLAGS.filter(({ group }) => group === "config");
  return `\
Usage: broker config [flags]         print what is set, and where that is said
       broker config --check [flags] look whether a broker could start with it
       broker config convert FILE    print a mosquitto.conf as a broker.jsonc
       broker config schema          print the JSON Schema of broker.jsonc

Settings come from flags, then variables, then the file of --config, then the
defaults. A file has each flag by its name, without the dashes, as JSON with
comments. It is read again when it changes, and on SIGHUP.

${flags.map((flag) => flagLines(flag, SAYS_COLUMN)).join("\n")}

Examples:
  broker --config broker.jsonc
  broker --config /etc/mosquitto/mosquitto.conf
  broker config --config broker.jsonc --port 1884
  broker config convert /etc/mosquitto/mosquitto.conf > broker.jsonc
`;
}

/**
 * The page that `--help-listen` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { listenPage } from "./help.ts";
 *
 * assert(listenPage().includes("connections=N"));
 * ```
 */
export function listenPage(): string {
  const flags = FLAGS.filter(({ group }) => group === "listen");
  const options = LISTENER_OPTIONS.map(({ name, value, says }) =>
    columns(`${name}=${value}`, says, MQTT_SAYS_COLUMN)
  );
  return `\
Each --listen opens one listener, in place of port 1883 of this machine. It is
HOST:PORT, or a URL:

  mqtt://HOST:PORT      MQTT over TCP
  mqtts://HOST:PORT     MQTT over TLS
  ws://HOST:PORT/PATH   MQTT in WebSocket; PATH is mqtt unless given, * is all
  wss://HOST:PORT/PATH  the same over TLS
  any://HOST:PORT/PATH  each of these, as the client's first bytes tell
  unix:///FILE          MQTT over a Unix socket

${flags.map((flag) => flagLines(flag, MQTT_SAYS_COLUMN)).join("\n")}

Options of one listener stand behind a ?, with & between them. BROKER_LISTEN has
commas between listeners, so a comma in a URL is %2C there.

${options.join("\n")}

Examples (certificates are read again when they change, and on SIGHUP):
  broker --listen 'mqtts://0.0.0.0:8883?client-cert=required' \\
    --tls-cert c.pem --tls-key k.pem --tls-client-ca ca.pem --cert-user cn
  broker --listen 'ws://127.0.0.1:8083/mqtt?anonymous=yes&mount=public/'
  broker --listen 'mqtt://10.0.0.7:1883?proxy=10.0.0.1' --password-file users
`;
}

/**
 * The page that `--help-login` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { loginPage } from "./help.ts";
 *
 * assert(loginPage().includes("--password-file FILE"));
 * ```
 */
export function loginPage(): string {
  const flags = FLAGS.filter(({ group }) => group === "login");
  return `\
Who may connect, and who may do what. Several may decide: certificate, token,
password file and server are asked in this order until one knows the client.
Files are read again when they change, and on SIGHUP.

${flags.map((flag) => flagLines(flag, MQTT_SAYS_COLUMN)).join("\n")}

Examples:
  broker passwd users ada
  broker --host 0.0.0.0 --password-file users --acl-file acl
  broker --host 0.0.0.0 --jwt-key public.pem --jwt-audience my-site
`;
}

/**
 * The page that `--help-mqtt` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { mqttPage } from "./help.ts";
 *
 * assert(mqttPage().includes("--maximum-qos N"));
 * ```
 */
export function mqttPage(): string {
  const flags = FLAGS.filter(({ group }) => group === "mqtt");
  return `\
What of MQTT can be tuned or switched off. 5.0 clients are told what is off.

${flags.map((flag) => flagLines(flag, MQTT_SAYS_COLUMN)).join("\n")}

Examples:
  broker --maximum-qos 1 --retain no
  broker --queue-qos0 --queue-overflow drop-oldest
  BROKER_MAXIMUM_QOS=1 broker    each flag has a variable
`;
}

/**
 * The page that `--help-watch` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { watchPage } from "./help.ts";
 *
 * assert(watchPage().includes("--http-listen HOST:PORT"));
 * ```
 */
export function watchPage(): string {
  const flags = FLAGS.filter(({ group }) => group === "watch");
  return `\
How to watch the broker: by MQTT in $SYS/broker/# (an ACL has to allow it), with
broker status, and by HTTP, which has metrics for Prometheus, an API and a
dashboard. The API wants the secret that the first start makes: api-secret in
the folder of --data.

${flags.map((flag) => flagLines(flag, MQTT_SAYS_COLUMN)).join("\n")}

Examples:
  mosquitto_sub -v -t '$SYS/broker/clients/#'
  broker status
  curl http://127.0.0.1:8080/metrics
`;
}

/**
 * The page that `--help-limits` prints.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { limitsPage } from "./help.ts";
 *
 * assert(limitsPage().includes("--packet-bytes-max 10MiB "));
 * ```
 */
export function limitsPage(): string {
  const names = Object.keys(LIMITS) as (keyof Limits)[];
  return `\
The limits and their defaults. Sizes are like 64KiB, times like 500ms, 10s, 2m.
What happens above a limit is in the README, and in broker config schema.

${names.map(limitLines).join("\n")}

Example: broker --connections-max 1000 --packet-bytes-max 1MiB
`;
}

/** The commands, in two columns. */
function commandLines(): string[] {
  const texts = COMMANDS.map(({ name, says }) =>
    `  ${name.padEnd(COMMAND_COLUMNS)}${says}`
  );
  const rows = Math.ceil(texts.length / 2);
  return texts.slice(0, rows).map((left, row) =>
    `${left.padEnd(COLUMNS / 2)}${texts[row + rows] ?? ""}`.trimEnd()
  );
}

function flagLines(flag: Flag, saysColumn: number): string {
  const { name, short, value, initial, says, group } = flag;
  const left = (short === undefined ? "" : `-${short}, `) + `--${name}` +
    (value === undefined ? "" : ` ${value}`);
  const isWorthSaying = group !== "command" && value !== undefined &&
    initial !== "none";
  const text = isWorthSaying ? `${says} [${initial}]` : says;
  return columns(left, text, saysColumn);
}

/** The first sentence is all that a line has room for. */
function limitLines(name: keyof Limits): string {
  const { says, unit, value } = LIMITS[name];
  const left = `--${limitFlagName(name)} ${formatQuantity(value, unit)}`;
  const [sentence] = says.split(/(?<=\.) /);
  return columns(left, sentence!, LIMIT_SAYS_COLUMN);
}
