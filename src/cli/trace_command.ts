/**
 * `broker trace`: the packets of a client, or the messages of topics, of a
 * broker that runs, for a time.
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
import { jsonLine, textLine } from "./log_line.ts";
import type { LogFields, LogLevel } from "../base/logger.ts";
import { parseQuantity } from "./quantity.ts";
import { UsageError } from "./usage_error.ts";

/** The process, as far as it is asked here. */
export type TraceHost = Pick<
  HostProcess,
  "environment" | "exit" | "isRoot" | "isStdoutTerminal" | "onSignal" | "print"
>;

const SECONDS = { least: 1, most: 3600, unit: "" };
const EVERY_MS = 300;
const LATE_MS = 5000;
const EXIT_INTERRUPTED = 130;

/** The command, and its flags. */
export const TRACE: ApiCommand = {
  name: "trace",
  flags: [
    { name: "client", value: "ID", says: "Trace the packets of this client." },
    {
      name: "topic",
      value: "FILTER",
      says: "Trace the messages of these topics.",
    },
    { name: "seconds", value: "N", says: "For how long. [60]" },
    { name: "payloads", says: "Show the beginning of payloads, too." },
  ],
};

const PAGE = `\
Usage: broker trace (--client ID | --topic FILTER) [flags]

Traces a client or topics of a broker that runs: each packet, or each message,
is a line here and in the broker's log, at most 100 a second. It ends by itself,
or by Ctrl-C. Lines are JSON where stdout is no terminal.

${flagLinesAndHelp(apiFlags(TRACE))}

Examples:
  broker trace --client pump-7
  broker trace --topic 'alarm/#' --seconds 600 --payloads > alarms.jsonl
`;

/** A trace that has begun. */
interface Began {
  readonly id: string;
  readonly until: string;
}

/** A line of the broker's log. */
interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: LogFields;
}

/**
 * Runs the command.
 *
 * @param args The arguments behind `trace`.
 * @throws {UsageError} When an argument is bad, or no broker answers.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { traceCommand } from "./trace_command.ts";
 *
 * await traceCommand({
 *   environment: () => ({}),
 *   exit: () => {
 *     throw new Error("it ends by itself");
 *   },
 *   isRoot: () => false,
 *   isStdoutTerminal: () => false,
 *   onSignal: () => {},
 *   print: (text) => assert(text.startsWith("Usage: broker trace")),
 * }, ["--help"]);
 * ```
 */
export async function traceCommand(
  host: TraceHost,
  args: readonly string[],
): Promise<void> {
  const given = readApiArguments(TRACE, args);
  if (given === "help") return host.print(PAGE, "stdout");
  const order = {
    ...(given.has("client") && { clientId: given.get("client") }),
    ...(given.has("topic") && { topicFilter: given.get("topic") }),
    seconds: parseQuantity(given.get("seconds") ?? "60", SECONDS, "--seconds"),
    hasPayloads: given.has("payloads"),
  };
  if (given.has("client") === given.has("topic")) {
    throw new UsageError(
      "--client ID or --topic FILTER is needed, one of them",
    );
  }
  const api = await ApiClient.of(host, given);
  const logs = await api.ask("GET", "/logs") as { next: string };
  const { id, until } = await api.ask("POST", "/traces", order) as Began;
  host.onSignal("SIGINT", () => {
    void api.ask("DELETE", `/traces/${id}`).catch(() => {})
      .then(() => host.exit(EXIT_INTERRUPTED));
  });
  await follow(host, api, { id, until }, logs.next);
}

/** Prints the lines of a trace until it is over. */
async function follow(
  host: TraceHost,
  api: ApiClient,
  { id, until }: Began,
  from: string,
): Promise<void> {
  const format = host.isStdoutTerminal() ? textLine : jsonLine;
  // Where so much is logged that its last line is gone, its time is the end.
  const patienceMs = Date.parse(until) + LATE_MS;
  for (let after = from; Date.now() < patienceMs;) {
    const { items, next } = await api.ask("GET", `/logs?after=${after}`) as {
      items: readonly Line[];
      next: string;
    };
    after = next;
    for (const { time, ...line } of items) {
      if (line.fields["trace"] !== id) continue;
      host.print(format({ ...line, timeMs: Date.parse(time) }), "stdout");
      if (line.event === "trace_ended") return;
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}
