/**
 * The command line: what is asked for is found out, and done. What flags
 * there are is in `cli/flags.ts`; a broker is run by `cli/serve.ts`.
 *
 * Exit codes: 0 after a signal, 2 when it can't start (with one sentence
 * that says why), 130 or 143 after a second signal.
 *
 * @module
 */

import { bunProcess } from "./bun_process.ts";
import { denoProcess } from "./deno_process.ts";
import {
  helpPage,
  limitsPage,
  listenPage,
  loginPage,
  mqttPage,
  watchPage,
} from "./help.ts";
import type { HostProcess } from "./host_process.ts";
import { readSettings } from "./read_settings.ts";
import { EXIT_CANNOT_START, serve } from "./serve.ts";
import { UsageError } from "./usage_error.ts";
import { versionLine } from "./version.ts";

/**
 * Runs the command line. It returns when the broker listens, which from then
 * on keeps the process alive, or when there is nothing to run.
 *
 * @param args The arguments; unless given, those of the process.
 *
 * @example
 * ```ts
 * import { main } from "./main.ts";
 *
 * await main(["--version"]);
 * ```
 */
export async function main(args?: readonly string[]): Promise<void> {
  const host = bunProcess() ?? denoProcess();
  try {
    await run(host, args ?? host.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.print(`broker: ${error.message}\n`, "stderr");
    host.exit(EXIT_CANNOT_START);
  }
}

async function run(host: HostProcess, args: readonly string[]): Promise<void> {
  const [command, ...others] = args;
  // Late, as is all that few need: it would slow the start of a broker.
  if (command === "scram") {
    const { scramCommand } = await import("./scram_command.ts");
    return await scramCommand(host, others);
  }
  if (command === "passwd") {
    const { passwdCommand } = await import("./passwd_command.ts");
    return await passwdCommand(host, others);
  }
  const environment = host.environment();
  const { settings, warnings } = readSettings(args, environment);
  const page = PAGES[settings.command];
  if (page !== undefined) return host.print(page(), "stdout");
  if (settings.command === "version") {
    return host.print(versionLine(host.runtime) + "\n", "stdout");
  }
  await serve(host, settings, environment, warnings);
}

const PAGES: Readonly<Record<string, (() => string) | undefined>> = {
  help: helpPage,
  help_listen: listenPage,
  help_login: loginPage,
  help_mqtt: mqttPage,
  help_watch: watchPage,
  help_limits: limitsPage,
};
