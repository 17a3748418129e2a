/**
 * `broker config`: prints what is set and by whom, looks whether a broker
 * could start with it, makes a `broker.jsonc` of a `mosquitto.conf`, and
 * prints the schema of such a file.
 *
 * @module
 */

import { SILENT } from "../base/logger.ts";
import { readConfigFile } from "./config_file.ts";
import { configSchema } from "./config_schema.ts";
import { configText } from "./config_text.ts";
import { doorOptions } from "./door_options.ts";
import { configPage } from "./help.ts";
import type { HostProcess } from "./host_process.ts";
import { planListening } from "./listen_plan.ts";
import { loginsOf } from "./logins.ts";
import { readAll } from "./read_all.ts";
import { NO_FILE, type Reading, readSettings } from "./read_settings.ts";
import { UsageError } from "./usage_error.ts";
import { Watch } from "./watch.ts";

/** The process, as far as it is asked here. */
export type ConfigHost = Pick<HostProcess, "environment" | "print">;

const EVERYTHING = { hasDefaults: true, hasOrigins: true };
const FOR_A_FILE = { hasDefaults: false, hasOrigins: false };
const INDENT = 2;

/**
 * Runs the command.
 *
 * @param args The arguments behind `config`.
 * @throws {UsageError} When something is wrong with them, or with a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configCommand } from "./config_command.ts";
 *
 * let printed = "";
 * const host = {
 *   environment: () => ({}),
 *   print: (text: string) => void (printed = text),
 * };
 * await configCommand(host, ["schema"]);
 * assertEquals(JSON.parse(printed).title, "broker.jsonc");
 * ```
 */
export async function configCommand(
  host: ConfigHost,
  args: readonly string[],
): Promise<void> {
  const print = (text: string) => host.print(text, "stdout");
  const [word, ...others] = args;
  if (args.includes("--help") || args.includes("-h")) {
    return print(configPage());
  }
  if (word === "schema") {
    if (others.length > 0) throw new UsageError("config schema takes no words");
    return print(JSON.stringify(configSchema(), undefined, INDENT) + "\n");
  }
  if (word === "convert") return print(await converted(host, others));
  const reading = await readAll(args, host.environment());
  if (reading.settings.command === "check") {
    return print(await checkReport(reading));
  }
  tell(host, reading.warnings);
  print(configText(reading.given, EVERYTHING));
}

/**
 * Looks at all that a start looks at, short of listening.
 *
 * @returns What there is to say of it.
 * @throws {UsageError} When a broker could not start with it.
 */
export async function checkReport(
  { settings, warnings }: Reading,
): Promise<string> {
  const { listeners } = planListening(settings);
  const logins = await loginsOf(settings, SILENT);
  for (const listener of listeners) await doorOptions(listener, logins);
  await Watch.read(settings);
  const all = [...warnings, ...logins.warnings];
  const count = listeners.length;
  const what = count === 1 ? "1 listener" : `${count} listeners`;
  return [...all, `a broker can start with it: ${what}`, ""].join("\n");
}

async function converted(
  host: ConfigHost,
  args: readonly string[],
): Promise<string> {
  const [path, ...others] = args.filter((one) => one !== "--lenient");
  if (!path || others.length > 0 || path.startsWith("-")) {
    throw new UsageError(
      "a file is needed, and nothing else: " +
        "broker config convert FILE [--lenient]",
    );
  }
  const file = await readConfigFile(path, args.includes("--lenient"));
  // What is wrong with a value is found out when it is read.
  const { given } = readSettings([], {}, { ...NO_FILE, ...file });
  tell(host, file.warnings);
  return configText(given, FOR_A_FILE);
}

/** Apart from what is printed, which may go to a file. */
function tell(host: ConfigHost, warnings: readonly string[]): void {
  for (const warning of warnings) host.print(`${warning}\n`, "stderr");
}
