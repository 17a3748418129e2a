/**
 * The process on Deno, see `cli/host_process.ts`.
 *
 * @module
 */

import { type HostProcess, writeAll } from "./host_process.ts";
import type { Environment } from "./read_settings.ts";

/** The process, when this is Deno. */
export function denoProcess(): HostProcess {
  return {
    runtime: `Deno ${Deno.version.deno}`,
    args: Deno.args,
    environment,
    isStderrTerminal: () => Deno.stderr.isTerminal(),
    writeStderr: (bytes) => Deno.stderr.write(bytes),
    print: (text, to) => writeAll(text, (bytes) => Deno[to].writeSync(bytes)),
    onSignal: (signal, run) => {
      // Windows knows no SIGTERM.
      if (Deno.build.os === "windows" && signal === "SIGTERM") return;
      Deno.addSignalListener(signal, run);
    },
    exit: (code) => Deno.exit(code),
  };
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
