/**
 * The process on Bun, see `cli/host_process.ts`. The types are the part of
 * `node:process` and `node:fs` that is used: to import the modules would
 * load them on Deno as well, which takes a third of the time to start.
 *
 * @module
 */

import { bunRuntime } from "../net/bun_types.ts";
import { type EndSignal, type HostProcess, writeAll } from "./host_process.ts";
import type { Environment } from "./read_settings.ts";

interface NodeProcess {
  getuid?: () => number;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly memoryUsage: { rss(): number };
  on(signal: EndSignal | "SIGHUP", run: () => void): void;
  exit(code: number): never;
  getBuiltinModule(name: "node:fs"): NodeFs;
  getBuiltinModule(name: "node:tty"): NodeTty;
}

/** `read` or `write`: how many bytes, or what is in the way. */
type Transfer = (
  fd: number,
  bytes: Uint8Array,
  done: (error: Error | null, length: number) => void,
) => void;

interface NodeFs {
  readFileSync(path: string, encoding: "utf8"): string;
  writeSync(fd: number, bytes: Uint8Array): number;
  readonly read: Transfer;
  readonly write: Transfer;
}

interface NodeTty {
  isatty(fd: number): boolean;
}

const DESCRIPTORS = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** The process, when this is Bun. */
export function bunProcess(): HostProcess | undefined {
  const bun = bunRuntime();
  if (bun === undefined) return undefined;
  const { process } = globalThis as unknown as { process: NodeProcess };
  const fs = process.getBuiltinModule("node:fs");
  const isTerminal = (name: keyof typeof DESCRIPTORS) =>
    process.getBuiltinModule("node:tty").isatty(DESCRIPTORS[name]);
  return {
    runtime: `Bun ${bun.version}`,
    args: process.argv.slice(2),
    environment: () => process.env,
    isRoot: () => process.getuid?.() === 0,
    isStdinTerminal: () => isTerminal("stdin"),
    readStdin: (bytes) => transfer(fs.read, DESCRIPTORS.stdin, bytes),
    // Bun would take a package of that name from npm, whoever made it.
    promptSecret: () => Promise.reject(new Error("Bun has no @std/cli")),
    isStdoutTerminal: () => isTerminal("stdout"),
    progressBar: () => Promise.reject(new Error("Bun has no @std/cli")),
    isStderrTerminal: () => isTerminal("stderr"),
    writeStderr: (bytes) => transfer(fs.write, DESCRIPTORS.stderr, bytes),
    print: (text, to) =>
      void writeAll(text, (bytes) => fs.writeSync(DESCRIPTORS[to], bytes)),
    output: (bytes) =>
      writeAll(bytes, (part) => fs.writeSync(DESCRIPTORS.stdout, part)),
    onSignal: (signal, run) => process.on(signal, run),
    onReload: (run) => process.on("SIGHUP", run),
    releaseMemory: () => {
      bun.gc(true);
      bun.shrink?.();
    },
    memoryBytes: () => process.memoryUsage.rss(),
    systemLimits: () => {
      try {
        return fs.readFileSync("/proc/self/limits", "utf8");
      } catch {
        return ""; // another system
      }
    },
    exit: (code) => process.exit(code),
  };
}

/** The same as a promise. */
function transfer(
  run: Transfer,
  fd: number,
  bytes: Uint8Array,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  run(
    fd,
    bytes,
    (error, length) => error === null ? resolve(length) : reject(error),
  );
  return promise;
}
