/**
 * Who wants to know what happens in the broker. A hook that is not set
 * costs nothing; one that is set must be quick and must not throw.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Properties } from "../codec/properties.ts";

/** A client, as hooks see it. */
export interface ClientInfo {
  /** The client identifier. */
  readonly clientId: string;
  /** The user name, if any. */
  readonly userName: string | undefined;
  /** The peer's address. */
  readonly address: string;
}

/** A message, as hooks see it. */
export interface PublishInfo {
  /** Who published; `undefined` for the process itself. */
  readonly clientId: string | undefined;
  /** The topic name. */
  readonly topic: string;
  /** The payload: an own copy. */
  readonly payload: Uint8Array;
  /** Quality of service. */
  readonly qos: QoS;
  /** Whether it was published to be retained. */
  readonly retain: boolean;
  /** What came along: content type, user properties and the like. */
  readonly properties: Properties;
}

/** Who wants to know. */
export interface Hooks {
  /** A client is connected. */
  onConnect?: (client: ClientInfo) => void;
  /** A client is gone; `reason` says why, in words. */
  onDisconnect?: (client: ClientInfo, reason: string) => void;
  /** A message was published by a client, or is a will. */
  onPublish?: (message: PublishInfo) => void;
  /** A client has a new subscription, granted with `qos`. */
  onSubscribe?: (client: ClientInfo, filter: string, qos: QoS) => void;
  /** A client gave a subscription back. */
  onUnsubscribe?: (client: ClientInfo, filter: string) => void;
}
