/**
 * The load bench: MQTT brokers under the same load, measured from outside.
 * Starts each broker, runs every scenario against all of them in turn, and
 * prints a table; a chart and all numbers on request (`--help`).
 *
 * The generator is one thread of Deno on the machine of the broker. It sends
 * ready-made frames and counts what comes back without an object a message,
 * which moved 10 to 17 million messages of 64 bytes a second through the raw
 * relay on two cores, as much as with a worker for each direction. It is a
 * limit nonetheless where a broker sends every message with a write of its
 * own, or at high QoS 1 and 2 rates: then each message costs it a system
 * call too, and both share the machine's cores. Rows in which it used nearly
 * a whole core are marked. Timers of 1 ms pace the steady scenario.
 *
 * It answers once for all that one read brought, so at QoS 1 and 2 a broker
 * gets longer chunks than from a client that answers frame by frame: do not
 * set these figures beside those of another generator.
 *
 * TLS costs it about 0.1 µs a message where a broker writes many at once,
 * and 5 µs where each comes as a record, or a WebSocket frame, of its own.
 *
 * Nothing is checked here but counts: what a broker says is tested elsewhere.
 */

import { chart } from "../src/load/chart.ts";
import type { Target } from "../src/load/link.ts";
import { silentProgress, toldProgress } from "../src/load/progress.ts";
import type { Result } from "../src/load/report.ts";
import { type Scenario, scenarios } from "../src/load/scenarios.ts";
import { table } from "../src/load/table.ts";
import { freePort } from "../tests/support/free_port.ts";
import {
  attached,
  type Contender,
  contenders,
  targetAt,
  trusting,
} from "./load/contenders.ts";
import {
  type Door,
  doorsOf,
  isSecure,
  isWebSocket,
  OPEN_TCP,
  TRANSPORTS,
} from "./load/doors.ts";
import { equip, NO_EQUIPMENT } from "./load/equipment.ts";
import type { Equipment, KeyKind } from "./load/equipment.ts";
import { countRows, measure } from "./load/measure.ts";
import type { Plan } from "./load/measure.ts";
import { HELP, OptionError, readOptions } from "./load/options.ts";
import type { Options, Url } from "./load/options.ts";
import { referenceOf, summarize } from "./load/report.ts";
import { IN_MEMORY, LEVELS, ON_DISK, variantsOf } from "./load/variants.ts";

const FULL_RUN_MS_MIN = 1_000;
const TINY_SCALE = 0.002;

/**
 * Runs every scenario: `tiny` against our broker on Deno in a few seconds and
 * in silence, to show that all of this still works; `full` as the command
 * line does without options, into a table on stdout.
 */
export async function run(size: "tiny" | "full"): Promise<Result[]> {
  if (size === "tiny") return await runTiny();
  const options = readOptions([], knownNames());
  return options === undefined ? [] : await runWith(options);
}

// One process for all that has state in memory, and one for what has it on
// disk: starting one for each scenario takes longer than what is run.
async function runTiny(): Promise<Result[]> {
  const results: Result[] = [];
  for (const setting of [IN_MEMORY, ON_DISK]) {
    const [broker] = contendersOf(["deno"]);
    const place = { port: freePort(), door: OPEN_TCP, setting };
    const running = await broker!.start(place, NO_EQUIPMENT);
    const { target, pid } = running;
    try {
      results.push(
        ...await measureTiny({
          scenarios: scenarios.filter(({ name }) =>
            name.startsWith("durable_") === setting.isDurable
          ),
          levels: LEVELS,
          doors: [OPEN_TCP],
          equipment: NO_EQUIPMENT,
          contenders: [attached(target, OPEN_TCP.transport, pid)],
        }),
      );
    } finally {
      await running.stop();
    }
  }
  return results;
}

/**
 * Runs the scenarios named with each of their settings, in silence and as
 * tiny as `run` does, each with a broker of its own.
 */
export async function runSettings(
  brokers: readonly string[],
  names: readonly string[],
): Promise<Result[]> {
  return await measureTiny({
    scenarios: scenarios.filter(({ name }) => names.includes(name)),
    levels: [4],
    doors: [OPEN_TCP],
    equipment: NO_EQUIPMENT,
    contenders: contendersOf(brokers),
  });
}

/**
 * Runs the scenarios named behind every door of a broker, in silence and as
 * tiny as `run` does.
 */
export async function runDoors(
  broker: string,
  names: readonly string[],
): Promise<Result[]> {
  const doors = doorsOf(TRANSPORTS, { withGuard: true });
  return await withEquipment(doors, "ec", (equipment) =>
    measureTiny({
      scenarios: scenarios.filter(({ name }) => names.includes(name)),
      levels: [4],
      doors,
      equipment,
      contenders: contendersOf([broker]),
    }));
}

type TinyPlan = Pick<
  Plan,
  "scenarios" | "levels" | "doors" | "equipment" | "contenders"
