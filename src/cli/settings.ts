/**
 * What the command line comes to, and what a flag is. Which flags there are
 * is in `cli/flags.ts`.
 *
 * @module
 */

import type { LogLevel } from "../base/logger.ts";
import type { Limits } from "../broker/limits.ts";
import type { Features } from "../broker/options.ts";
import type { ShareStrategy } from "../session/shared_group.ts";
import type { Address } from "./address.ts";

/** How a log line looks. */
export type LogFormat = "text" | "json";

/** What is to be done, instead of running, and then to end. */
export type Command = "run" | "help" | "help_mqtt" | "help_limits" | "version";

/** What flags and variables come to. */
export interface Settings {
  /** Run, or print something and end. */
  command: Command;
  /** The one address without a port, if given. */
  host: string | undefined;
  /** The port for `host` and for the default addresses. */
  port: number;
  /** Further addresses. */
  listen: Address[];
  /** Whether anyone may come in from beyond this machine. */
  allowAnonymous: boolean;
  /** The file of users who log in by SCRAM-SHA-256. */
  scramFile: string | undefined;
  /** Whether QoS 0 messages wait for persistent sessions that are away. */
  queueQos0: boolean;
  /** Whether MQTT 3.1's limit of 23 characters for client ids holds. */
  strictClientId: boolean;
  /** Whether each matching filter of a client counts. */
  deliverEach: boolean;
  /** How shared subscriptions choose a member. */
  shareStrategy: ShareStrategy;
  /** Whether payloads that are said to be UTF-8 are looked at. */
  checkPayloadFormat: boolean;
  /** The Response Information for clients that ask; empty for none. */
  responseInformation: string;
  /** Another server, for when this one is full or stops; empty for none. */
  serverReference: string;
  /** What of MQTT is not at its default. */
  features: Partial<Features>;
  /** How log lines look; `undefined` leaves it to where they go. */
  logFormat: LogFormat | undefined;
  /** The quietest level that is written. */
  logLevel: LogLevel;
  /** The limits that are not at their defaults. */
  limits: Partial<Limits>;
}

/** A flag, described for people and for the parser. */
export interface Flag {
  /** The name, without the two dashes. */
  readonly name: string;
  /** One letter that stands for it. */
  readonly short?: string;
  /** Commands have no variable; MQTT and limits have a help page each. */
  readonly group: "setting" | "mqtt" | "limit" | "command";
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
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
    host: undefined,
    port: 1883,
    listen: [],
    allowAnonymous: false,
    scramFile: undefined,
    queueQos0: false,
    strictClientId: false,
    deliverEach: false,
    shareStrategy: "round-robin",
    checkPayloadFormat: false,
    responseInformation: "",
    serverReference: "",
    features: {},
    logFormat: undefined,
    logLevel: "info",
    limits: {},
  };
}
