/**
 * Opens listening sockets on whichever runtime this is.
 *
 * @module
 */

import { listenOnBun } from "./bun_tcp.ts";
import { bunRuntime } from "./bun_types.ts";
import { listenOnDeno } from "./deno_tcp.ts";
import type { Driver } from "./driver.ts";
import type { Entrance } from "./entrance.ts";
import { formatAddress } from "./peer.ts";
import type { TlsSettings } from "./tls_settings.ts";
import { makeWay, settle, type UnixSocket } from "./unix_socket.ts";

/** A socket that listens. */
export interface Listening {
  /** Where: the address. */
  readonly hostname: string;
  /** Where: the port, also when 0 was asked for. */
  readonly port: number;
  /** New peers see another certificate; those who are here stay. */
  renew(tls: TlsSettings): Promise<void>;
  /** Stops accepting; connections go on. Then others can listen there. */
  close(): Promise<void>;
}

/** Where to listen, and what the runtime does for it. */
export interface Place {
  /** A host name or an address. */
  readonly hostname: string;
  /** The port; 0 takes a free one. */
  readonly port: number;
  /** A Unix socket, in place of both. */
  readonly unix?: UnixSocket | undefined;
  /** Certificate and key, where TLS is spoken. */
  readonly tls?: TlsSettings | undefined;
}

/** Why a socket can't listen. */
export type ListenErrorCode =
  | "in_use"
  | "no_permission"
  | "not_available"
  | "not_found"
  | "other";

/**
 * A socket can't listen: the operator's fault, in one sentence.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { Broker, ListenError } from "@x/broker";
 *
 * await using broker = new Broker();
 * const { port } = await broker.listen({ hostname: "127.0.0.1", port: 0 });
 * await using other = new Broker();
 * const error = await assertRejects(
 *   () => other.listen({ hostname: "127.0.0.1", port }),
 *   ListenError,
 * );
 * assertEquals(error.code, "in_use");
 * ```
 */
export class ListenError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "ListenError";
  /** What is in the way. */
  readonly code: ListenErrorCode;

  /**
   * An error that says what is in the way.
   *
   * @param code The same for machines.
   * @param message One sentence for a person.
   * @param cause What the runtime threw.
   */
  constructor(code: ListenErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const SENTENCES: Readonly<Record<ListenErrorCode, string>> = {
  in_use: "the port is in use",
  no_permission: "no permission (ports below 1024 need it, and so does " +
    "Deno without --allow-net)",
  not_available: "this machine has no such address",
  not_found: "the host name is not known",
  other: "the socket failed",
};

/** The same where the place is a file. */
const FILE_SENTENCES: Partial<typeof SENTENCES> = {
  in_use: "something is there that is in use, or is no socket",
  no_permission: "the system does not allow it",
  not_found: "there is no such folder",
};

/**
 * Listens at a place.
 *
 * @throws {ListenError} When that is not possible.
 */
export async function listen(
  driver: Driver,
  door: Entrance,
  place: Place,
): Promise<Listening> {
  const { unix } = place;
  try {
    const bun = bunRuntime();
    if (unix !== undefined) await makeWay(unix);
    const listening = bun === undefined
      ? await listenOnDeno(driver, door, place)
      : await listenOnBun(bun, driver, door, place);
    if (unix !== undefined) await settle(unix, listening);
    return listening;
  } catch (error) {
    throw await listenErrorOf(error, place);
  }
}

/** What a runtime throws that can't listen, told in one sentence. */
async function listenErrorOf(
  error: unknown,
  { hostname, port, unix }: Place,
): Promise<ListenError> {
  if (error instanceof ListenError) return error;
  const isFile = unix !== undefined;
  let code = codeOf(error);
  if (code === "other" && !isFile && !await isKnown(hostname)) {
    code = "not_found";
  }
  const why = code === "other" && error instanceof Error
    ? error.message
    : isFile && FILE_SENTENCES[code] || SENTENCES[code];
  const where = unix?.file ?? formatAddress(hostname, port);
  return new ListenError(code, `can't listen on ${where}: ${why}`, error);
}

/** Asked when listening has failed, as the runtimes have no word for it. */
async function isKnown(hostname: string): Promise<boolean> {
  try {
    const { lookup } = await import("node:dns/promises");
    await lookup(hostname);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): ListenErrorCode {
  if (!(error instanceof Error)) return "other";
  const code = (error as { code?: string }).code ?? error.name;
  switch (code) {
    case "EADDRINUSE":
    case "AddrInUse":
      return "in_use";
    case "EACCES":
    case "EPERM":
    case "PermissionDenied":
    case "NotCapable":
      return "no_permission";
    case "EADDRNOTAVAIL":
    case "AddrNotAvailable":
      return "not_available";
    case "ENOENT":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "NotFound":
      return "not_found";
    default:
      return "other";
  }
}
