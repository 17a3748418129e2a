/**
 * The process on Deno, see `cli/host_process.ts`.
 *
 * @module
 */

import { denoFiles } from "./deno_files.ts";
import {
  type HostProcess,
  LIBRARIES,
  type SystemCalls,
  writeAll,
} from "./host_process.ts";
import type { Environment } from "./read_settings.ts";

/** `cli/std_prompt.ts`, which says why it is not imported by its name. */
interface PromptModule {
  hiddenPrompt: HostProcess["promptSecret"];
}

/** `cli/std_progress.ts`, likewise. */
interface ProgressModule {
  progressBar: HostProcess["progressBar"];
}

/** The process, when this is Deno. */
export function denoProcess(): HostProcess {
  return {
    runtime: `Deno ${Deno.version.deno}`,
    pid: Deno.pid,
    args: Deno.args,
    environment,
    isRoot,
    isStdinTerminal: () => Deno.stdin.isTerminal(),
    readStdin: async (bytes) => await Deno.stdin.read(bytes) ?? 0,
    promptSecret: async (message) => {
      const { href } = new URL("./std_prompt.ts", import.meta.url);
      const { hiddenPrompt } = await import(href) as PromptModule;
      return await hiddenPrompt(message);
    },
    isStdoutTerminal: () => Deno.stdout.isTerminal(),
    progressBar: async (what, max) => {
      const { href } = new URL("./std_progress.ts", import.meta.url);
      const { progressBar } = await import(href) as ProgressModule;
      return await progressBar(what, max);
    },
    isStderrTerminal: () => Deno.stderr.isTerminal(),
    writeStderr: (bytes) => Deno.stderr.write(bytes),
    print: (text, to) =>
      void writeAll(text, (bytes) => Deno[to].writeSync(bytes)),
    output: (bytes) => writeAll(bytes, (part) => Deno.stdout.writeSync(part)),
    onSignal: (signal, run) => {
      // Windows knows no SIGTERM.
      if (Deno.build.os === "windows" && signal === "SIGTERM") return;
      Deno.addSignalListener(signal, run);
    },
    onReload: (run) => {
      // Windows has no such signal that means this.
      if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", run);
    },
    releaseMemory: () => void collectGarbage(),
    memoryBytes: () => Deno.memoryUsage().rss,
    systemLimits,
    systemCalls,
    runProgram,
    files: denoFiles(),
    exit: (code) => Deno.exit(code),
  };
}

function systemLimits(): string {
  try {
    return Deno.readTextFileSync("/proc/self/limits");
  } catch {
    return ""; // another system, or Deno without --allow-read
  }
}

/** Without --allow-sys nobody is. */
function isRoot(): boolean {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" && Deno.uid() === 0;
}

let collect: (() => void) | undefined;

/**
 * V8 keeps what a burst needed until the next one: it collects when it
 * allocates, and a calm broker does not. Its collector is reached through a
 * flag; the modules are loaded late, because they would slow the start.
 */
async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  trimHeap();
}

let trim: (() => void) | undefined;

/**
 * What V8 has freed stays with glibc, which keeps the holes between what is
 * in use for later (half of the process after a flood). Elsewhere, or where
 * foreign functions are not allowed, it stays so.
 */
function trimHeap(): void {
  if (trim === undefined) {
    trim = () => {};
    if (!mayCallSystem()) return;
    try {
      const { symbols } = Deno.dlopen("libc.so.6", {
        malloc_trim: { parameters: ["usize"], result: "i32" },
      });
      trim = () => void symbols.malloc_trim(0n);
    } catch {
      return; // another libc
    }
  }
  trim();
}

/** Without --allow-ffi Deno would ask whoever sits at the terminal. */
function mayCallSystem(): boolean {
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  return Deno.build.os === "linux" && state === "granted";
}

const CALLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: {
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"],
    result: "isize",
  },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

function systemCalls(): SystemCalls | undefined {
  if (!mayCallSystem()) return undefined;
  for (const library of LIBRARIES) {
    try {
      const { symbols } = Deno.dlopen(library, CALLS);
      const { socket, sendto, clock_gettime } = symbols;
      return {
        socket,
        sendto: (fd, bytes, flags, to) => {
          const { length } = bytes;
          return Number(
            sendto(fd, bytes, BigInt(length), flags, to, to.length),
          );
        },
        clockGettime: clock_gettime,
      };
    } catch {
      continue; // another libc
    }
  }
  return undefined;
}

async function runProgram(
  name: string,
  args: readonly string[],
): Promise<boolean> {
  const run = { name: "run", command: name } as const;
  if (Deno.permissions.querySync(run).state !== "granted") return false;
  try {
    const child = new Deno.Command(name, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await child.output()).success;
  } catch {
    return false; // it is not here
  }
}

/** Who runs Deno without --allow-env wants no variables looked at. */
function environment(): Environment {
  try {
    return Deno.env.toObject();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return {};
    throw error;
  }
}
