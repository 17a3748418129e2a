/**
 * What the HTTP API answers, as far as the page shows it.
 *
 * @module
 */

import type { Payload } from "./format.ts";

/** A part of a list. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  /** Where the next part begins; `null` at the end. */
  readonly next: string | null;
}

/** What an operator has to know of. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** How the broker is. */
export interface Status {
  readonly version: string;
  readonly runtime: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly clients: {
    readonly connected: number;
    readonly connectedMax: number;
    readonly sessions: number;
  };
  readonly subscriptions: number;
  readonly retained: { readonly count: number; readonly bytes: number };
  readonly queued: { readonly messages: number; readonly bytes: number };
  readonly inflight: number;
  readonly rates: {
    readonly messagesIn: number;
    readonly messagesOut: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
  };
  readonly memoryBytes: number | null;
  readonly eventLoopLagSeconds: number | null;
  readonly drops: Readonly<Record<string, number>>;
  readonly disconnects: Readonly<Record<string, number>>;
  readonly store: {
    readonly kind: string;
    readonly path: string | null;
    readonly bytes: number | null;
    readonly isBroken: boolean;
  };
  readonly warnings: readonly Warning[];
}

/** A client that is connected. */
export interface Client {
  readonly clientId: string;
  readonly userName: string | null;
  readonly address: string;
  readonly listener: string;
  readonly protocol: string;
  readonly connectedAt: string;
  readonly keepAliveSeconds: number;
  readonly cleanStart: boolean;
  readonly subscriptions: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly inflight: number;
  readonly dropped: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** One client, with all there is to know of it. */
export interface ClientDetails extends Client {
  readonly willTopic: string | null;
}

/** What a client has asked for. */
export interface Subscription {
  readonly filter: string;
  readonly qos: number;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
}

/** A message that a session has not got rid of. */
export interface Queued {
  readonly topic: string;
  readonly qos: number;
  readonly bytes: number;
  /** `waiting`, `sent` or `received`. */
  readonly state: string;
  readonly packetId?: number;
}

/** A session, with or without its client. */
export interface Session {
  readonly clientId: string;
  readonly userName: string | null;
  readonly isConnected: boolean;
  readonly subscriptions: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly inflight: number;
  readonly expirySeconds: number | null;
  readonly expiresAt: string | null;
}

/** A message that the broker keeps for its topic. */
export interface Retained extends Payload {
  readonly topic: string;
  readonly qos: number;
  readonly bytes: number;
  readonly expiresAt: string | null;
  readonly contentType: string | null;
}

/** A message, as the live view gets it. */
export interface Message extends Payload {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly at: string;
  /** Whether there is more of the payload than is told. */
  readonly isCut?: boolean;
}

/** A door. */
export interface Listener {
  readonly name: string;
  readonly address: string;
  readonly transport: string;
  readonly connections: number;
  readonly connectionsMax: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly isAnonymous: boolean;
  readonly certificate: {
    readonly subject: string;
    readonly notAfter: string;
    readonly daysLeft: number;
  } | null;
  readonly warnings: readonly Warning[];
}

/** A line of the log. */
export interface LogLine {
  /** Counts the lines. */
  readonly number: number;
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A topic with a retained message, or one that is in use. */
export interface Topic {
  readonly topic: string;
  readonly isRetained: boolean;
}
