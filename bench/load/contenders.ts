/**
 * What can be measured: our broker on both runtimes, other brokers where they
 * are installed, and the raw relays. Knows how to start each on a port of its
 * own, when it is ready, and how to stop it; knows nothing of measuring.
 */

import type { Level } from "./dialects.ts";
import { type Door, isSecure, isWebSocket } from "./doors.ts";
import { type Transport, TRANSPORTS } from "./doors.ts";
import type { Certificate, Equipment } from "./equipment.ts";
import type { Target } from "./link.ts";
import { isPairwise } from "./scenarios.ts";
import type { Scenario, Variant } from "./scenarios.ts";

export interface Contender {
  readonly name: string;
  /** Name and version, for the chart's legend. */
  title(): Promise<string>;
  /** Whether the scenario, the dialect and the door mean anything to it. */
  suits(variant: Variant): boolean;
  start(place: Place, equipment: Equipment): Promise<Running>;
}

/** Where a contender is to take connections, and of what kind. */
export interface Place {
  readonly port: number;
  readonly door: Door;
}

/** A contender that takes connections now. */
export interface Running {
  readonly target: Target;
  /** Its process, where it is known. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

interface Program {
  readonly protocol: "mqtt" | "relay";
  readonly command: string;
  readonly levelMax: Level;
  readonly transports: readonly Transport[];
  readonly canBeGuarded: boolean;
  /** `folder` is an empty one, the working directory of the process. */
  args(place: Place, equipment: Equipment, folder: string): string[];
}

const HOSTNAME = "127.0.0.1";
const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 3_000;
const POLL_MS = 30;
const WEB_SOCKET_PATH = "/mqtt";

const deno = Deno.execPath();
const bun = Deno.env.get("BUN") ?? "bun";
const mosquitto = Deno.env.get("MOSQUITTO") ?? "mosquitto";
const broker = file("../../src/mod.ts");
const relay = file("./relay.ts");

const FULL = {
  protocol: "mqtt",
  levelMax: 5,
  transports: TRANSPORTS,
  canBeGuarded: true,
} as const;
const RELAY = {
  protocol: "relay",
  levelMax: 5,
  transports: ["tcp", "tls"],
  canBeGuarded: false,
} as const;

/** Every contender there is, in the order of rows and bars. */
export const contenders: readonly Contender[] = [
  contender("deno", () => titled("@x/broker on Deno", deno, "--version"), {
    ...FULL,
    command: deno,
    args: (
      place,
      equipment,
    ) => ["run", "-A", broker, ...flags(place, equipment)],
  }),
  contender("bun", () => titled("@x/broker on Bun", bun, "--version"), {
    ...FULL,
    command: bun,
    args: (place, equipment) => ["run", broker, ...flags(place, equipment)],
  }),
  contender("mosquitto", () => titled("Mosquitto", mosquitto, "-h"), {
    ...FULL,
    command: mosquitto,
    args: (place, equipment, folder) => {
      const path = `${folder}/mosquitto.conf`;
      const text = mosquittoConfig(place, equipment, `${folder}/unused`);
      Deno.writeTextFileSync(path, text);
      return ["-c", path];
    },
  }),
  contender("aedes", aedesTitle, {
    protocol: "mqtt",
    levelMax: 4,
    transports: ["tcp"],
    canBeGuarded: false,
    command: deno,
    args: ({ port }) => ["run", "-A", file("./aedes.ts"), `${port}`],
  }),
  contender("relay-deno", () => titled("raw relay, Deno", deno, "--version"), {
    ...RELAY,
    command: deno,
    args: (
      place,
      equipment,
    ) => ["run", "-A", relay, ...relayArgs(place, equipment)],
  }),
  contender("relay-bun", () => titled("raw relay, Bun", bun, "--version"), {
    ...RELAY,
    command: bun,
    args: (place, equipment) => ["run", relay, ...relayArgs(place, equipment)],
  }),
];

/** A broker that someone else has started and will stop. */
export function attached(
  target: Target,
  pid: number | undefined,
): Contender {
  return {
    name: "url",
    title: () => Promise.resolve(`${target.hostname}:${target.port}`),
    suits: ({ door }) => door.transport === target.transport && !door.isGuarded,
    start: () =>
      Promise.resolve({ target, pid, stop: () => Promise.resolve() }),
  };
}