>;

async function measureTiny(what: TinyPlan): Promise<Result[]> {
  const size = { runs: 1, scale: TINY_SCALE, runMsMin: 0, portBase: 0 };
  const never = new AbortController().signal;
  const rows = await measure({ ...what, ...size }, silentProgress(), never);
  return summarize(rows, referenceOf(rows.map(({ contender }) => contender)));
}

async function runWith(options: Options): Promise<Result[]> {
  const doors = doorsOf(options.transports, options);
  return await withEquipment(doors, options.keyKind, async (equipment) => {
    const plan = await planOf(options, doors, equipment);
    return await runPlan(options, plan);
  });
}

async function withEquipment<T>(
  doors: readonly Door[],
  keyKind: KeyKind,
  use: (equipment: Equipment) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "load-" });
  try {
    return await use(await equip(folder, doors, keyKind));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runPlan(options: Options, plan: Plan): Promise<Result[]> {
  const outlet = { isTerminal: Deno.stderr.isTerminal(), say };
  const progress = toldProgress(outlet, countRows(plan) * (plan.runs + 2));
  // Stops after the run under way; a second signal ends the process.
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
    Deno.exitCode = 130;
    Deno.removeSignalListener("SIGINT", onSignal);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  const rows = await measure(plan, progress, stop.signal);
  progress.done();
  if (!stop.signal.aborted) Deno.removeSignalListener("SIGINT", onSignal);
  const reference = referenceOf(rows.map(({ contender }) => contender));
  const results = summarize(rows, reference);
  console.log(table(results, reference));
  await writeFiles(options, plan, results);
  return results;
}

async function planOf(
  options: Options,
  doors: readonly Door[],
  equipment: Equipment,
): Promise<Plan> {
  const { url, pid, caFile } = options;
  const caCertificate = caFile === undefined
    ? undefined
    : await Deno.readTextFile(caFile);
  const running = url === undefined
    ? []
    : [attached(runningAt(url, caCertificate), url.transport, pid)];
  return {
    scenarios: scenariosOf(options),
    levels: options.levels,
    doors,
    equipment,
    contenders: [...running, ...contendersOf(options.brokers)],
    runs: options.runs,
    scale: options.scale,
    runMsMin: FULL_RUN_MS_MIN,
    portBase: options.portBase,
  };
}

function runningAt(url: Url, ca: string | undefined): Target {
  const { transport, login, path } = url;
  const door = { transport, isGuarded: false };
  const target = targetAt(url, "mqtt", door, NO_EQUIPMENT);
  return {
    ...target,
    address: {
      ...target.address,
      ...(isSecure(transport) && { tls: trusting(ca) }),
      ...(isWebSocket(transport) && { webSocketPath: path }),
    },
    login: login && {
      ...login,
      password: new TextEncoder().encode(login.password),
    },
  };
}

function scenariosOf(
  { scenario, levels }: Pick<Options, "scenario" | "levels">,
): Scenario[] {
  const named = scenarios.filter(({ name }) => scenario.test(name));
  if (named.length === 0) {
    const all = scenarios.map(({ name }) => name).join(", ");
    throw new OptionError(`--scenario: matches none of ${all}`);
  }
  const wanted = named.filter((each) => variantsOf(each, levels).length > 0);
  if (wanted.length > 0) return wanted;
  const names = named.map(({ name }) => name).join(", ");
  throw new OptionError(`--scenario: ${names} only with --mqtt 5`);
}

async function writeFiles(
  { svg, json }: Options,
  { contenders, doors, runs }: Plan,
  results: readonly Result[],
): Promise<void> {
  const legend = new Map<string, string>();
  for (const contender of contenders) {
    const isShown = results.some((it) => it.contender === contender.name);
    if (isShown) legend.set(contender.name, await contender.title());
  }
  const cores = navigator.hardwareConcurrency;
  const transports = new Set(doors.map(({ transport }) => transport));
  const subtitle = `${cores} cores shared with the load generator, loopback, ` +
    `${[...transports].join(", ")}, medians of ${runs} runs`;
  if (svg !== undefined) {
    const title = "MQTT brokers under the same load";
    const image = chart(results, { title, subtitle, legend });
    await Deno.writeTextFile(svg, image);
  }
  if (json !== undefined) {
    const versions = Object.fromEntries(legend);
    const all = { date: new Date().toISOString(), cores, versions, results };
    await Deno.writeTextFile(json, JSON.stringify(all, null, 2) + "\n");
  }
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

function contendersOf(names: readonly string[]): Contender[] {
  return contenders.filter(({ name }) => names.includes(name));
}

function knownNames(): string[] {
  return contenders.map(({ name }) => name);
}

if (import.meta.main) {
  try {
    const options = readOptions(Deno.args, knownNames());
    if (options === undefined) console.log(HELP);
    else await runWith(options);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(error.message);
    Deno.exitCode = 2;
  }
}
