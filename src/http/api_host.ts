/**
 * The broker, as far as the API needs it: who serves the API brings it.
 *
 * @module
 */

import type { LogFields } from "../base/logger.ts";
import type { Core } from "../broker/core.ts";
import type { PublishInfo } from "../broker/hooks.ts";
import type { Readings } from "../metrics/readings.ts";
import type { Access } from "./access.ts";
import type { LogRing } from "./log_ring.ts";

/** Something that an operator should do something about. */
export interface Warning {
  /** A stable word. */
  readonly code: string;
  /** A sentence. */
  readonly message: string;
}

/** A listener, beside what its readings say. */
export interface ListenerFacts {
  /** Its URL: what its readings are called by. */
  readonly name: string;
  /** Host and port, or a file. */
  readonly address: string;
  /** What is spoken there. */
  readonly transport: string;
  /** How many connections there may be. */
  readonly connectionsMax: number | undefined;
  /** Whether clients without a name may come in. */
  readonly isAnonymous: boolean;
  /** Its certificate. */
  readonly certificate:
    | { readonly subject: string; readonly notAfterMs: number }
    | undefined;
  /** What an operator should know. */
  readonly warnings: readonly Warning[];
}

/** Where state is kept. */
export interface StoreFacts {
  /** How. */
  readonly kind: "memory" | "sqlite";
  /** The file. */
  readonly path: string | null;
  /** What it takes on the disk. */
  readonly bytes: number | null;
}

/** A setting. */
export interface SettingFacts {
  /** The flag without its dashes. */
  readonly name: string;
  /** What is set, secrets hidden; null where nothing is. */
  readonly value: unknown;
  /** The default, in words. */
  readonly initial: string;
  /** Where it comes from. */
  readonly origin: string;
  /** Whether nobody has set it. */
  readonly isDefault: boolean;
}

/** What has become of reading files again. */
export interface Reloaded {
  /** Whether they count now. */
  readonly isReloaded: boolean;
  /** A sentence. */
  readonly message: string;
  /** How many files there are. */
  readonly files: number;
}

/** A user of the password file. */
export interface UserFacts {
  /** The name. */
  readonly userName: string;
  /** How the password is kept. */
  readonly method: string;
}

/** What could not be done to a file, and why. */
export type FileFault = {
  /** In a word. */
  readonly fault: "not_found" | "exists" | "invalid" | "stale" | "failed";
  /** A sentence. */
  readonly message: string;
};

/** The file of users; what it returns has happened, and counts. */
export interface UserFile {
  /** All of them. */
  all(): Promise<readonly UserFacts[] | FileFault>;
  /** One more. */
  add(userName: string, password: string): Promise<UserFacts | FileFault>;
  /** Another password for one. */
  change(userName: string, password: string): Promise<UserFacts | FileFault>;
  /** One less. */
  remove(userName: string): Promise<UserFacts | FileFault>;
}

/** The text of the file of access rules. */
export interface AclText {
  /** The file. */
  readonly path: string;
  /** How it is written. */
  readonly form: "mosquitto" | "json";
  /** Changes with the text. */
  readonly version: string;
  /** The text. */
  readonly text: string;
}

/** The file of access rules. */
export interface AclDisk {
  /** What stands in it. */
  read(): Promise<AclText | FileFault>;
  /** The same, unless that is not as it should be. */
  readSound(): Promise<AclText | FileFault>;
  /** Writes it anew, unless `version` is given and no more that of the file. */
  write(
    text: string,
    version: string | undefined,
  ): Promise<AclText | FileFault>;
}

/** Everything. */
export interface ApiHost {
  /** The broker. */
  readonly core: Core;
  /** Who may ask. */
  readonly access: Access;
  /** The last lines of the log. */
  readonly logs: LogRing;
  /** Deno or Bun, and its version. */
  readonly runtime: string;
  /** The users; `undefined` without a password file. */
  readonly users: UserFile | undefined;
  /** The access rules; `undefined` without a file. */
  readonly acl: AclDisk | undefined;
  /** Writes down who is kept out; what is wrong with that, if anything is. */
  keepBans(): Promise<FileFault | undefined>;
  /** Writes a line of the log, whatever else is written. */
  insist(event: string, message: string, fields: LogFields): void;
  /** Calls a function for each client that connects; ends that. */
  onConnect(run: (clientId: string) => void): () => void;
  /** The same for each that is gone, with the reason. */
  onDisconnect(run: (clientId: string, reason: string) => void): () => void;
  /** The same for each message: it costs each of them. */
  onPublish(run: (message: PublishInfo) => void): () => void;
  /** Brings the broker the time, for who only looks. */
  setClock(): void;
  /** Runs something as a turn of the broker. */
  turn(run: () => void): void;
  /** What there is to know of the broker now; it sets the broker's clock. */
  readings(): Readings;
  /** The listeners. */
  listeners(): readonly ListenerFacts[];
  /** The store. */
  store(): Promise<StoreFacts>;
  /** The settings. */
  settings(): readonly SettingFacts[];
  /** Reads all files again. */
  reload(): Promise<Reloaded>;
}
