/**
 * The command line: what is asked for is found out, and done. What flags
 * there are is in `cli/flags.ts`, what commands in `cli/commands.ts`; a
 * broker is run by `cli/serve.ts`.
 *
 * Exit codes: 0 after a signal, 2 when it can't start (with one sentence
 * that says why), 130 or 143 after a second signal.
 *
 * @module
 */

import { bunProcess } from "./bun_process.ts";
import { commandNamed } from "./commands.ts";
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
import { readAll } from "./read_all.ts";
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
  const [word, ...others] = args;
  const command = commandNamed(word);
  if (command !== undefined) return await command.run(host, others);
  const environment = host.environment();
  const reading = await readAll(args, environment);
  const { settings } = reading;
  const page = PAGES[settings.command];
  if (page !== undefined) return host.print(page(), "stdout");
  if (settings.command === "version") {
    return host.print(versionLine(host.runtime) + "\n", "stdout");
  }
  if (settings.command === "check") {
    const { checkReport } = await import("./config_command.ts");
    return host.print(await checkReport(reading), "stdout");
  }
  await serve(host, reading, environment, () => readAll(args, environment));
}

const PAGES: Readonly<Record<string, (() => string) | undefined>> = {
  help: helpPage,
  help_listen: listenPage,
  help_login: loginPage,
  help_mqtt: mqttPage,
  help_watch: watchPage,
  help_limits: limitsPage,
};
