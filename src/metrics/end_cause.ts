/**
 * Why a connection has ended, in a word that never changes: what is counted
 * and what alerts are made of. The sentence for people is another thing.
 *
 * @module
 */

/** Why a connection has ended. */
export type EndCause =
  | "client"
  | "network"
  | "protocol_error"
  | "internal_error"
  | "keep_alive"
  | "too_slow"
  | "login_refused"
  | "login_expired"
  | "not_admitted"
  | "taken_over"
  | "no_web_socket"
  | "http"
  | "store_trouble"
  | "operator"
  | "queue_full"
  | "shutdown";

/** All causes, and what each of them means. */
export const END_CAUSES: Readonly<Record<EndCause, string>> = {
  client: "the client said that it leaves",
  network: "the socket ended or failed, and nobody had said why",
  protocol_error: "the client did what MQTT does not allow",
  internal_error: "a fault of the broker",
  keep_alive: "nothing was heard from the client",
  too_slow: "a packet, or the login, was not complete in time",
  login_refused: "the login was not good",
  login_expired: "the time for which the login was good is over",
  not_admitted: "users, rules or addresses do not let the client in any more",
  taken_over: "another connection came with the same client id",
  no_web_socket: "a request that did not become a WebSocket",
  http: "it was no client of MQTT: HTTP was spoken",
  store_trouble: "the store could not keep what the client has sent",
  operator: "an operator has ended it",
  queue_full: "a queue had no room for what the client has published",
  shutdown: "the broker stops",
};

/** How often connections have ended by each cause: not yet. */
export function noEnds(): Record<EndCause, number> {
  const causes = Object.keys(END_CAUSES).map((cause) => [cause, 0]);
  return Object.fromEntries(causes) as Record<EndCause, number>;
}
