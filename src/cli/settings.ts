/**
 * What the command line comes to, and what a flag is. Which flags there are
 * is in `cli/flags.ts`.
 *
 * @module
 */

import type { LogLevel } from "../base/logger.ts";
import type { Limits } from "../broker/limits.ts";
import type { Features } from "../broker/options.ts";
import type { QueueOverflow } from "../session/drops.ts";
import type { ShareStrategy } from "../session/shared_group.ts";
import type { Address } from "./address.ts";
import type { Listener } from "./listener.ts";
import type { Range } from "./quantity.ts";

/** The port of MQTT, as IANA has it. */
export const PORT = 1883;

/** How a log line looks. */
export type LogFormat = "text" | "json";

/** What is to be done, instead of running, and then to end. */
export type Command =
  | "run"
  | "help"
  | "help_listen"
  | "help_login"
  | "help_mqtt"
  | "help_watch"
  | "help_limits"
  | "check"
  | "version";

/** Who may connect, and who may do what. */
export interface LoginSettings {
  /** The file of users and their passwords. */
  passwordFile: string | undefined;
  /** The file of access rules. */
  aclFile: string | undefined;
  /** The file of users who log in by SCRAM-SHA-256. */
  scramFile: string | undefined;
  /** What of a certificate is the user name. */
  certUser: "cn" | "subject" | undefined;
  /** The file of keys that sign tokens. */
  jwtKey: string | undefined;
  /** Where the token is. */
  jwtFrom: "password" | "username";
  /** Who may have made the token; empty for anyone. */
  jwtIssuers: string[];
  /** For whom it has to be; empty for anyone. */
  jwtAudiences: string[];
  /** The claim that is the user name. */
  jwtUserClaim: string;
  /** The claim that has to be the client id. */
  jwtClientIdClaim: string | undefined;
  /** The claim that says what the client may do. */
  jwtRightsClaim: string | undefined;
  /** Whether tokens that never expire are good. */
  jwtWithoutExpiry: boolean;
  /** The server that is asked who may connect. */
  httpUrl: string | undefined;
  /** How it is asked. */
  httpMethod: "POST" | "GET" | "PUT";
  /** The file with what it is asked. */
  httpBodyFile: string | undefined;
  /** The file with the headers. */
  httpHeadersFile: string | undefined;
  /** The file of those who vouch for the server. */
  httpCaFile: string | undefined;
  /** How long an answer is waited for. */
  httpTimeoutMs: number;
  /** How long a yes holds. */
  httpCacheMs: number;
}

/** The part of a listener that can be set for all. */
export type TlsFlags = Pick<
  Listener,
  "certFile" | "keyFile" | "clientCaFile" | "clientCert" | "tlsVersion"
>;

/** What flags and variables come to. */
export interface Settings {
  /** Run, or print something and end. */
  command: Command;
  /** The configuration file, if given. */
  config: string | undefined;
  /** Whether what it has that the broker has not is passed over. */
  lenient: boolean;
  /** The one address without a port, if given. */
  host: string | undefined;
  /** The port for `host` and for the default addresses. */
  port: number;
  /** The port for TLS at those. */
  tlsPort: number;
  /** Further listeners. */
  listen: Listener[];
  /** Whether all is spoken at `port`. */
  onePort: boolean;
  /** Certificate and key, for all listeners that have none. */
  tls: TlsFlags;
  /** Whether clients without a name may come in, wherever they are. */
  allowAnonymous: boolean;
  /** Who else may come in. */
  logins: LoginSettings;
  /** The folder for what must survive, if given. */
  data: string | undefined;
  /** Whether nothing must. */
  memory: boolean;
  /** How sure a commit is. */
  sync: "full" | "normal";
  /** Whether QoS 0 messages wait for persistent sessions that are away. */
  queueQos0: boolean;
  /** Whether MQTT 3.1's limit of 23 characters for client ids holds. */
  strictClientId: boolean;
  /** Whether each matching filter of a client counts. */
  deliverEach: boolean;
  /** How shared subscriptions choose a member. */
  shareStrategy: ShareStrategy;
  /** What becomes of a message that finds no room in a session's queue. */
  queueOverflow: QueueOverflow;
  /** Whether payloads that are said to be UTF-8 are looked at. */
  checkPayloadFormat: boolean;
  /** The Response Information for clients that ask; empty for none. */
  responseInformation: string;
  /** Another server, for when this one is full or stops; empty for none. */
  serverReference: string;
  /** What of MQTT is not at its default. */
  features: Partial<Features>;
  /** How often the broker tells of itself; 0 for never. */
  sysIntervalMs: number;
  /** Where HTTP is spoken; `undefined` for where it usually is. */
  httpListen: Address | "none" | undefined;
  /** The file of the token that has to be shown there. */
  httpTokenFile: string | undefined;
  /** How log lines look; `undefined` leaves it to where they go. */
  logFormat: LogFormat | undefined;
  /** The quietest level that is written. */
  logLevel: LogLevel;
  /** The limits that are not at their defaults. */
  limits: Partial<Limits>;
}

