/**
 * Runs a broker: reads what the settings name, opens the doors, says what it
 * does, reads files again, and stops when a signal asks for that.
 *
 * @module
 */

import type { Logger } from "../base/logger.ts";
import { LIMITS } from "../broker/limit_table.ts";
import type { Limits } from "../broker/limits.ts";
import { Broker, insidesOf } from "../host/broker.ts";
import { LogRing } from "../http/log_ring.ts";
import { ListenError } from "../net/listening.ts";
import type { SqliteStore } from "../store/sqlite_store.ts";
import { tlsFilesOf } from "./door_options.ts";
import type { EndSignal, HostProcess } from "./host_process.ts";
import { type ListenPlan, planListening } from "./listen_plan.ts";
import { colourLine, jsonLine, type LineFormat, textLine } from "./log_line.ts";
import { LogWriter } from "./log_writer.ts";
import type { Logins } from "./logins.ts";
import { connectionsFor } from "./open_files.ts";
import type { WholeReading } from "./read_all.ts";
import type { Environment } from "./read_settings.ts";
import type { Reloader } from "./reload.ts";
import { nodeFiles } from "../store/store_files.ts";
import type { Running } from "./reconfigure.ts";
import { ServedDoors } from "./served_doors.ts";
import type { ServiceManager } from "./service_manager.ts";
import { hasLogins, type Settings } from "./settings.ts";
import { BANS_NAME, besideStore } from "./store_folder.ts";
import { Watch } from "./watch.ts";

const EXIT_STOPPED = 0;
/** What is asked for can't be done. */
export const EXIT_CANNOT_START = 2;
/** 128 and the signal's number, as shells count. */
const EXIT_SIGNAL: Readonly<Record<EndSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
};
/** How long the last log lines may take on their way out. */
const LAST_LINES_MS = 500;

/**
 * Runs a broker; returns when it listens.
 *
 * @param reading What it is to be.
 * @param reread Reads that again: a file may have changed.
 * @throws {UsageError} When the settings can't be followed.
 */
export async function serve(
  host: HostProcess,
  reading: WholeReading,
  environment: Environment,
  reread: () => Promise<WholeReading>,
): Promise<void> {
  const { settings, warnings } = reading;
  const plan = planListening(settings);
  const watch = await Watch.read(settings);
  const logs = watch === undefined ? undefined : new LogRing();
  const log = logWriter(host, settings, environment, logs);
  const logins = await loginsFor(settings, plan, log);
  tellOfLoopback(log, plan);
  const store = await storeFor(host, settings, environment, log);
  const room = connectionsFor(host.systemLimits());
  const fitting = (wanted: Partial<Limits>) => withRoom(wanted, room);
  const limits = fitting(settings.limits);
  const limited = { ...settings, limits };
  const broker = await newBroker(host, limited, log, logins, store);
  const doors = new ServedDoors(broker, log, watch?.door);
  const current = { reading };
  const reload: Reload = settings.config === undefined || logins === undefined
    ? () => renewFiles(broker, doors, logins)
    : await reconfiguring(
      { broker, doors, log, logins, fitting },
      current,
      reread,
    );
  const manager = await managerOf(host, environment, log);
  const told = manager?.telling(reload) ?? reload;
  const reloader = await reloaderOf(log, filesOf(reading, plan, logins), told);
  const started = stopOnSignals(host, broker, log, () => {
    reloader?.stop();
    manager?.stopping();
  });
  try {
    await doors.open(plan.listeners, logins, () => {
      const isFull = limits.connectionsMax === room;
      introduce(log, isFull ? room : undefined, warnings, logins);
    });
    await watch?.open({
      broker,
      doors,
      log,
      logs: logs!,
      reloader,
      storePath: store?.path,
      runtime: host.runtime,
      hasReader: host.isStderrTerminal(),
      files: host.files ?? nodeFiles(),
      reading: () => current.reading,
    });
  } catch (error) {
    return await endDeaf(host, log, error);
  }
  started();
  await reloadOnSignals(host, reloader, manager);
  manager?.ready(() => `Listening on ${doors.urls.join(", ")}`);
}

