/**
 * What a broker is made with, and the defaults. The limits have a file of
 * their own: `broker/limits.ts`.
 *
 * @module
 */

import { ALLOW_ALL, type Authenticator } from "../auth/authenticator.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";
import { type Logger, SILENT } from "../base/logger.ts";
import type { QoS } from "../base/qos.ts";
import type { QueueOverflow } from "../session/drops.ts";
import type { ShareStrategy } from "../session/shared_group.ts";
import type { Store } from "../session/store.ts";
import type { Hooks } from "./hooks.ts";
import { type Limits, limitsWith } from "./limits.ts";

/** What of MQTT a broker offers: all of it, unless it is switched off. */
export interface Features {
  /** The greatest QoS of messages. */
  readonly maximumQos: QoS;
  /** Whether messages are retained. */
  readonly retain: boolean;
  /** Whether filters may have wildcards. */
  readonly wildcards: boolean;
  /** Whether subscriptions may have identifiers. */
  readonly subscriptionIds: boolean;
  /** Whether subscriptions may be shared. */
  readonly sharedSubscriptions: boolean;
}

/** Everything that MQTT has. */
export const ALL_FEATURES: Features = {
  maximumQos: 2,
  retain: true,
  wildcards: true,
  subscriptionIds: true,
  sharedSubscriptions: true,
};

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
  /** What of MQTT it offers. */
  readonly features: Features;
  /** How a shared subscription chooses who gets a message. */
  readonly shareStrategy: ShareStrategy;
  /** What becomes of a message that finds no room in a session's queue. */
  readonly queueOverflow: QueueOverflow;
  /** Whether payloads that are said to be UTF-8 are looked at. */
  readonly checksPayloadFormat: boolean;
  /**
   * What a 5.0 client that asks is told as Response Information; `%c` is its
   * client identifier. Empty for nothing.
   */
  readonly responseInformation: string;
  /**
   * Another server, of which 5.0 clients are told when this one is full or
   * stops. Empty for none.
   */
  readonly serverReference: string;
  /** Who may connect. */
  readonly authenticator: Authenticator;
  /** How clients log in that name an authentication method. */
  readonly enhancedAuthenticators: readonly EnhancedAuthenticator[];
  /** What clients may do, when it does not come with their login. */
  readonly authorizer: Authorizer | undefined;
  /** Whether it is measured how long things take. */
  readonly isMeasured: boolean;
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

/** Those that may be others from one turn to the next. */
export type ChangeableOptions = Pick<
  BrokerOptions,
  | "queueOverflow"
  | "queueQos0"
  | "responseInformation"
  | "serverReference"
  | "shareStrategy"
  | "strictClientIdLength"
>;

/**
 * Options with `given` ones in place of the defaults.
 *
 * @throws {RangeError} When a limit is out of its range.
 */
export function optionsWith(
  given: Partial<Omit<BrokerOptions, "limits" | "features">> & {
    limits?: Partial<Limits>;
    features?: Partial<Features>;
    store: Store;
    hashSeed: number;
    newClientId: () => string;
  },
): BrokerOptions {
  return {
    queueQos0: given.queueQos0 ?? false,
    deliversEach: given.deliversEach ?? false,
    strictClientIdLength: given.strictClientIdLength ?? false,
    features: { ...ALL_FEATURES, ...given.features },
    shareStrategy: given.shareStrategy ?? "round-robin",
    queueOverflow: given.queueOverflow ?? "drop-newest",
    checksPayloadFormat: given.checksPayloadFormat ?? false,
    responseInformation: given.responseInformation ?? "",
    serverReference: given.serverReference ?? "",
    authenticator: given.authenticator ?? ALLOW_ALL,
    enhancedAuthenticators: given.enhancedAuthenticators ?? [],
    authorizer: given.authorizer,
    isMeasured: given.isMeasured ?? false,
    logger: given.logger ?? SILENT,
    hooks: given.hooks ?? {},
    releaseMemory: given.releaseMemory ?? (() => {}),
    store: given.store,
    hashSeed: given.hashSeed,
    newClientId: given.newClientId,
    limits: limitsWith(given.limits ?? {}),
  };
}
