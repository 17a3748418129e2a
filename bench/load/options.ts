/** The load bench's command line, read and checked. Starts nothing. */

import { parseArgs } from "node:util";
import { type Level, LEVELS } from "./dialects.ts";

export interface Options {
  readonly scenario: RegExp;
  /** Names of contenders; `url` is the broker at `--url`. */
  readonly brokers: readonly string[];
  /** In ascending order, each once. */
  readonly levels: readonly Level[];
  readonly runs: number;
  readonly scale: number;
  readonly portBase: number;
  readonly url: { hostname: string; port: number } | undefined;
  readonly pid: number | undefined;
  readonly svg: string | undefined;
  readonly json: string | undefined;
}

export const HELP = `Measures MQTT brokers from outside, one beside the other.

  deno task bench:load [options]

  --scenario REGEX   only scenarios whose name matches
  --broker LIST      of deno,bun,mosquitto,aedes,relay-deno,relay-bun;
                     default all; what is not installed is left out
  --mqtt LIST        protocol levels: 4 (MQTT 3.1.1, the default), 5 (MQTT
                     5.0), or 4,5 to run each row at both, in turn; rows that
                     begin with v5_ come with 5 and are set against the same
                     without what they add
  --url HOST:PORT    measure a broker that runs already (alone, or beside
                     those named with --broker)
  --pid N            its process here, for CPU and memory
  --runs N           runs of each, medians are shown; default 5
  --scale X          messages of each run, multiplied; default 1
  --svg FILE         write a chart
  --json FILE        write all numbers
  --port N           first of the ports to use; default: free ones
  --help             this text

BUN and MOSQUITTO in the environment name other executables to use.`;

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
    runs: whole("--runs", values.runs ?? "5"),
    scale: positive("--scale", values.scale ?? "1"),
    portBase: values.port === undefined ? 0 : whole("--port", values.port),
    url,
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

function address(value: string): { hostname: string; port: number } {
  const match = /^(?:mqtt:\/\/)?\[?([^/\]]+)\]?:(\d+)\/?$/.exec(value);
  if (match === null) throw new OptionError("--url: HOST:PORT is expected");
  return { hostname: match[1] ?? "", port: Number(match[2]) };
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
