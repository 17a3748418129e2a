/**
 * The API joined with the broker that runs: what `http/` needs, out of the
 * parts that the command line has made.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Access } from "../http/access.ts";
import type { ApiHost, ListenerFacts, StoreFacts } from "../http/api_host.ts";
import type { LogRing } from "../http/log_ring.ts";
import { type Broker, insidesOf } from "../host/broker.ts";
import { monotonicMs } from "../net/driver.ts";
import { formatAddress } from "../net/peer.ts";
import type { StoreFiles } from "../store/store_files.ts";
import { aclDiskAt, bansFileAt, userFileAt } from "./file_changes.ts";
import { doorWarnings } from "./door_warnings.ts";
import type { LogWriter } from "./log_writer.ts";
import type { WholeReading } from "./read_all.ts";
import type { Reloader } from "./reload.ts";
import type { ServedDoor, ServedDoors } from "./served_doors.ts";
import { hasLogins, type Settings } from "./settings.ts";
import { settingsJson } from "./settings_json.ts";
import { BANS_NAME, besideStore } from "./store_folder.ts";

/** What runs, and what it runs by. */
export interface Served {
  /** The broker. */
  readonly broker: Broker;
  /** Its listeners. */
  readonly doors: ServedDoors;
  /** Its log. */
  readonly log: LogWriter;
  /** The last lines of that. */
  readonly logs: LogRing;
  /** Reads files again; `undefined` where there are none. */
  readonly reloader: Reloader | undefined;
  /** The file of the store; `undefined` where state is in memory. */
  readonly storePath: string | undefined;
  /** Deno or Bun, and its version. */
  readonly runtime: string;
  /** Whether a person reads the log as it comes. */
  readonly hasReader: boolean;
  /** The file system. */
  readonly files: StoreFiles;
  /** What is set now. */
  reading(): WholeReading;
}

/** What the API needs of it. */
export function apiHost(served: Served, access: Access): ApiHost {
  const { broker, doors, log, logs, reloader, runtime, storePath } = served;
  const { core, driver } = insidesOf(broker);
  const settings = () => served.reading().settings;
  const takeOver = () => reloader?.reload("the API") ?? NOTHING;
  const users = byPath((path) => userFileAt(path, takeOver));
  const acl = byPath((path) => aclDiskAt(path, takeOver));
  return {
    core,
    access,
    logs,
    runtime,
    get users() {
      return users(settings().logins.passwordFile);
    },
    get acl() {
      return acl(settings().logins.aclFile);
    },
    turn: (run) => driver.turn(run),
    setClock: () => void (core.nowMs = monotonicMs()),
    readings: () => broker.readings(),
    listeners: () => doors.all.map((one) => listenerFacts(one, settings())),
    store: () => storeFacts(storePath),
    keepBans: storePath === undefined
      ? () => NOTHING
      : bansFileAt(besideStore(storePath, BANS_NAME), core),
    settings: () => settingsJson(served.reading().given),
    insist: (event, message, fields) => log.insist(event, message, fields),
    onConnect: (run) =>
      broker.on("connect", ({ client }) => run(client.clientId)),
    onDisconnect: (run) =>
      broker.on(
        "disconnect",
        ({ client, reason }) => run(client.clientId, reason),
      ),
    onPublish: (run) => broker.on("publish", run),
    reload: async () => {
      const files = reloader?.count ?? 0;
      if (reloader === undefined) {
        const message = "there are no files to be read again";
        return { isReloaded: false, message, files };
      }
      const fault = await reloader.reload("the API");
      if (fault === undefined) {
        const message = "all files are read again";
        return { isReloaded: true, message, files };
      }
      const message = `all stays as it was: ${fault}`;
      return { isReloaded: false, message, files };
    },
  };
}

/** One for each file: its changes wait for each other. */
function byPath<T>(
  make: (path: string) => T,
): (path: string | undefined) => T | undefined {
  const made = new Map<string, T>();
  return (path) => {
    if (path === undefined) return undefined;
    const known = made.get(path) ?? make(path);
    made.set(path, known);
    return known;
  };
}

const NOTHING = Promise.resolve(undefined);

function listenerFacts(
  served: ServedDoor,
  { allowAnonymous, logins }: Settings,
): ListenerFacts {
  const { door, listener, tls } = served;
  const { anonymous, connectionsMax, file, spoken } = listener;
  const isAnonymous = anonymous ?? (allowAnonymous || !hasLogins(logins));
  return {
    name: door.url,
    address: file === "" ? formatAddress(door.hostname, door.port) : file,
    transport: spoken,
    connectionsMax,
    isAnonymous,
    certificate: tls && {
      subject: subjectOf(tls.certificate),
      notAfterMs: tls.validUntilMs,
    },
    warnings: doorWarnings(served, isAnonymous),
  };
}

/** In one line, as people write it. */
function subjectOf(pem: string): string {
  return new X509Certificate(pem).subject.split("\n").join(", ");
}

/** What the files of the store take. */
async function storeFacts(path: string | undefined): Promise<StoreFacts> {
  if (path === undefined) return { kind: "memory", path: null, bytes: null };
  const sizes = await Promise.all(
    [path, `${path}-wal`].map(async (one) => {
      try {
        return (await stat(one)).size;
      } catch {
        return 0;
      }
    }),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { kind: "sqlite", path, bytes };
}
