/**
 * Opens listening sockets on whichever runtime this is.
 *
 * @module
 */

import { listenOnBun } from "./bun_tcp.ts";
import { bunRuntime } from "./bun_types.ts";
import { listenOnDeno } from "./deno_tcp.ts";
import type { Driver } from "./driver.ts";

/** A socket that listens. */
export interface Listening {
  /** Where: the address. */
  readonly hostname: string;
  /** Where: the port, also when 0 was asked for. */
  readonly port: number;
  /** Stops accepting; connections go on. */
  close(): void;
}

/** Why a socket can't listen. */
export type ListenErrorCode =
  | "in_use"
  | "no_permission"
  | "not_available"
  | "not_found"
  | "other";

/** A socket can't listen: the operator's fault, in one sentence. */
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

/**
 * Listens on `hostname` and `port`; port 0 takes a free one.
 *
 * @throws {ListenError} When that is not possible.
 */
export function listenTcp(
  driver: Driver,
  hostname: string,
  port: number,
): Listening {
  try {
    const bun = bunRuntime();
    return bun === undefined
      ? listenOnDeno(driver, hostname, port)
      : listenOnBun(bun, driver, hostname, port);
  } catch (error) {
    const code = codeOf(error);
    const why = code === "other" && error instanceof Error
      ? error.message
      : SENTENCES[code];
    const where = hostname.includes(":") ? `[${hostname}]` : hostname;
    throw new ListenError(
      code,
      `can't listen on ${where}:${port}: ${why}`,
      error,
    );
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
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "NotFound":
      return "not_found";
    default:
      return "other";
  }
}
