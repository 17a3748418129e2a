/**
 * From the flags of a client to what `client/client.ts` wants: files are
 * read, and what is not said is filled in.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import type { ClientOptions } from "../client/client.ts";
import type { Will } from "../codec/connect.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import type { DialAddress, DialTls } from "../net/dial_address.ts";
import type { ClientCommand, ClientSettings } from "./client_settings.ts";
import type { HostProcess } from "./host_process.ts";
import { passwordLine } from "./read_password.ts";
import { PORT } from "./settings.ts";
import { quoted, UsageError } from "./usage_error.ts";

const TLS_PORT = 8883;
const FOR_EVER = 0xffffffff;
const ID_CHARS = 12;

/**
 * What the flags come to.
 *
 * @throws {UsageError} When a file can't be read.
 */
export async function planClient(
  command: ClientCommand | "bench",
  settings: ClientSettings,
  host: Pick<HostProcess, "readStdin">,
): Promise<ClientOptions> {
  const { userName, properties, cleanSession, inflightMax } = settings;
  const level = levelOf(command, settings);
  const password = await passwordOf(settings, host);
  return {
    address: await addressOf(settings),
    inflightMax,
    connect: {
      level,
      clientId: clientIdOf(command, settings, level),
      cleanSession,
      keepAliveSeconds: settings.keepAliveSeconds,
      will: willOf(settings),
      // [MQTT-3.1.2-22] of 3.1.1: no password without a name.
      userName: userName ?? (password && level < 5 ? "" : undefined),
      password,
      properties: level < 5
        ? NO_PROPERTIES
        : connectProperties(settings, properties.CONNECT),
    },
  };
}

/** Where something needs 5.0, nobody has to say so twice. */
function levelOf(command: string, settings: ClientSettings): 3 | 4 | 5 {
  const { level, properties, sessionExpirySeconds } = settings;
  if (level !== undefined) return level;
  const needs5 = command === "rr" || sessionExpirySeconds !== undefined ||
    Object.keys(properties).length > 0;
  return needs5 ? 5 : 4;
}

/** In 5.0 a session that is to stay has to say for how long. */
function connectProperties(
  { cleanSession, sessionExpirySeconds }: ClientSettings,
  given: Properties = NO_PROPERTIES,
): Properties {
  const seconds = sessionExpirySeconds ?? given.sessionExpirySeconds ??
    (cleanSession ? undefined : FOR_EVER);
  return seconds === undefined
    ? given
    : { ...given, sessionExpirySeconds: seconds };
}

/** 3.1 has no empty client id: the client makes one. */
function clientIdOf(
  command: string,
  { clientId, clientIdPrefix }: ClientSettings,
  level: number,
): string {
  if (clientId !== undefined) return clientId;
  const chance = crypto.randomUUID().replaceAll("-", "").slice(0, ID_CHARS);
  if (clientIdPrefix !== undefined) return clientIdPrefix + chance;
  return level === 3 ? `broker-${command}-${chance}` : "";
}

function willOf(settings: ClientSettings): Will | undefined {
  const { willTopic, willPayload = "", willQos, willRetain } = settings;
  if (willTopic === undefined) return undefined;
  return {
    topic: willTopic,
    payload: new TextEncoder().encode(willPayload),
    qos: willQos,
    retain: willRetain,
    properties: settings.properties.will ?? NO_PROPERTIES,
  };
}

async function addressOf(settings: ClientSettings): Promise<DialAddress> {
  const { hostname, port, file, localAddress, webSocketPath } = settings;
  return {
    hostname,
    port: port ?? (settings.wantsTls ? TLS_PORT : PORT),
    file,
    localAddress,
    tls: settings.wantsTls ? await tlsOf(settings) : undefined,
    webSocketPath,
  };
}

async function tlsOf(settings: ClientSettings): Promise<DialTls> {
  const { caFile, certFile, keyFile, alpn, tlsVersion } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new UsageError("--cert and --key belong together");
  }
  return {
    ca: caFile && await pemOf(caFile, "--cafile"),
    certificate: certFile && await pemOf(certFile, "--cert"),
    key: keyFile && await pemOf(keyFile, "--key"),
    alpn,
    version: tlsVersion,
    isInsecure: settings.isInsecure,
  };
}

/** The runtimes do not tell what is wrong with one, or do not notice. */
async function pemOf(path: string, label: string): Promise<string> {
  const text = new TextDecoder().decode(await fileOf(path, label));
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`${label}: ${quoted(path)} holds no PEM`);
}

/**
 * What is in a file.
 *
 * @param label The flag, for the sentence.
 * @throws {UsageError} When it can't be read.
 */
export async function fileOf(path: string, label: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const { code } = cause as { code?: string };
    const why = code === "ENOENT"
      ? "there is no such file"
      : code === "EISDIR"
      ? "it is a folder"
      : "it can't be read";
    throw new UsageError(`${label} ${quoted(path)}: ${why}`, { cause });
  }
}

async function passwordOf(
  { password, passwordFile }: ClientSettings,
  host: Pick<HostProcess, "readStdin">,
): Promise<Uint8Array | undefined> {
  if (password !== undefined) return new TextEncoder().encode(password);
  if (passwordFile === undefined) return undefined;
  if (passwordFile === "-") {
    return new TextEncoder().encode(await passwordLine(host));
  }
  const bytes = await fileOf(passwordFile, "--password-file");
  const text = new TextDecoder().decode(bytes);
  const [line = ""] = text.split(/\r?\n/);
  if (line !== "") return new TextEncoder().encode(line);
  throw new UsageError(
    `--password-file ${quoted(passwordFile)}: its first line is empty`,
  );
}
