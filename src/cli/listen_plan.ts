/**
 * Which addresses the broker is to listen on, by its settings: without any
 * said, those that only this machine can reach. Opening them is done in
 * `cli/open_doors.ts`.
 *
 * @module
 */

import { formatAddress } from "../net/peer.ts";
import { isLoopback } from "./address.ts";
import { type Listener, listenerAt, type Spoken } from "./listener.ts";
import { hasLogins, PORT, type Settings, type TlsFlags } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

/** A listener to be opened. */
export interface PlannedListener extends Listener {
  /**
   * `asked` must succeed. A `companion` takes the port that the listener
   * before it has got, and is left out where the machine has no such address.
   */
  readonly kind: "asked" | "companion";
}

/** Where to listen, and what to say about it first. */
export interface ListenPlan {
  /** The listeners, in order. */
  readonly listeners: readonly PlannedListener[];
  /** The first line of the log, when the choice was ours. */
  readonly note: string | undefined;
}

/** The settings that decide on it. */
export type ListenSettings = Pick<
  Settings,
  | "host"
  | "port"
  | "tlsPort"
  | "listen"
  | "onePort"
  | "tls"
  | "allowAnonymous"
  | "logins"
>;

const NO_LOGIN = "no authentication is set up";

const LOOPBACK_ONLY = `listening on loopback only, as ${NO_LOGIN}; to let ` +
  "everyone in: --host 0.0.0.0 --allow-anonymous";

const LOOPBACK_FIRST = "listening on loopback only; to let users in from " +
  "other machines: --host 0.0.0.0";

/**
 * The listeners to be opened.
 *
 * @throws {UsageError} When one is open to others, no logins are checked and
 * nobody has said that everyone may come in, when one is given twice, when
 * one of TLS has no certificate, or when a flag would have no effect.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { defaultSettings } from "./settings.ts";
 * import { planListening } from "./listen_plan.ts";
 *
 * const settings = defaultSettings();
 * const hosts = planListening(settings).listeners.map((one) => one.hostname);
 * assertEquals(hosts, ["127.0.0.1", "::1"]);
 * assertThrows(() => planListening({ ...settings, host: "0.0.0.0" }));
 * ```
 */
export function planListening(settings: ListenSettings): ListenPlan {
  const { host, listen } = settings;
  const isOurChoice = host === undefined && listen.length === 0;
  const hosts = isOurChoice
    ? ["127.0.0.1", "::1"]
    : host === undefined
    ? []
    : [host];
  const own = spokenAt(settings).flatMap(([spoken, port]) =>
    hosts.map((hostname) => listenerAt({ hostname, port }, spoken))
  );
  const listeners = [...own, ...listen].map((listener): PlannedListener => {
    const isCompanion = isOurChoice && listener.hostname !== hosts[0];
    const kind = isCompanion ? "companion" : "asked";
    return { ...withTls(listener, settings), kind };
  });
  for (const listener of listeners) {
    checkCertificate(listener);
    if (!isGuarded(settings, listener)) refuseOpenDoor(listener, host);
  }
  refuseTwins(listeners);
  checkUse(settings, listeners);
  if (!isOurChoice) return { listeners, note: undefined };
  const note = hasLogins(settings.logins) ? LOOPBACK_FIRST : LOOPBACK_ONLY;
  return { listeners, note };
}

/** What there is to listen on at `host`. */
function spokenAt(settings: ListenSettings): [Spoken, number][] {
  const { listen, onePort, port, tls, tlsPort } = settings;
  if (onePort) return [["any", port]];
  const isTlsOpen = listen.some(({ spoken }) => MAY_SPEAK_TLS.has(spoken));
  const wantsTls = tls.certFile !== undefined && !isTlsOpen;
  return wantsTls ? [["mqtt", port], ["mqtts", tlsPort]] : [["mqtt", port]];
}

/** What is not said of a listener is as it is for all. */
function withTls(listener: Listener, { tls }: ListenSettings): Listener {
  if (!MAY_SPEAK_TLS.has(listener.spoken)) return listener;
  const clientCaFile = listener.clientCaFile ?? tls.clientCaFile;
  return {
    ...listener,
    certFile: listener.certFile ?? tls.certFile,
    keyFile: listener.keyFile ?? tls.keyFile,
    clientCaFile,
    clientCert: listener.clientCert ?? tls.clientCert ??
      (clientCaFile === undefined ? undefined : "required"),
    tlsVersion: listener.tlsVersion ?? tls.tlsVersion,
  };
}

