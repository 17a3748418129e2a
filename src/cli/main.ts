/**
 * The command line: reads settings, starts a broker, says what it does, and
 * stops it when a signal asks for that. What flags there are is in
 * `cli/flags.ts`; the command `scram` is in `cli/scram_command.ts`.
 *
 * Exit codes: 0 after a signal, 2 when it can't start (with one sentence
 * that says why), 130 or 143 after a second signal.
 *
 * @module
 */

import type { Logger } from "../base/logger.ts";
import { Broker } from "../host/broker.ts";
import { ListenError } from "../net/listening.ts";
import { formatAddress } from "../net/peer.ts";
import type { Address } from "./address.ts";
import { bunProcess } from "./bun_process.ts";
import { denoProcess } from "./deno_process.ts";
import type { Settings } from "./settings.ts";
import { helpPage, limitsPage, mqttPage } from "./help.ts";
import type { EndSignal, HostProcess } from "./host_process.ts";
import { type ListenPlan, planListening } from "./listen_plan.ts";
import { colourLine, jsonLine, type LineFormat, textLine } from "./log_line.ts";
import { LogWriter } from "./log_writer.ts";
import { openDoors } from "./open_doors.ts";
import { type Environment, readSettings } from "./read_settings.ts";
import type { Logins } from "./scram_login.ts";
import { UsageError } from "./usage_error.ts";
import { versionLine } from "./version.ts";

const EXIT_STOPPED = 0;
const EXIT_CANNOT_START = 2;
/** 128 and the signal's number, as shells count. */
const EXIT_SIGNAL: Readonly<Record<EndSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
};
/** How long the last log lines may take on their way out. */
const LAST_LINES_MS = 500;

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
  if (command === "scram") {
    // Late, as is all that few need: it would slow the start of a broker.
    const { scramCommand } = await import("./scram_command.ts");
    return await scramCommand(host, others);
  }
  const environment = host.environment();
  const { settings, warnings } = readSettings(args, environment);
  switch (settings.command) {
    case "help":
      return host.print(helpPage(), "stdout");
    case "help_mqtt":
      return host.print(mqttPage(), "stdout");
    case "help_limits":
      return host.print(limitsPage(), "stdout");
    case "version":
      return host.print(versionLine(host.runtime) + "\n", "stdout");
    case "run":
  }
  const plan = planListening(settings);
  const logins = await loginsOf(settings);
  const log = logWriter(host, settings, environment);
  const broker = newBroker(host, settings, log, logins);
  stopOnSignals(host, broker, log);
  try {
    await openAll(broker, plan, log, warnings);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    log.announce("error", "listen_failed", error.message, {});
    await settled(log.flushed());
    host.exit(EXIT_CANNOT_START);
  }
}

/** Who may connect, where that is not everyone. */
async function loginsOf(settings: Settings): Promise<Partial<Logins>> {
  const { scramFile } = settings;
  if (scramFile === undefined) return {};
  const { scramLogins } = await import("./scram_login.ts");
  return await scramLogins(scramFile, settings);
}

function newBroker(
  host: HostProcess,
  settings: Settings,
  logger: Logger,
  logins: Partial<Logins>,
): Broker {
  return new Broker({
    ...logins,
    limits: settings.limits,
    queueQos0: settings.queueQos0,
    strictClientIdLength: settings.strictClientId,
    deliversEach: settings.deliverEach,
    shareStrategy: settings.shareStrategy,
    checksPayloadFormat: settings.checkPayloadFormat,
    responseInformation: settings.responseInformation,
    serverReference: settings.serverReference,
    features: settings.features,
    logger,
    releaseMemory: host.releaseMemory,
  });
}

function logWriter(
  host: HostProcess,
  settings: Settings,
  environment: Environment,
): LogWriter {
  return new LogWriter({
    level: settings.logLevel,
    format: lineFormat(host, settings, environment),
    write: host.writeStderr,
    nowMs: Date.now,
    later: setTimeout,
  });
}

function lineFormat(
  host: HostProcess,
  { logFormat }: Settings,
  environment: Environment,
): LineFormat {
  const isTerminal = host.isStderrTerminal();
  const format = logFormat ?? (isTerminal ? "text" : "json");
  if (format === "json") return jsonLine;
  const isPlain = environment["NO_COLOR"] || environment["TERM"] === "dumb";
  return isTerminal && !isPlain ? colourLine : textLine;
}

/** What there is to say goes behind the first success: else one is enough. */
async function openAll(
  broker: Broker,
  { addresses, note }: ListenPlan,
  log: LogWriter,
  warnings: readonly string[],
): Promise<void> {
  let isFirst = true;
  await openDoors(broker, addresses, (address) => {
    if (isFirst) {
      isFirst = false;
      if (note !== undefined) log.announce("info", "loopback_only", note, {});
      for (const warning of warnings) {
        log.announce("warn", "environment", warning, {});
      }
    }
    log.announce("info", "listening", "listening", fieldsOf(address));
  });
}

function fieldsOf({ hostname, port }: Address) {
  return { address: formatAddress(hostname, port), port };
}

/** The first signal stops the broker in peace, the second at once. */
function stopOnSignals(
  host: HostProcess,
  broker: Broker,
  log: LogWriter,
): void {
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    host.onSignal(signal, () => {
      if (isStopping) host.exit(EXIT_SIGNAL[signal]);
      isStopping = true;
      void stop(host, broker, log, signal);
    });
  }
}

async function stop(
  host: HostProcess,
  broker: Broker,
  log: LogWriter,
  signal: EndSignal,
): Promise<void> {
  log.announce("info", "shutdown", "stopping", { signal });
  await broker.close();
  log.announce("info", "stopped", "stopped", {});
  await settled(log.flushed());
  host.exit(EXIT_STOPPED);
}

/** Waits for the last lines, but not for ever: nobody may read them. */
function settled(flushed: Promise<void>): Promise<void> {
  return Promise.race([
    flushed,
    new Promise<void>((done) => setTimeout(done, LAST_LINES_MS)),
  ]);
}
