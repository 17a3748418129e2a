/**
 * What can be measured: our broker on both runtimes, other brokers where they
 * are installed, and the raw relays. Knows how to start each on a port of its
 * own, when it is ready, and how to stop it; knows nothing of measuring.
 */

import type { Target } from "../../src/load/link.ts";
import { addressText, type DialTls } from "../../src/net/dial_address.ts";
import {
  type Door,
  isSecure,
  isWebSocket,
  type Transport,
  TRANSPORTS,
} from "./doors.ts";
import { certificateOf, type Equipment } from "./equipment.ts";
import { mosquittoConfig } from "./mosquitto_config.ts";
import {
  isPairwise,
  type Level,
  type Setting,
  type Variant,
} from "./variants.ts";

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
  readonly setting: Setting;
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
  readonly canBeDurable: boolean;
  /** `folder` is an empty one, the working directory of the process. */
  args(place: Place, equipment: Equipment, folder: string): string[];
}

const HOSTNAME = "127.0.0.1";
const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 3_000;
const POLL_MS = 30;
const WEB_SOCKET_PATH = "/mqtt";

const utf8 = new TextEncoder();

const deno = Deno.execPath();
const bun = Deno.env.get("BUN") ?? "bun";
const mosquitto = Deno.env.get("MOSQUITTO") ?? "mosquitto";
const broker = file("../../src/mod.ts");
const relay = file("./relay.ts");

/** What waits for a session here is more than is good for most. */
const ROOM_FOR_QUEUES = [
  ...["--backlog-messages-max", "1000000"],
  ...["--backlog-bytes-max", "256MiB"],
  ...["--backlog-total-bytes-max", "2GiB"],
];

const FULL = {
  protocol: "mqtt",
  levelMax: 5,
  transports: TRANSPORTS,
  canBeGuarded: true,
  canBeDurable: true,
} as const;
const RELAY = {
  protocol: "relay",
  levelMax: 5,
  transports: ["tcp", "tls"],
  canBeGuarded: false,
  canBeDurable: false,
} as const;

/** Every contender there is, in the order of rows and bars. */
export const contenders: readonly Contender[] = [
  contender("deno", () => titled("@x/broker on Deno", deno, "--version"), {
    ...FULL,
    command: deno,
    args: (...all) => ["run", "-A", broker, ...flags(...all)],
  }),
  contender("bun", () => titled("@x/broker on Bun", bun, "--version"), {
    ...FULL,
    command: bun,
    args: (...all) => ["run", broker, ...flags(...all)],
  }),
  contender("mosquitto", () => titled("Mosquitto", mosquitto, "-h"), {
    ...FULL,
    command: mosquitto,
    args: (place, equipment, folder) => {
      const path = `${folder}/mosquitto.conf`;
      const text = mosquittoConfig(place, equipment, folder);
      Deno.writeTextFileSync(path, text);
      return ["-c", path];
    },
  }),
  contender("aedes", aedesTitle, {
    protocol: "mqtt",
    levelMax: 4,
    transports: ["tcp"],
    canBeGuarded: false,
    canBeDurable: false,
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

/**
 * A broker that someone else has started and will stop. How it keeps state
 * is not known here, so that it stands for each setting but a flooded one.
 */
export function attached(
  target: Target,
  transport: Transport,
  pid: number | undefined,
): Contender {
  return {
    name: "url",
    title: () => Promise.resolve(addressText(target.address)),
    suits: ({ door, setting }) =>
      door.transport === transport && !door.isGuarded && !setting.isFlooded,
    start: () =>
      Promise.resolve({ target, pid, stop: () => Promise.resolve() }),
  };
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
      (program.canBeDurable || !variant.setting.isDurable) &&
      (program.protocol === "mqtt" || isRelayable(variant)),
    start: (place, equipment) => start(name, program, place, equipment),
  };
}

// A relay can neither acknowledge nor copy, and has nothing to show at a
// given rate.
function isRelayable(variant: Variant): boolean {
  return isPairwise(variant) && variant.qos === 0 &&
    variant.ratePerSecond === 0;
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
    target: targetAt({ hostname: HOSTNAME, port }, protocol, door, equipment),
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

/** What clients of a broker behind that door have to know. */
export function targetAt(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  protocol: Target["protocol"],
  { transport, isGuarded }: Door,
  { certificate, guard }: Equipment,
): Target {
  return {
    address: {
      hostname,
      port,
      file: undefined,
      localAddress: undefined,
      tls: isSecure(transport) ? trusting(certificate?.ca) : undefined,
      webSocketPath: isWebSocket(transport) ? WEB_SOCKET_PATH : undefined,
    },
    protocol,
    login: isGuarded && guard !== undefined
      ? { ...guard.login, password: utf8.encode(guard.login.password) }
      : undefined,
    idPrefix: "load-",
  };
}

/** TLS with who has such a certificate. */
export function trusting(ca: string | undefined): DialTls {
  return {
    ca,
    certificate: undefined,
    key: undefined,
    alpn: undefined,
    version: undefined,
    isInsecure: false,
  };
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
function flags(
  { port, door, setting }: Place,
  equipment: Equipment,
  folder: string,
): string[] {
  const { transport } = door;
  const all = setting.isDurable
    ? ["--data", `${folder}/data`, ...ROOM_FOR_QUEUES]
    : ["--memory"];
  if (transport === "tcp") all.push("--port", `${port}`);
  else all.push("--listen", addressOf(transport, port));
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
