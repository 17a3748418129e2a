/**
 * A broker of MQTT 3.1, 3.1.1 and 5.0 for Deno and Bun, without dependencies.
 * Run as the main module it is the command line; imported it is a library.
 *
 * @example
 * ```ts
 * import { Broker } from "@x/broker";
 *
 * const broker = new Broker();
 * await broker.listen({ hostname: "127.0.0.1", port: 0 });
 * await broker.close();
 * ```
 *
 * @module
 */

export { AccessRules } from "./auth/access_rules.ts";
export type {
  AccessPolicy,
  AccessRule,
  RuleList,
} from "./auth/access_rules.ts";
export { AuthenticatorChain } from "./auth/authenticator_chain.ts";
export type { ChainOptions } from "./auth/authenticator_chain.ts";
export type { Authorizer, Identity } from "./auth/authorizer.ts";
export {
  CertificateAuthenticator,
  type CertificateUser,
} from "./auth/certificate_authenticator.ts";
export type { Reach, Rights } from "./topic/rights.ts";
export type { Grant } from "./topic/subscription.ts";
export type {
  Authenticator,
  CertificateName,
  LoginAnswer,
  LoginRequest,
} from "./auth/authenticator.ts";
export type {
  AuthExchange,
  AuthStep,
  EnhancedAuthenticator,
  EnhancedLoginRequest,
} from "./auth/enhanced_authenticator.ts";
export type { LogFields, Logger, LogLevel } from "./base/logger.ts";
export type { ClientInfo, PublishInfo } from "./broker/hooks.ts";
export type { Limits } from "./broker/limits.ts";
export type { Features } from "./broker/options.ts";
export type { ShareStrategy } from "./session/shared_group.ts";
export type { QueueOverflow } from "./session/drops.ts";
export type { Delivery } from "./session/delivery.ts";
export type {
  Journal,
  Store,
  StoredSession,
  StoredState,
} from "./session/store.ts";
export type { Will } from "./codec/connect.ts";
export type { Message } from "./codec/message.ts";
export type { Properties } from "./codec/properties.ts";
export { ProtocolError } from "./codec/protocol_error.ts";
export type { QoS } from "./base/qos.ts";
export { type ScramOptions, ScramSha256 } from "./credentials/scram_sha_256.ts";
export {
  type DeriveOptions,
  deriveScramUser,
  type ScramUser,
} from "./credentials/scram_user.ts";
export { Broker } from "./host/broker.ts";
export type {
  BrokerSettings,
  BrokerStatistics,
  ChangeableSettings,
  PublishOptions,
} from "./host/broker_settings.ts";
export type {
  ListenAddress,
  ListenOptions,
  OpenDoor,
  WebSocketDoor,
} from "./host/listen_options.ts";
export type { BrokerEvents } from "./host/events.ts";
export {
  ReceivedMessage,
  Subscription,
  type SubscriptionOptions,
} from "./host/subscription.ts";
export type { Counters } from "./metrics/counters.ts";
export type { EndCause } from "./metrics/end_cause.ts";
export type { Histogram } from "./metrics/histogram.ts";
export type { Measures } from "./metrics/measures.ts";
export type { DoorReadings, Readings } from "./metrics/readings.ts";
export type { StoreFigures } from "./metrics/store_figures.ts";
export type {
  ClientCertificate,
  TlsSettings,
  TlsVersion,
} from "./net/tls_settings.ts";
export type { HttpDoor, HttpPeer, ServeHttp } from "./net/http_door.ts";
export type { UnixSocket } from "./net/unix_socket.ts";
export { ListenError, type ListenErrorCode } from "./net/listening.ts";

if (import.meta.main) {
  const { main } = await import("./cli/main.ts");
  await main();
}
