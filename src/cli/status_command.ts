/**
 * `broker status`: what a broker that runs says of itself, once or as a table
 * that goes on.
 *
 * @module
 */

import {
  type ApiCommand,
  apiFlags,
  readApiArguments,
} from "./api_arguments.ts";
import { ApiClient } from "./api_client.ts";
import { flagLinesAndHelp } from "./help_columns.ts";
import type { HostProcess } from "./host_process.ts";
import {
  type ListenersAnswer,
  type StatusAnswer,
  statusLines,
} from "./status_text.ts";
import { UsageError } from "./usage_error.ts";

/** The process, as far as it is asked here. */
export type StatusHost = Pick<
  HostProcess,
  "environment" | "isRoot" | "isStdoutTerminal" | "output" | "print"
>;

/** How often the table is made anew. */
const EVERY_MS = 1000;
/** Goes to the top, and takes away what is left behind the lines. */
const TOP = "\x1b[H";
const CLEAR = "\x1b[2J";
const REST_OF_LINE = "\x1b[K\n";
const REST = "\x1b[J";

/** The command, and its flags. */
export const STATUS: ApiCommand = {
  name: "status",
  flags: [
    { name: "once", says: "Print it once, also on a terminal." },
    { name: "json", says: "Print what the API says, once." },
  ],
};

const PAGE = `\
Usage: broker status [flags]

Shows how a broker that runs is doing: rates, clients, memory, drops, store and
listeners. On a terminal the table goes on until Ctrl-C, else there is one.

${flagLinesAndHelp(apiFlags(STATUS))}

Examples:
  broker status
  broker status --json | jq .clients.connected
  broker status --url http://10.0.0.7:8080 --secret-file token --once
`;

/**
 * Runs the command.
 *
 * @param args The arguments behind `status`.
 * @throws {UsageError} When an argument is bad, or no broker answers.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { statusCommand } from "./status_command.ts";
 *
 * await statusCommand({
 *   environment: () => ({}),
 *   isRoot: () => false,
 *   isStdoutTerminal: () => false,
 *   output: () => true,
 *   print: (text) => assert(text.startsWith("Usage: broker status")),
 * }, ["--help"]);
 * ```
 */
export async function statusCommand(
  host: StatusHost,
  args: readonly string[],
): Promise<void> {
  const given = readApiArguments(STATUS, args);
  if (given === "help") return host.print(PAGE, "stdout");
  const api = await ApiClient.of(host, given);
  if (given.has("json")) {
    const status = await api.ask("GET", "/status");
    return host.print(`${JSON.stringify(status, undefined, 2)}\n`, "stdout");
  }
  const isLive = host.isStdoutTerminal() && !given.has("once");
  if (!isLive) {
    return host.print((await linesOf(api)).join("\n") + "\n", "stdout");
  }
  for (let start = CLEAR;; start = "") {
    // One that has answered once may answer again.
    const lines = await (start === CLEAR ? linesOf(api) : linesOrFault(api));
    const text = start + TOP + lines.join(REST_OF_LINE) + REST_OF_LINE + REST;
    if (!host.output(new TextEncoder().encode(text))) return;
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

async function linesOrFault(api: ApiClient): Promise<string[]> {
  try {
    return await linesOf(api);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [error.message];
  }
}

async function linesOf(api: ApiClient): Promise<string[]> {
  const [status, listeners] = await Promise.all([
    api.ask("GET", "/status"),
    api.ask("GET", "/listeners"),
  ]);
  return statusLines(
    api.url,
    status as StatusAnswer,
    listeners as ListenersAnswer,
  );
}
