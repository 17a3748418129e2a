/**
 * By what the list of clients can be sorted.
 *
 * @module
 */

/** What of a client can be compared. */
export const CLIENT_KEYS = [
  "clientId",
  "userName",
  "address",
  "connectedAt",
  "subscriptions",
  "queued",
  "queuedBytes",
  "inflight",
  "dropped",
  "bytesIn",
  "bytesOut",
  "messagesIn",
  "messagesOut",
] as const;

/** One of them. */
export type ClientKey = typeof CLIENT_KEYS[number];

/** What `sort` can be: each of them, upwards and downwards. */
export const CLIENT_SORTS: readonly string[] = CLIENT_KEYS.flatMap((key) => [
  key,
  `-${key}`,
]);
