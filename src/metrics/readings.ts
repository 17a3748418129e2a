/**
 * What there is to know of a broker at one moment: the one source of
 * OpenMetrics, `$SYS` and the API. The broker fills it in
 * (`broker/readings.ts`); what becomes of it is told in `metrics/table.ts`
 * and `metrics/status_table.ts`.
 *
 * @module
 */

import type { Counters } from "./counters.ts";
import type { Measures } from "./measures.ts";
import type { StoreFigures } from "./store_figures.ts";

/** What has gone through one listener, and what is there. */
export interface DoorReadings {
  /** Network connections there are now. */
  readonly connections: number;
  /** Network connections that there were. */
  readonly connectionsOpened: number;
  /** Bytes received. */
  readonly bytesReceived: number;
  /** Bytes sent. */
  readonly bytesSent: number;
  /** PUBLISH packets received. */
  readonly publishReceived: number;
  /** For how long its certificate is good; `undefined` without one. */
  readonly certificateLeftMs: number | undefined;
}

/** A broker at one moment. */
export interface Readings {
  /** Everything that is counted since the start. */
  readonly counters: Readonly<Counters>;
  /** What is measured; `undefined` when nothing is. */
  readonly measures: Readonly<Measures> | undefined;
  /** What the store counts; `undefined` when state is in memory. */
  readonly store: Readonly<StoreFigures> | undefined;
  /** For how long it runs. */
  readonly uptimeMs: number;
  /** Network connections. */
  readonly connections: number;
  /** Clients that are connected. */
  readonly clients: number;
  /** Sessions of clients, connected or not. */
  readonly sessions: number;
  /** Subscriptions of all sessions. */
  readonly subscriptions: number;
  /** Shared subscriptions, each counted once. */
  readonly sharedSubscriptions: number;
  /** Retained messages, without those in `$SYS`. */
  readonly retained: number;
  /** What they take. */
  readonly retainedBytes: number;
  /** Messages that wait for sessions. */
  readonly backlog: number;
  /** What they take. */
  readonly backlogBytes: number;
  /** QoS 1 and 2 messages that clients have not acknowledged. */
  readonly inflight: number;
  /** What the store takes on disk; `undefined` where there is none. */
  readonly storeBytes: number | undefined;
  /** Bytes that wait for sockets. */
  readonly queuedBytes: number;
  /** Messages whose route was known. */
  readonly routeHits: number;
  /** Messages whose route had to be found. */
  readonly routeMisses: number;
  /** Routes that are known. */
  readonly routes: number;
  /** Memory of the process; `undefined` where nobody knows. */
  readonly memoryBytes: number | undefined;
  /** By the listener's URL. */
  readonly doors: Readonly<Record<string, DoorReadings>>;
}
