/**
 * A listener, as `--listen` has it: where it listens, what is spoken there,
 * and what is different there. Its options are in `cli/listener_options.ts`.
 *
 * ```text
 *   mqtts://0.0.0.0:8883?client-cert=required&mount=site-7/
 *   wss://[::]:443/mqtt?origin=https://panel.example
 *   unix:///run/broker.sock?mode=660
 * ```
 *
 * @module
 */

import { type Address, parseAddress } from "./address.ts";
import { LISTENER_OPTIONS } from "./listener_options.ts";
import { suggest } from "../base/suggest.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** What can be spoken at a listener. */
export const SPOKEN = ["mqtt", "mqtts", "ws", "wss", "any", "unix"] as const;

/** What is spoken at a listener. */
export type Spoken = typeof SPOKEN[number];

/** A listener; what is `undefined` is as for all. */
export interface Listener extends Address {
  /** What is spoken: at `any` the client's first bytes tell. */
  readonly spoken: Spoken;
  /** The file of a Unix socket; empty for all others. */
  readonly file: string;
  /** The path at which WebSocket is, where it is spoken. */
  readonly path: string;
  /** Whether clients without a name may come in. */
  anonymous: boolean | undefined;
  /** Connections at a time. */
  connectionsMax: number | undefined;
  /** Ranges of addresses of which one has to hold the client's; or none. */
  allow: string[];
  /** Ranges of addresses whose clients are turned away. */
  deny: string[];
  /** Ranges of addresses of proxies, which are believed. */
  proxies: string[];
  /** What stands before all topics of the clients. */
  mountPoint: string;
  /** Origins of web pages that may connect; or all. */
  origins: string[];
  /** The file of the certificate. */
  certFile: string | undefined;
  /** The file of its key. */
  keyFile: string | undefined;
  /** The file of authorities that vouch for clients. */
  clientCaFile: string | undefined;
  /** Whether clients must have a certificate. */
  clientCert: "required" | "optional" | undefined;
  /** The oldest version of TLS. */
  tlsVersion: "1.2" | "1.3" | undefined;
  /** Bytes a second of all clients together. */
  bytesPerSecond: number | undefined;
  /** Messages a second of all clients together. */
  messagesPerSecond: number | undefined;
  /** Who may use a Unix socket, as in `chmod`. */
  mode: number | undefined;
  /** Whose a Unix socket is: `user`, `user:group`, or `:group`. */
  owner: string | undefined;
}

const SCHEMES: Readonly<Record<string, Spoken>> = {
  tcp: "mqtt",
  mqtt: "mqtt",
  mqtts: "mqtts",
  tls: "mqtts",
  ssl: "mqtts",
  ws: "ws",
  wss: "wss",
  any: "any",
  unix: "unix",
};

/** Where WebSocket is unless another path is given. */
const PATH = "/mqtt";

/**
 * The listener at an address, with nothing special about it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenerAt } from "./listener.ts";
 *
 * const listener = listenerAt({ hostname: "::1", port: 1883 }, "mqtt");
 * assertEquals(listener.connectionsMax, undefined);
 * ```
 */
export function listenerAt(
  { hostname, port }: Address,
  spoken: Spoken,
  file = "",
  path: string = PATH,
): Listener {
  return {
    hostname,
    port,
    spoken,
    file,
    path,
    anonymous: undefined,
    connectionsMax: undefined,
    allow: [],
    deny: [],
    proxies: [],
    mountPoint: "",
    origins: [],
    certFile: undefined,
    keyFile: undefined,
    clientCaFile: undefined,
    clientCert: undefined,
    tlsVersion: undefined,
    bytesPerSecond: undefined,
    messagesPerSecond: undefined,
    mode: undefined,
    owner: undefined,
  };
}

/**
 * Reads a listener: `host:port`, or a URL.
 *
 * @param label The flag or variable, for the sentence.
 * @throws {UsageError} When it is no listener.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseListener } from "./listener.ts";
 *
 * const listener = parseListener("wss://[::]:443/mqtt?mount=a/", "--listen");
 * assertEquals([listener.spoken, listener.path], ["wss", "/mqtt"]);
 * assertEquals(listener.mountPoint, "a/");
 * ```
 */
export function parseListener(text: string, label: string): Listener {
  const [, scheme = "tcp", host = "", path, query = ""] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/is.exec(
      text.trim(),
    ) ?? [];
  const spoken = spokenBy(scheme.toLowerCase(), text, label);
  const listener = spoken === "unix"
    ? unixListener(host, path, text, label)
    : webListener(spoken, host, path, text, label);
  setOptions(listener, query, label);
  return listener;
}

function spokenBy(scheme: string, text: string, label: string): Spoken {
  const spoken = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (spoken !== undefined) return spoken;
  throw new UsageError(
    `${label} knows ${SPOKEN.map((one) => `${one}://`).join(", ")}, ` +
      `not ${quoted(text)}`,
  );
}

function unixListener(
  host: string,
  path: string | undefined,
  text: string,
  label: string,
): Listener {
  if (host === "" && path !== undefined && path !== "/") {
    const file = decoded(path, label);
    return listenerAt({ hostname: "", port: 0 }, "unix", file);
  }
  throw new UsageError(
    `${label} must be unix:///path/of/the/socket, not ${quoted(text)}`,
  );
}

function webListener(
  spoken: Spoken,
  host: string,
  path: string | undefined,
  text: string,
  label: string,
): Listener {
  const address = parseAddress(host, label);
  const hasPath = spoken !== "mqtt" && spoken !== "mqtts";
  if (path !== undefined && !hasPath) {
    throw new UsageError(
      `${label} has a path, and ${spoken}:// has none: ${quoted(text)}`,
    );
  }
  return listenerAt(address, spoken, "", path);
}

/** Behind the `?`: `name=value`, with `&` between. */
function setOptions(listener: Listener, query: string, label: string): void {
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [, name = "", text = ""] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const option = LISTENER_OPTIONS.find((one) => one.name === name);
    if (option === undefined) throw unknownOption(name, label);
    const { spoken } = listener;
    if (!option.at.includes(spoken)) {
      throw new UsageError(
        `${name} of ${label} has no use at ${spoken}://, but at ` +
          option.at.map((one) => `${one}://`).join(", "),
      );
    }
    if (text === "") {
      throw new UsageError(
        `${name} of ${label} needs a value: ${name}=${option.value}`,
      );
    }
    option.set(listener, decoded(text, label), `${name} of ${label}`);
  }
}

function unknownOption(name: string, label: string): UsageError {
  const guess = suggest(
    name.replaceAll("_", "-").toLowerCase(),
    LISTENER_OPTIONS.map((one) => one.name),
  );
  const hint = guess === undefined
    ? "--help-listen shows those there are"
    : `did you mean ${guess}?`;
  return new UsageError(
    `${label} has an unknown option ${quoted(name)}; ${hint}`,
  );
}

/** As in URLs, but a `+` is a plus: files may have one in their names. */
function decoded(text: string, label: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new UsageError(
      `${label} has a % that is no code of a character (%25 is the % ` +
        `itself): ${quoted(text)}`,
      { cause },
    );
  }
}
