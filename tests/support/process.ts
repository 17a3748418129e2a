/**
 * Our broker as a process, started from outside as a person would: on Deno,
 * on Bun, or as a compiled file. It waits for the log line that says the
 * broker listens, keeps the log, and stops the broker by a signal. It knows
 * flags, log lines and exit codes, and nothing of MQTT.
 *
 * ```ts ignore
 * await using broker = await BrokerProcess.start({ runtime: "bun" });
 * await RawClient.open(broker.port);
 * ```
 */

import { assertEquals } from "@std/assert";
import { PATIENCE_MS, within } from "./deadline.ts";
import { pathOf, REPO } from "./paths.ts";
import { bunPath } from "./tools.ts";

/** What runs the broker: a runtime, or nothing but a compiled file. */
export type Runtime = "deno" | "bun" | { file: string };

export interface BrokerOptions {
  runtime: Runtime;
  /** Flags. */
  args?: string[];
  /** Added to the environment, from which all `BROKER_*` is taken. */
  env?: Record<string, string>;
}

export interface StartOptions extends BrokerOptions {
  /** How many addresses it will say it listens on; 1 unless given. */
  addressCount?: number;
}

/** One line of the log in its JSON form. */
export interface LogLine {
  time: string;
  level: string;
  event: string;
  message: string;
  address?: string;
  port?: number;
  client_id?: string;
  reason?: string;
  [field: string]: unknown;
}

/** How a process ended. */
export interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

/** Looks whether what is waited for has come. */
interface Waiter {
  look: () => void;
  giveUp: (reason: Error) => void;
}

const LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

const SILENCE = new Error("the broker has ended");

