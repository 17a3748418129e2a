/**
 * The process on Bun, see `cli/host_process.ts`. The types are the part of
 * `node:process` and `node:fs` that is used: to import the modules would
 * load them on Deno as well, which takes a third of the time to start.
 *
 * @module
 */

import { bunRuntime } from "../net/bun_types.ts";
import {
  type EndSignal,
  type HostProcess,
  LIBRARIES,
  type SystemCalls,
  writeAll,
} from "./host_process.ts";
import type { Environment } from "./read_settings.ts";

interface NodeProcess {
  getuid?: () => number;
  readonly pid: number;
  readonly platform: string;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly memoryUsage: { rss(): number };
  on(signal: EndSignal | "SIGHUP", run: () => void): void;
  exit(code: number): never;
  getBuiltinModule(name: "node:fs"): NodeFs;
  getBuiltinModule(name: "node:tty"): NodeTty;
  getBuiltinModule(name: "bun:ffi"): BunFfi;
}

/** Functions of a library by their names, as their arguments say. */
interface BunFfi {
  dlopen(library: string, functions: typeof CALLS): {
    readonly symbols: {
      socket: SystemCalls["socket"];
      sendto(
        fd: number,
        bytes: Uint8Array,
        length: number,
        flags: number,
        address: Uint8Array,
        addressLength: number,
      ): bigint;
      clock_gettime: SystemCalls["clockGettime"];
    };
  };
}

const CALLS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  sendto: {
    args: ["i32", "ptr", "usize", "i32", "ptr", "u32"],
    returns: "i64",
  },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
} as const;

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
    pid: process.pid,
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
    systemCalls: () => systemCalls(process),
    runProgram: async (name, args) => {
      const still = "ignore" as const;
      const stdio = { stdin: still, stdout: still, stderr: still };
      try {
        return await bun.spawn([name, ...args], stdio).exited === 0;
      } catch {
        return false; // it is not here
      }
    },
    exit: (code) => process.exit(code),
  };
}

function systemCalls(process: NodeProcess): SystemCalls | undefined {
  if (process.platform !== "linux") return undefined;
  const { dlopen } = process.getBuiltinModule("bun:ffi");
  for (const library of LIBRARIES) {
    try {
      const { symbols } = dlopen(library, CALLS);
      return {
        socket: symbols.socket,
        sendto: (fd, bytes, flags, to) =>
          Number(
            symbols.sendto(fd, bytes, bytes.length, flags, to, to.length),
          ),
        clockGettime: symbols.clock_gettime,
      };
    } catch {
      continue; // another libc
    }
  }
  return undefined;
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