/** Who can't listen where it is to does not run. */
async function endDeaf(
  host: HostProcess,
  log: LogWriter,
  error: unknown,
): Promise<never> {
  if (!(error instanceof ListenError)) throw error;
  log.announce("error", "listen_failed", error.message, {});
  await settled(log.flushed());
  host.exit(EXIT_CANNOT_START);
}

/** From here on files are read again, when there are any. */
async function reloadOnSignals(
  host: HostProcess,
  reloader: Reloader | undefined,
  manager: ServiceManager | undefined,
): Promise<void> {
  if (reloader !== undefined) {
    host.onReload(() => void reloader.reload("SIGHUP"));
    await reloader.start();
  } else if (manager !== undefined) {
    // What it sends to reload would end a process that does not listen.
    const nothing = manager.telling(() => Promise.resolve());
    host.onReload(() => void nothing());
  }
}

/** The first line: whoever can't connect from elsewhere looks for it. */
function tellOfLoopback(log: LogWriter, { note }: ListenPlan): void {
  if (note !== undefined) log.announce("info", "loopback_only", note, {});
}

/** What there is to say before the first listener is told of. */
function introduce(
  log: LogWriter,
  room: number | undefined,
  warnings: readonly string[],
  logins: Logins | undefined,
): void {
  if (room !== undefined) {
    const message = `at most ${room} connections: the system lets this ` +
      "process open no more files (ulimit -n)";
    log.announce("info", "open_files", message, {});
  }
  for (const warning of warnings) {
    log.announce("warn", "environment", warning, {});
  }
  for (const warning of logins?.warnings ?? []) {
    log.announce("warn", "login_setup", warning, {});
  }
}

/** Reads files again; there may be other ones from then on. */
type Reload = () => Promise<readonly string[] | void>;

/** All files are read before any of them counts. */
async function renewFiles(
  broker: Broker,
  doors: ServedDoors,
  logins: Logins | undefined,
): Promise<void> {
  const renew = await doors.read();
  const use = await logins?.read();
  await renew();
  use?.();
  broker.renewAccess();
}

/** The same where the file with the settings may have changed too. */
async function reconfiguring(
  running: Running,
  current: { reading: WholeReading },
  reread: () => Promise<WholeReading>,
): Promise<() => Promise<readonly string[]>> {
  const { reconfigure } = await import("./reconfigure.ts");
  return async () => {
    const reading = await reread();
    await reconfigure(running, current.reading.given, reading);
    current.reading = reading;
    return filesOf(reading, planListening(reading.settings), running.logins);
  };
}

/** All that can be read again. */
function filesOf(
  { files }: WholeReading,
  { listeners }: ListenPlan,
  logins: Logins | undefined,
): readonly string[] {
  const all = [...files, ...listeners.flatMap(tlsFilesOf)];
  return [...new Set([...all, ...logins?.files ?? []])];
}

/** Not more connections than there are descriptors for. */
function withRoom(limits: Partial<Limits>, room: number): Partial<Limits> {
  const { connectionsMax = LIMITS.connectionsMax.value } = limits;
  return room < connectionsMax ? { ...limits, connectionsMax: room } : limits;
}

/** Who may connect, and what clients may do, where that is not everything. */
async function loginsFor(
  settings: Settings,
  { listeners }: ListenPlan,
  log: Logger,
): Promise<Logins | undefined> {
  // A file may ask for it later.
  const canChange = settings.config !== undefined;
  const isAsked = canChange || hasLogins(settings.logins) ||
    settings.logins.aclFile !== undefined ||
    listeners.some(({ anonymous }) => anonymous !== undefined);
  if (!isAsked) return undefined;
  const { loginsOf } = await import("./logins.ts");
  return await loginsOf(settings, log, { canChange });
}

