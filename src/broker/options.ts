/**
 * What a broker is made with, and the defaults. The limits have a file of
 * their own: `broker/limits.ts`.
 *
 * @module
 */

import { ALLOW_ALL, type Authenticator } from "../auth/authenticator.ts";
import { type Logger, SILENT } from "../base/logger.ts";
import type { Store } from "../session/store.ts";
import type { Hooks } from "./hooks.ts";
import { type Limits, limitsWith } from "./limits.ts";

/** What a broker does, beyond its limits. */
export interface BrokerOptions {
  /** The limits, all of them. */
  readonly limits: Limits;
  /** Whether QoS 0 messages wait for persistent sessions that are away. */
  readonly queueQos0: boolean;
  /**
   * Whether a client of which several filters match a message gets it once
   * for each; else once in all [MQTT-3.3.5-1], [MQTT5-3.3.4-2].
   */
  readonly deliversEach: boolean;
  /** Whether MQTT 3.1's limit of 23 characters for client ids holds. */
  readonly strictClientIdLength: boolean;
  /** Who may connect. */
  readonly authenticator: Authenticator;
  /** Where log lines go. */
  readonly logger: Logger;
  /** Who wants to know what happens. */
  readonly hooks: Hooks;
  /** Where state is kept. */
  readonly store: Store;
  /** Any number that a peer can't guess: the route cache's hash seed. */
  readonly hashSeed: number;
  /** Called in a calm after a burst: a good moment to collect garbage. */
  readonly releaseMemory: () => void;
  /** Makes a client id for a client that left it to us [MQTT-3.1.3-6]. */
  readonly newClientId: () => string;
}

/**
 * Options with `given` ones in place of the defaults.
 *
 * @throws {RangeError} When a limit is out of its range.
 */
export function optionsWith(
  given: Partial<Omit<BrokerOptions, "limits">> & {
    limits?: Partial<Limits>;
    store: Store;
    hashSeed: number;
    newClientId: () => string;
  },
): BrokerOptions {
  return {
    queueQos0: given.queueQos0 ?? false,
    deliversEach: given.deliversEach ?? false,
    strictClientIdLength: given.strictClientIdLength ?? false,
    authenticator: given.authenticator ?? ALLOW_ALL,
    logger: given.logger ?? SILENT,
    hooks: given.hooks ?? {},
    releaseMemory: given.releaseMemory ?? (() => {}),
    store: given.store,
    hashSeed: given.hashSeed,
    newClientId: given.newClientId,
    limits: limitsWith(given.limits ?? {}),
  };
}