/** Runs the broker to its end, for what it prints and its exit code. */
export async function runBroker(options: BrokerOptions): Promise<Ending> {
  const child = command(options, inMemory(options), "piped").spawn();
  const kill = () => child.kill("SIGKILL");
  const { code, stdout, stderr } = await within(
    child.output(),
    `the end of the broker with ${options.args?.join(" ")}`,
    kill,
  );
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** A broker that runs until it is stopped or disposed of. */
export class BrokerProcess implements AsyncDisposable {
  /** All lines so far that are JSON. */
  readonly log: LogLine[] = [];
  /** Everything that it wrote to stderr. */
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #waiters: Set<Waiter> = new Set<Waiter>();
  readonly #reading: Promise<void>;
  /** Its log has come to an end, and so no line is worth waiting for. */
  #isSilent = false;
  #isStopped = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = this.#read();
  }

  /** Starts it and waits for nothing. */
  static launch(options: BrokerOptions): BrokerProcess {
    const process = command(options, inMemory(options), "null").spawn();
    return new BrokerProcess(process);
  }

  /** Starts it on a free port of 127.0.0.1 and waits until it listens. */
  static start(options: StartOptions): Promise<BrokerProcess> {
    const args = [...LOOPBACK, ...options.args ?? []];
    return BrokerProcess.startBare({ ...options, args });
  }

  /** The same, with no address but what flags and environment name. */
  static async startBare(options: StartOptions): Promise<BrokerProcess> {
    const args = ["--log-format", "json", ...options.args ?? []];
    const broker = BrokerProcess.launch({ ...options, args });
    try {
      const count = options.addressCount ?? 1;
      await broker.logged("listening", () => broker.ports.length >= count);
      return broker;
    } catch (error) {
      await broker.kill();
      throw error;
    }
  }

  /** Starts it with those listeners and no others. */
  static listening(
    runtime: Runtime,
    urls: readonly string[],
    args: readonly string[] = [],
  ): Promise<BrokerProcess> {
    const listen = urls.flatMap((url) => ["--listen", url]);
    return BrokerProcess.startBare({
      runtime,
      args: [...listen, ...args],
      addressCount: urls.length,
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The first port that it listens on. */
  get port(): number {
    return this.ports[0]!;
  }

  get ports(): number[] {
    return this.#listening().map((line) => line.port!);
  }

  /** Where it listens, in the words of its log. */
  get addresses(): string[] {
    return this.#listening().map((line) => line.address!);
  }

  /** The first line of an event, now or when it comes. */
  logged(
    event: string,
    fits: (line: LogLine) => boolean = () => true,
  ): Promise<LogLine> {
    const isIt = (line: LogLine) => line.event === event && fits(line);
    return this.#until(() => this.log.find(isIt), `log line "${event}"`);
  }

  /** Waits until stderr has text of that form, in JSON or not. */
  async written(form: RegExp): Promise<void> {
    await this.#until(() => form.exec(this.stderr) ?? undefined, `${form}`);
  }

  /** Resident memory of the process. Slim images of Linux have no `ps`. */
  async residentBytes(): Promise<number> {
    if (Deno.build.os === "linux") {
      const text = await Deno.readTextFile(`/proc/${this.pid}/status`);
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
    }
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "rss=", "-p", `${this.pid}`],
    }).output();
    return Number(new TextDecoder().decode(stdout)) * 1024;
  }

  /**
   * How long its main thread could have run so far, and had no processor:
   * that is the machine's doing. Linux tells; elsewhere it is 0.
   */
  get stalledMs(): number {
    if (Deno.build.os !== "linux") return 0;
    const text = Deno.readTextFileSync(`/proc/${this.pid}/schedstat`);
    return Number(text.split(" ")[1]) / 1e6;
  }

  /** Sends a signal and waits for nothing. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until the process is gone and gives its exit code. */
  async ended(patienceMs: number = PATIENCE_MS): Promise<number> {
    const giveUp = () => this.#child.kill("SIGKILL");
    const gone = Promise.all([this.#child.status, this.#reading]);
    const what = "the end of the broker";
    const [status] = await within(gone, what, giveUp, patienceMs);
    this.#isStopped = true;
    return status.code;
  }

  /** Sends a signal that asks it to stop, and gives the exit code. */
  stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number> {
    this.signal(signal);
    return this.ended();
  }

  /** Ends it the hard way, whatever state it is in. */
  async kill(): Promise<void> {
    if (this.#isStopped) return;
    try {
      this.signal("SIGKILL");
    } catch {
      // It has ended by itself and only waits to be counted.
    }
    await this.ended();
  }

  /** A broker that can't stop in peace fails the test it served. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopped) return;
    assertEquals(await this.stop(), 0, `exit code; the log:\n${this.stderr}`);
  }

  #listening(): LogLine[] {
    return this.log.filter((line) => line.event === "listening");
  }

  /** Looks now and after each chunk of the log. */
  async #until<T>(find: () => T | undefined, what: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = find();
      if (found !== undefined) resolve(found);
    };
    const waiter: Waiter = { look, giveUp: reject };
    this.#waiters.add(waiter);
    look();
    if (this.#isSilent) reject(SILENCE);
    try {
      return await within(promise, what);
    } catch (cause) {
      const text = `no ${what}: ${cause}; the log:\n${this.stderr}`;
      throw new Error(text, { cause });
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  async #read(): Promise<void> {
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    let begun = "";
    for await (const chunk of text) {
      this.stderr += chunk;
      const lines = (begun + chunk).split("\n");
      begun = lines.pop()!;
      this.log.push(...lines.flatMap((line) => parseLogLine(line) ?? []));
      for (const waiter of this.#waiters) waiter.look();
    }
    this.#isSilent = true;
    for (const waiter of this.#waiters) waiter.giveUp(SILENCE);
  }
}

/** What a line says, or nothing where it is not a line of the log. */
export function parseLogLine(text: string): LogLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

/** Brokers of tests share no folder: who needs one names it. */
function inMemory({ args = [] }: BrokerOptions): string[] {
  const isCommand = args.length > 0 && !args[0]!.startsWith("-");
  return isCommand || args.includes("--data") ? args : [...args, "--memory"];
}

function command(
  { runtime, env }: BrokerOptions,
  args: string[],
  stdout: "piped" | "null",
): Deno.Command {
  const [program, ...first] = commandLine(runtime);
  return new Deno.Command(program!, {
    args: [...first, ...args],
    clearEnv: true,
    env: { ...cleanEnvironment(), ...NO_HTTP, ...env },
    stdin: "null",
    stdout,
    stderr: "piped",
  });
}

/** One port for all brokers of all tests would be one too few. */
const NO_HTTP = { BROKER_HTTP_LISTEN: "none" };

/** What runs the broker, before its own arguments. */
export function commandLine(runtime: Runtime): string[] {
  const main = pathOf(new URL("src/mod.ts", REPO));
  switch (runtime) {
    case "deno":
      return [Deno.execPath(), "run", "--allow-all", "--no-check", main];
    case "bun":
      return [bunPath(), "run", main];
    default:
      return [runtime.file];
  }
}

/** Ours, without what would configure the broker from outside the test. */
function cleanEnvironment(): Record<string, string> {
  const ours = Object.entries(Deno.env.toObject());
  return Object.fromEntries(
    ours.filter(([name]) => !name.startsWith("BROKER_")),
  );
}