/** Whoever has asked for HTTP wants to know how long things take. */
function isMeasured({ httpListen }: Settings): boolean {
  return httpListen !== undefined && httpListen !== "none";
}

/** Late: a broker that keeps nothing needs no database. */
async function storeFor(
  host: HostProcess,
  settings: Settings,
  environment: Environment,
  log: LogWriter,
): Promise<SqliteStore | undefined> {
  if (settings.memory) return undefined;
  const { openStore } = await import("./open_store.ts");
  return openStore(host, settings, environment, log);
}

async function newBroker(
  host: HostProcess,
  settings: Settings,
  logger: Logger,
  logins: Logins | undefined,
  store: SqliteStore | undefined,
): Promise<Broker> {
  const authenticator = logins?.authenticator(undefined);
  const broker = new Broker({
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(logins?.authorizer === undefined
      ? {}
      : { authorizer: logins.authorizer }),
    enhancedAuthenticators: logins?.enhanced ?? [],
    ...(store === undefined ? {} : { store }),
    limits: settings.limits,
    queueQos0: settings.queueQos0,
    strictClientIdLength: settings.strictClientId,
    deliversEach: settings.deliverEach,
    shareStrategy: settings.shareStrategy,
    queueOverflow: settings.queueOverflow,
    checksPayloadFormat: settings.checkPayloadFormat,
    responseInformation: settings.responseInformation,
    serverReference: settings.serverReference,
    features: settings.features,
    statusIntervalMs: settings.sysIntervalMs,
    measures: isMeasured(settings),
    memoryBytes: host.memoryBytes,
    logger,
    releaseMemory: host.releaseMemory,
  });
  if (store !== undefined) await keepOut(host, broker, store.path, logger);
  return broker;
}

/** Late: mostly nobody is kept out. */
async function keepOut(
  host: HostProcess,
  broker: Broker,
  storePath: string,
  logger: Logger,
): Promise<void> {
  const files = host.files ?? nodeFiles();
  const path = besideStore(storePath, BANS_NAME);
  if (!files.exists(path)) return;
  const { readBans } = await import("./kept_bans.ts");
  readBans(insidesOf(broker).core, path, files, logger);
}

/** `undefined` where there is nothing that could be read again. */
async function reloaderOf(
  logger: Logger,
  files: readonly string[],
  reload: Reload,
): Promise<Reloader | undefined> {
  if (files.length === 0) return undefined;
  const { Reloader } = await import("./reload.ts");
  return new Reloader({ files, reload, logger, later: setTimeout });
}

/** Late: most are started by a person. */
async function managerOf(
  host: HostProcess,
  environment: Environment,
  logger: Logger,
): Promise<ServiceManager | undefined> {
  const address = environment["NOTIFY_SOCKET"];
  if (!address) return undefined;
  const { serviceManagerAt } = await import("./service_manager.ts");
  return serviceManagerAt(address, host, environment, logger);
}

function logWriter(
  host: HostProcess,
  settings: Settings,
  environment: Environment,
  logs: LogRing | undefined,
): LogWriter {
  return new LogWriter({
    ...(logs !== undefined && { onLine: (line) => logs.add(line) }),
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

/**
 * The first signal stops the broker in peace, once its start is over, which
 * is to be told; the second at once.
 */
function stopOnSignals(
  host: HostProcess,
  broker: Broker,
  log: LogWriter,
  begin: () => void,
): () => void {
  const { promise: start, resolve: started } = Promise.withResolvers<void>();
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    host.onSignal(signal, () => {
      if (isStopping) host.exit(EXIT_SIGNAL[signal]);
      isStopping = true;
      begin();
      void stop(host, broker, log, start, signal);
    });
  }
  return started;
}

async function stop(
  host: HostProcess,
  broker: Broker,
  log: LogWriter,
  start: Promise<void>,
  signal: EndSignal,
): Promise<void> {
  log.announce("info", "shutdown", "stopping", { signal });
  await start;
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