/** Where a flag is explained; commands have no variable. */
export type FlagGroup =
  | "config"
  | "setting"
  | "listen"
  | "login"
  | "mqtt"
  | "watch"
  | "limit"
  | "command";

/** A flag, described for people and for the parser. */
export interface Flag {
  /** The name, without the two dashes. */
  readonly name: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** What it belongs to: each group has a help page. */
  readonly group: FlagGroup;
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
  /** What its value can be, where that is one of a few words. */
  readonly words?: readonly string[];
  /** What its value can be, where that is a number. */
  readonly range?: Range;
  /** What of a value may be shown: all, unless this says less. */
  readonly shown?: (text: string) => string;
  /** Whether it can stand in the configuration file; all can but commands. */
  readonly inFile?: false;
  /** The flag without which it has no use. */
  readonly needs?: string;
  /** Whether it may come several times, or with commas in its variable. */
  readonly repeats?: true;
  /** The default, in words. */
  readonly initial: string;
  /** What it does: a sentence or two. */
  readonly says: string;
  /**
   * Puts the value of `text` into `settings`.
   *
   * @param label The flag or variable, for the sentence about a mistake.
   * @throws {UsageError} When the text is no such value.
   */
  readonly set: (settings: Settings, text: string, label: string) => void;
}

/**
 * Settings at their defaults.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultSettings } from "./settings.ts";
 *
 * assertEquals(defaultSettings().port, 1883);
 * ```
 */
export function defaultSettings(): Settings {
  return {
    command: "run",
    config: undefined,
    lenient: false,
    host: undefined,
    port: PORT,
    tlsPort: 8883,
    listen: [],
    onePort: false,
    tls: {
      certFile: undefined,
      keyFile: undefined,
      clientCaFile: undefined,
      clientCert: undefined,
      tlsVersion: undefined,
    },
    allowAnonymous: false,
    logins: {
      passwordFile: undefined,
      aclFile: undefined,
      scramFile: undefined,
      certUser: undefined,
      jwtKey: undefined,
      jwtFrom: "password",
      jwtIssuers: [],
      jwtAudiences: [],
      jwtUserClaim: "sub",
      jwtClientIdClaim: undefined,
      jwtRightsClaim: undefined,
      jwtWithoutExpiry: false,
      httpUrl: undefined,
      httpMethod: "POST",
      httpBodyFile: undefined,
      httpHeadersFile: undefined,
      httpCaFile: undefined,
      httpTimeoutMs: 3000,
      httpCacheMs: 30_000,
    },
    data: undefined,
    memory: false,
    sync: "full",
    queueQos0: false,
    strictClientId: false,
    deliverEach: false,
    shareStrategy: "round-robin",
    queueOverflow: "drop-newest",
    checkPayloadFormat: false,
    responseInformation: "",
    serverReference: "",
    features: {},
    sysIntervalMs: 10_000,
    httpListen: undefined,
    httpTokenFile: undefined,
    logFormat: undefined,
    logLevel: "info",
    limits: {},
  };
}

/**
 * Whether anybody has to log in.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultSettings, hasLogins } from "./settings.ts";
 *
 * assertEquals(hasLogins(defaultSettings().logins), false);
 * ```
 */
export function hasLogins(
  { certUser, httpUrl, jwtKey, passwordFile, scramFile }: LoginSettings,
): boolean {
  return [certUser, httpUrl, jwtKey, passwordFile, scramFile]
    .some((one) => one !== undefined);
}
