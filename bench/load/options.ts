/** The load bench's command line, read and checked. Starts nothing. */

import { parseArgs } from "node:util";
import { type Transport, TRANSPORTS } from "./doors.ts";
import { ACL_RULES, KEY_KINDS, type KeyKind, type Login } from "./equipment.ts";
import { type Level, LEVELS } from "./variants.ts";

export interface Options {
  readonly scenario: RegExp;
  /** Names of contenders; `url` is the broker at `--url`. */
  readonly brokers: readonly string[];
  /** In ascending order, each once. */
  readonly levels: readonly Level[];
  /** In the order asked for: the first is what others are set against. */
  readonly transports: readonly Transport[];
  /** Whether each row is run guarded too. */
  readonly withGuard: boolean;
  readonly keyKind: KeyKind;
  readonly runs: number;
  readonly scale: number;
  readonly portBase: number;
  readonly url: Url | undefined;
  /** File with what is trusted at `url`. */
  readonly caFile: string | undefined;
  readonly pid: number | undefined;
  readonly svg: string | undefined;
  readonly json: string | undefined;
}

/** Where a broker runs already. */
export interface Url {
  readonly hostname: string;
  readonly port: number;
  readonly transport: Transport;
  readonly path: string;
  readonly login: Login | undefined;
}

export const HELP = `Measures MQTT brokers from outside, one beside the other.

  deno task bench:load [options]

  --scenario REGEX   only scenarios whose name matches; those that begin with
                     durable_ keep their state below TMPDIR: name a disk there
  --broker LIST      of deno,bun,mosquitto,aedes,relay-deno,relay-bun;
                     default all; what is not installed is left out
  --mqtt LIST        protocol levels: 4 (MQTT 3.1.1, the default), 5 (MQTT
                     5.0), or 4,5 to run each row at both, in turn; rows that
                     begin with v5_ come with 5 and are set against the same
                     without what they add
  --transport LIST   of tcp,tls,ws,wss; default tcp. Rows of each, in turn,
                     set against the first named
  --key KIND         of the certificate: ec (P-256, the default) or rsa
  --guarded          each row also with logins checked by a password file and
                     topics by ${ACL_RULES} access rules, set against without
  --url URL          measure a broker that runs already (alone, or beside
                     those named with --broker): HOST:PORT, or in full
                     mqtt, mqtts, ws or wss://[USER:PASSWORD@]HOST:PORT[/PATH]
  --ca FILE          what to trust there beside what the system does
  --pid N            its process here, for CPU and memory
  --runs N           runs of each, medians are shown; default 5
  --scale X          messages of each run, multiplied; default 1
  --svg FILE         write a chart
  --json FILE        write all numbers
  --port N           first of the ports to use; default: free ones
  --help             this text

BUN and MOSQUITTO in the environment name other executables to use.`;

const SCHEMES: ReadonlyMap<string, Transport> = new Map([
  ["mqtt:", "tcp"],
  ["mqtts:", "tls"],
  ["ws:", "ws"],
  ["wss:", "wss"],
]);

/** A mistake on the command line, with a sentence for who made it. */
export class OptionError extends Error {}

/** The options, or `undefined` when the help text was asked for. */
export function readOptions(
  args: string[],
  known: readonly string[],
): Options | undefined {
  const { values } = parse(args);
  if (values.help === true) return undefined;
  const url = values.url === undefined ? undefined : address(values.url);
  const fallback = url === undefined ? known.join(",") : "";
  const brokers = (values.broker ?? fallback).split(",").filter(Boolean);
  for (const name of brokers) {
    if (known.includes(name)) continue;
    throw new OptionError(`--broker: ${name} is none of ${known.join(", ")}`);
  }
  return {
    scenario: pattern(values.scenario ?? ""),
    brokers: url === undefined ? brokers : ["url", ...brokers],
    levels: levels(values.mqtt ?? "4"),
    transports: transports(values.transport ?? url?.transport ?? "tcp"),
    withGuard: values.guarded ?? false,
    keyKind: keyKind(values.key ?? "ec"),
    runs: whole("--runs", values.runs ?? "5"),
    scale: positive("--scale", values.scale ?? "1"),
    portBase: values.port === undefined ? 0 : whole("--port", values.port),
    url,
    caFile: values.ca,
    pid: values.pid === undefined ? undefined : whole("--pid", values.pid),
    svg: values.svg,
    json: values.json,
  };
}

// The return type is left to the compiler: it follows from the table.
// deno-lint-ignore explicit-function-return-type
function parse(args: string[]) {
  const type = "string";
  try {
    return parseArgs({
      args,
      strict: true,
      options: {
        scenario: { type },
        broker: { type },
        mqtt: { type },
        transport: { type },
        key: { type },
        guarded: { type: "boolean" },
        ca: { type },
        url: { type },
        pid: { type },
        runs: { type },
        scale: { type },
        svg: { type },
        json: { type },
        port: { type },
        help: { type: "boolean" },
      },
    });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(text, { cause });
  }
}

function levels(value: string): Level[] {
  const wanted = value.split(",");
  for (const each of wanted) {
    if (LEVELS.some((level) => String(level) === each)) continue;
    throw new OptionError(`--mqtt: ${each} is none of ${LEVELS.join(", ")}`);
  }
  return LEVELS.filter((level) => wanted.includes(String(level)));
}

function transports(value: string): Transport[] {
  const wanted = value.split(",").map((name) => {
    const transport = TRANSPORTS.find((each) => each === name);
    if (transport !== undefined) return transport;
    const known = TRANSPORTS.join(", ");
    throw new OptionError(`--transport: ${name} is none of ${known}`);
  });
  return [...new Set(wanted)];
}

function keyKind(value: string): KeyKind {
  const kind = KEY_KINDS.find((each) => each === value);
  if (kind !== undefined) return kind;
  throw new OptionError(`--key: ${value} is none of ${KEY_KINDS.join(", ")}`);
}

function address(value: string): Url {
  const text = value.includes("://") ? value : `mqtt://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const transport = SCHEMES.get(url?.protocol ?? "");
  // What is the scheme's own port, the parser takes away.
  const port = url?.port || (url?.protocol === "wss:" ? "443" : "80");
  const isWhole = url !== undefined && url.hostname !== "" &&
    /^[^/]*:\d+(?:\/|$)/.test(text.slice(text.indexOf("://") + 3));
  if (!isWhole || transport === undefined) {
    throw new OptionError("--url: HOST:PORT, or a URL with one, is expected");
  }
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(port),
    transport,
    path: url.pathname || "/",
    login: url.username === "" ? undefined : {
      userName: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    },
  };
}

function pattern(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (cause) {
    throw new OptionError(`--scenario: ${value} is no regex`, { cause });
  }
}

function whole(name: string, value: string): number {
  const number = positive(name, value);
  if (!Number.isInteger(number)) {
    throw new OptionError(`${name}: ${value} is no whole number`);
  }
  return number;
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0 && number < Infinity)) {
    throw new OptionError(`${name}: ${value} is no number above 0`);
  }
  return number;
}
