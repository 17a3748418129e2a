/**
 * What the flags of `broker pub`, `sub` and `rr` come to, before files are
 * read and defaults are found out.
 *
 * @module
 */

import type { QoS } from "../base/qos.ts";
import type { Properties } from "../codec/properties.ts";

/** The commands that are clients. */
export type ClientCommand = "pub" | "sub" | "rr";

/** Where the payload comes from. */
export type PayloadSource =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" }
  | { readonly kind: "lines" }
  | { readonly kind: "none" };

/** The packets that `-D` gives properties. */
export type DressedPacket =
  | "CONNECT"
  | "PUBLISH"
  | "SUBSCRIBE"
  | "UNSUBSCRIBE"
  | "DISCONNECT"
  | "will";

/** The settings, in the order of the help. */
export interface ClientSettings {
  /** A name or an address. */
  hostname: string;
  /** Unless given, that of the transport. */
  port: number | undefined;
  /** A Unix socket. */
  file: string | undefined;
  /** The address of this machine to go out from. */
  localAddress: string | undefined;
  /** The path of a WebSocket, or none. */
  webSocketPath: string | undefined;
  /** Whether a flag or the URL asks for TLS. */
  wantsTls: boolean;
  caFile: string | undefined;
  certFile: string | undefined;
  keyFile: string | undefined;
  isInsecure: boolean;
  tlsVersion: "1.2" | "1.3" | undefined;
  alpn: string | undefined;
  userName: string | undefined;
  password: string | undefined;
  /** `-` is stdin. */
  passwordFile: string | undefined;
  clientId: string | undefined;
  clientIdPrefix: string | undefined;
  /** Unless given, 5 where something needs it. */
  level: 3 | 4 | 5 | undefined;
  keepAliveSeconds: number;
  cleanSession: boolean;
  sessionExpirySeconds: number | undefined;
  properties: Partial<Record<DressedPacket, Properties>>;
  willTopic: string | undefined;
  willPayload: string | undefined;
  willQos: QoS;
  willRetain: boolean;
  inflightMax: number;
  isTraced: boolean;
  isQuiet: boolean;
  topics: string[];
  qos: QoS;
  payload: PayloadSource | undefined;
  retain: boolean;
  repeat: number;
  repeatDelayMs: number;
  responseTopic: string | undefined;
  countMax: number | undefined;
  timeoutMs: number | undefined;
  format: string | undefined;
  isVerbose: boolean;
  isPretty: boolean;
  endsLines: boolean;
  takesRetained: boolean;
  isRetainedOnly: boolean;
  removesRetained: boolean;
  endsWhenSubscribed: boolean;
  filtersOut: string[];
  unsubscribes: string[];
}

/** What holds where no flag is given, as at Mosquitto's clients. */
export function defaultClientSettings(): ClientSettings {
  return {
    hostname: "localhost",
    port: undefined,
    file: undefined,
    localAddress: undefined,
    webSocketPath: undefined,
    wantsTls: false,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    isInsecure: false,
    tlsVersion: undefined,
    alpn: undefined,
    userName: undefined,
    password: undefined,
    passwordFile: undefined,
    clientId: undefined,
    clientIdPrefix: undefined,
    level: undefined,
    keepAliveSeconds: 60,
    cleanSession: true,
    sessionExpirySeconds: undefined,
    properties: {},
    willTopic: undefined,
    willPayload: undefined,
    willQos: 0,
    willRetain: false,
    inflightMax: 20,
    isTraced: false,
    isQuiet: false,
    topics: [],
    qos: 0,
    payload: undefined,
    retain: false,
    repeat: 1,
    repeatDelayMs: 0,
    responseTopic: undefined,
    countMax: undefined,
    timeoutMs: undefined,
    format: undefined,
    isVerbose: false,
    isPretty: false,
    endsLines: true,
    takesRetained: true,
    isRetainedOnly: false,
    removesRetained: false,
    endsWhenSubscribed: false,
    filtersOut: [],
    unsubscribes: [],
  };
}
