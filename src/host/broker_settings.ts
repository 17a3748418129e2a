/**
 * What a broker is made with, how it publishes, and what it tells of itself.
 *
 * @module
 */

import type { Authenticator } from "../auth/authenticator.ts";
import type { Authorizer } from "../auth/authorizer.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";
import type { Logger } from "../base/logger.ts";
import type { Limits } from "../broker/limits.ts";
import type { Features } from "../broker/options.ts";
import type { QoS } from "../base/qos.ts";
import type { Properties } from "../codec/properties.ts";
import type { Counters } from "../metrics/counters.ts";
import type { QueueOverflow } from "../session/drops.ts";
import type { ShareStrategy } from "../session/shared_group.ts";
import type { Store } from "../session/store.ts";

/**
 * What a {@linkcode Broker} is made with; all of it has a default.
 *
 * @example
 * ```ts
 * import { Broker } from "@x/broker";
 *
 * await using broker = new Broker({
 *   limits: { packetBytesMax: 1024 * 1024 },
 *   features: { maximumQos: 1, retain: false },
 *   statusIntervalMs: 10_000,
 * });
 * ```
 */
export interface BrokerSettings {
  /** Limits that differ from the defaults. */
  limits?: Partial<Limits>;
  /** Whether QoS 0 messages wait for sessions that are away. Off. */
  queueQos0?: boolean;
  /** Whether MQTT 3.1's 23 characters for client ids hold. Off. */
  strictClientIdLength?: boolean;
  /** Whether each matching filter of a client counts. Off: one for all. */
  deliversEach?: boolean;
  /** What of MQTT is switched off. Nothing. */
  features?: Partial<Features>;
  /** How shared subscriptions choose a member. "round-robin". */
  shareStrategy?: ShareStrategy;
  /** What becomes of a message that finds a full queue. "drop-newest". */
  queueOverflow?: QueueOverflow;
  /** Whether payloads that are said to be UTF-8 are looked at. Off. */
  checksPayloadFormat?: boolean;
  /** The Response Information for clients that ask; `%c`: client id. None. */
  responseInformation?: string;
  /** Another server, for clients when this one is full or stops. None. */
  serverReference?: string;
  /** Who may connect. Everyone. */
  authenticator?: Authenticator;
  /** What clients may do, unless their login says it. Everything. */
  authorizer?: Authorizer;
  /** How clients log in that name an authentication method. Not at all. */
  enhancedAuthenticators?: readonly EnhancedAuthenticator[];
  /** Where state is kept. In memory. */
  store?: Store;
  /**
   * How often the broker tells of itself in `$SYS/broker/…`, from its first
   * listener on. Unit: ms. 0: never.
   */
  statusIntervalMs?: number;
  /** Whether it is measured how long things take, for the metrics. No. */
  measures?: boolean;
  /** What the process takes, for the metrics. Unknown. */
  memoryBytes?: () => number;
  /** Where log lines go. Nowhere. */
  logger?: Logger;
  /** Called in a calm after a burst, to collect garbage. Nothing. */
  releaseMemory?: () => void;
}

/** What of it can change while clients are connected, all of it. */
export type ChangeableSettings = Required<
  Pick<
    BrokerSettings,
    | "queueOverflow"
    | "queueQos0"
    | "responseInformation"
    | "serverReference"
    | "shareStrategy"
    | "statusIntervalMs"
    | "strictClientIdLength"
  >
>;

/**
 * How to publish.
 *
 * @example
 * ```ts
 * import { Broker } from "@x/broker";
 *
 * await using broker = new Broker();
 * broker.publish("lamp/state", '{"on":true}', {
 *   qos: 1,
 *   retain: true,
 *   properties: { contentType: "application/json", messageExpirySeconds: 60 },
 * });
 * ```
 */
export interface PublishOptions {
  /** Quality of service. 0. */
  qos?: QoS;
  /** Whether the topic retains the message. No. */
  retain?: boolean;
  /** What goes along to 5.0 clients: content type, user properties, … */
  properties?: Properties;
}

/** What there is at the moment. */
export interface BrokerStatistics {
  /** Everything that is counted since the start. */
  readonly counters: Readonly<Counters>;
  /** Network connections. */
  readonly connections: number;
  /** Sessions, connected or not. */
  readonly sessions: number;
  /** Subscriptions of all sessions. */
  readonly subscriptions: number;
  /** Retained messages. */
  readonly retained: number;
  /** Bytes that wait for sockets. */
  readonly queuedBytes: number;
  /** Bytes of messages that wait for sessions. */
  readonly backlogBytes: number;
}
