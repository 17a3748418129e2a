/**
 * What the broker counts. Plain fields, so that counting costs an addition;
 * `$SYS`, OpenMetrics and the API read them. Counters only ever rise.
 *
 * @module
 */

import { type EndCause, noEnds } from "./end_cause.ts";

/** The counters of one broker. */
export class Counters {
  /** Network connections accepted. */
  connectionsOpened = 0;
  /** Network connections closed. */
  connectionsClosed = 0;
  /** The same by cause. */
  readonly ends: Record<EndCause, number> = noEnds();
  /** Network connections closed at once: a limit, a ban, an address. */
  connectionsRefused = 0;
  /** Messages not published, because their client has no right to. */
  publishDenied = 0;
  /** Subscriptions refused, because their client has no right to. */
  subscribeDenied = 0;
  /** Times that a client sent faster than it may and was not read from. */
  ratePauses = 0;
  /** Times that one was not read from, for its chunk was a long turn. */
  turnPauses = 0;
  /** HTTP requests that did not become a WebSocket. */
  upgradesRefused = 0;
  /** TLS handshakes that failed or were not over in time. */
  handshakesFailed = 0;
  /** CONNECT packets received. */
  connectsReceived = 0;
  /** CONNECT packets answered with a refusal. */
  loginsRefused = 0;
  /** Connections that ended because another one took their client id. */
  takeOvers = 0;
  /** Connections closed because of the peer's fault. */
  protocolErrors = 0;
  /** Connections closed because of our fault. */
  internalErrors = 0;
  /** Bytes received. */
  bytesReceived = 0;
  /** Bytes sent. */
  bytesSent = 0;
  /** Control packets received. */
  packetsReceived = 0;
  /** PUBLISH packets received. */
  publishReceived = 0;
  /** PUBLISH packets queued for sending, retransmissions included. */
  publishSent = 0;
  /** Packets queued for sending that are not PUBLISH. */
  controlSent = 0;
  /** Sessions that ended because their client stayed away too long. */
  sessionsExpired = 0;
  /** Wills published. */
  willsPublished = 0;
  /** QoS 0 messages lost by clients that read too slowly. */
  droppedSlowClient = 0;
  /** QoS 0 messages not kept for sessions without a connection. */
  droppedOffline = 0;
  /** QoS 1 and 2 messages above a session's backlog limit. */
  droppedBacklogFull = 0;
  /** Messages that went from a full queue for a newer one. */
  droppedBacklogOldest = 0;
  /** Messages refused, because the queue of a receiver was full. */
  backlogRefused = 0;
  /** QoS 0 messages not kept, because the store was full. */
  droppedStoreFull = 0;
  /** What was refused, because the store could not keep it. */
  storeRefused = 0;
  /** Messages whose time was over before they were sent or replaced. */
  droppedExpired = 0;
  /** Messages larger than what the client takes, or not for its door. */
  droppedUnfit = 0;
  /** Messages that waited for a client until it might not read them. */
  droppedDenied = 0;
  /** Messages not retained: a limit was reached. */
  retainedRefused = 0;
  /** Retained messages not sent to a new subscriber: a limit was reached. */
  retainedPendingDropped = 0;
  /** Times that a publisher was paused for a slow client. */
  publisherPauses = 0;
}