const MAY_SPEAK_TLS: ReadonlySet<Spoken> = new Set(["mqtts", "wss", "any"]);
const MUST_SPEAK_TLS: ReadonlySet<Spoken> = new Set(["mqtts", "wss"]);

function checkCertificate(listener: Listener): void {
  const { certFile, clientCaFile, clientCert, keyFile, spoken } = listener;
  const wantsTls = MUST_SPEAK_TLS.has(spoken) || clientCaFile !== undefined ||
    clientCert !== undefined || listener.tlsVersion !== undefined;
  const name = nameOf(listener);
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = keyFile === undefined
      ? "the certificate has no key: --tls-key FILE"
      : "the key has no certificate: --tls-cert FILE";
    throw new UsageError(`${name}: ${missing}`);
  }
  if (certFile === undefined && wantsTls) {
    throw new UsageError(
      `${name} needs a certificate: --tls-cert FILE --tls-key FILE`,
    );
  }
  if (clientCert !== undefined && clientCaFile === undefined) {
    throw new UsageError(
      `${name}: nobody vouches for clients: --tls-client-ca FILE`,
    );
  }
}

/** The flags of TLS, in the order in which their lack of use is told. */
const TLS_FLAGS: Readonly<Record<keyof TlsFlags, string>> = {
  certFile: "--tls-cert",
  keyFile: "--tls-key",
  clientCaFile: "--tls-client-ca",
  clientCert: "--tls-client-cert",
  tlsVersion: "--tls-version",
};

/** Who gives a flag counts on it: one without an effect may be a hole. */
function checkUse(
  { host, listen, logins, onePort, port, tls }: ListenSettings,
  listeners: readonly Listener[],
): void {
  const hasOwnPorts = host === undefined && listen.length > 0;
  if (onePort && hasOwnPorts) {
    throw new UsageError(
      "--one-port is for --host and --port; with --listen it is " +
        "any://HOST:PORT",
    );
  }
  if (port !== PORT && hasOwnPorts) {
    throw new UsageError(
      `--port ${port} is for --host; with --listen it is mqtt://HOST:${port}`,
    );
  }
  const names = Object.keys(TLS_FLAGS) as (keyof TlsFlags)[];
  const given = names.find((name) => tls[name] !== undefined);
  const isUsed = listeners.some(({ certFile }) => certFile !== undefined);
  if (given !== undefined && !isUsed) {
    const hint = tls.certFile === undefined
      ? "--tls-cert FILE --tls-key FILE"
      : "--listen mqtts://HOST:8883";
    throw new UsageError(
      `${TLS_FLAGS[given]} is given and no listener speaks TLS: ${hint}`,
    );
  }
  const isShown = listeners.some(({ clientCert, proxies }) =>
    clientCert !== undefined || proxies.length > 0
  );
  if (logins.certUser !== undefined && !isShown) {
    throw new UsageError(
      "--cert-user is given and no listener asks for certificates: " +
        "--tls-client-ca FILE",
    );
  }
}

/** Whether somebody has said who may come in by a listener. */
function isGuarded(settings: ListenSettings, listener: Listener): boolean {
  // At any:// clients may do without TLS, and so without a certificate.
  const asksAll = listener.clientCert === "required" &&
    MUST_SPEAK_TLS.has(listener.spoken);
  return settings.allowAnonymous || hasLogins(settings.logins) || asksAll ||
    listener.anonymous !== undefined || listener.spoken === "unix" ||
    // Where a proxy is believed, it brings clients from elsewhere.
    isLoopback(listener.hostname) && listener.proxies.length === 0;
}

function refuseOpenDoor(listener: Listener, host: string | undefined): void {
  const text = nameOf(listener);
  const flag = listener.hostname === host
    ? `--host ${host}`
    : `--listen ${text}`;
  throw new UsageError(
    `${text} is open to other machines and ${NO_LOGIN}; to let everyone ` +
      `in: ${flag} --allow-anonymous`,
  );
}

/** The system's word for it would be that the port is in use: by us. */
function refuseTwins(listeners: readonly Listener[]): void {
  const seen = new Set<string>();
  for (const { file, hostname, port } of listeners) {
    const text = file === "" ? formatAddress(hostname, port) : file;
    if (seen.has(text) && (port !== 0 || file !== "")) {
      throw new UsageError(`${text} is given twice`);
    }
    seen.add(text);
  }
}

/** As an operator would write it. */
function nameOf({ file, hostname, port, spoken }: Listener): string {
  if (spoken === "unix") return `unix://${file}`;
  const address = formatAddress(hostname, port);
  return spoken === "mqtt" ? address : `${spoken}://${address}`;
}