/** A port that nothing listens on just now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function contender(
  name: string,
  title: () => Promise<string>,
  program: Program,
): Contender {
  return {
    name,
    title,
    suits: (variant) =>
      variant.dialect.level <= program.levelMax &&
      program.transports.includes(variant.door.transport) &&
      (program.canBeGuarded || !variant.door.isGuarded) &&
      (program.protocol === "mqtt" || isRelayable(variant)),
    start: (place, equipment) => start(name, program, place, equipment),
  };
}

// A relay can neither acknowledge nor copy, and has nothing to show at a
// given rate.
function isRelayable(scenario: Scenario): boolean {
  return isPairwise(scenario) && scenario.qos === 0 &&
    scenario.ratePerSecond === 0;
}

async function start(
  name: string,
  { protocol, command, args }: Program,
  place: Place,
  equipment: Equipment,
): Promise<Running> {
  const { port, door } = place;
  const folder = await Deno.makeTempDir({ prefix: "load-" });
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, {
      args: args(place, equipment, folder),
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    await Deno.remove(folder, { recursive: true });
    throw new Error(`${command} cannot be started`, { cause });
  }
  const log = new Tail(child.stderr);
  const running = {
    target: {
      hostname: HOSTNAME,
      port,
      protocol,
      transport: door.transport,
      path: WEB_SOCKET_PATH,
      caCertificate: equipment.certificate?.ca,
      login: door.isGuarded ? equipment.guard?.login : undefined,
    },
    pid: child.pid,
    stop: () => stop(child, log, folder),
  };
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const endMs = performance.now() + READY_MS_MAX;
  while (!(await accepts(port))) {
    if (!hasEnded && performance.now() < endMs) {
      await delay(POLL_MS);
      continue;
    }
    await running.stop();
    const how = hasEnded ? "ended at once" : "took no connection in time";
    throw new Error(`${name} ${how}${log.reason()}`);
  }
  return running;
}

async function stop(
  child: Deno.ChildProcess,
  log: Tail,
  folder: string,
): Promise<void> {
  const timer = setTimeout(() => signal(child, "SIGKILL"), STOP_MS_MAX);
  signal(child, "SIGTERM");
  await child.status;
  clearTimeout(timer);
  await log.ended;
  await Deno.remove(folder, { recursive: true });
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended already, which is what was wanted.
  }
}

/** Reads a log so that its writer never blocks, and keeps the end of it. */
class Tail {
  readonly ended: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  /** The line that seems to say why, or else the last, for a message. */
  reason(): string {
    const lines = this.#text.split("\n").filter((line) => /\w/.test(line));
    const line = lines.find((it) => /error/i.test(it)) ?? lines.at(-1);
    return line === undefined ? "" : `: ${line.trim()}`;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const more = decoder.decode(bytes, { stream: true });
      this.#text = (this.#text + more).slice(-2_000);
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: HOSTNAME, port })).close();
    return true;
  } catch {
    return false;
  }
}

// What our broker is told.
function flags({ port, door }: Place, equipment: Equipment): string[] {
  const { transport } = door;
  const all = transport === "tcp"
    ? ["--memory", "--port", `${port}`]
    : ["--memory", "--listen", addressOf(transport, port)];
  if (isSecure(transport)) {
    const { certFile, keyFile } = certificateOf(equipment);
    all.push("--tls-cert", certFile, "--tls-key", keyFile);
  }
  if (door.isGuarded && equipment.guard !== undefined) {
    const { passwordFile, aclFile } = equipment.guard;
    all.push("--password-file", passwordFile, "--acl-file", aclFile);
  }
  return all;
}

function addressOf(transport: Transport, port: number): string {
  const scheme = transport === "tls" ? "mqtts" : transport;
  const path = isWebSocket(transport) ? WEB_SOCKET_PATH : "";
  return `${scheme}://${HOSTNAME}:${port}${path}`;
}

function relayArgs({ port, door }: Place, equipment: Equipment): string[] {
  if (!isSecure(door.transport)) return [`${port}`];
  const { certFile, keyFile } = certificateOf(equipment);
  return [`${port}`, certFile, keyFile];
}

// Its defaults, but for what a broker on loopback without a disk needs. Nagle's
// algorithm stays on: without it Mosquitto delivers a third less.
function mosquittoConfig(
  { port, door }: Place,
  equipment: Equipment,
  unusedSocket: string,
): string {
  // Mosquitto 2.0 gives up where WebSocket is all that it is to listen for.
  const other = isWebSocket(door.transport)
    ? [`listener 0 ${unusedSocket}`]
    : [];
  const lines = [
    ...other,
    `listener ${port} ${HOSTNAME}`,
    `allow_anonymous ${!door.isGuarded}`,
    "persistence false",
    "log_type error",
  ];
  if (isWebSocket(door.transport)) lines.push("protocol websockets");
  if (isSecure(door.transport)) {
    const { certFile, keyFile, caFile } = certificateOf(equipment);
    lines.push(`certfile ${certFile}`, `keyfile ${keyFile}`);
    lines.push(`cafile ${caFile}`);
  }
  if (door.isGuarded && equipment.guard !== undefined) {
    const { passwordFile, aclFile } = equipment.guard;
    lines.push(`password_file ${passwordFile}`, `acl_file ${aclFile}`);
  }
  // Started by root it would become a user who can't read the files.
  if (Deno.uid() === 0) lines.push("user root");
  return lines.join("\n") + "\n";
}

function certificateOf({ certificate }: Equipment): Certificate {
  if (certificate === undefined) throw new Error("there is no certificate");
  return certificate;
}

async function titled(
  title: string,
  command: string,
  flag: string,
): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, {
      args: [flag],
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    return `${title} ${/\d+\.\d+\.\d+/.exec(text)?.[0] ?? ""}`.trim();
  } catch {
    return title;
  }
}

function aedesTitle(): Promise<string> {
  const version = /@([\d.]+)/.exec(import.meta.resolve("aedes"))?.[1] ?? "";
  return Promise.resolve(`aedes ${version} on Deno ${Deno.version.deno}`);
}

function file(relative: string): string {
  return decodeURIComponent(new URL(relative, import.meta.url).pathname);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
