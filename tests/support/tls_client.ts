/**
 * A client of TLS that shares nothing with ours: `openssl s_client`, which
 * sends a line, waits for it to come back and tells what it has seen. Runs
 * under Deno and under Bun.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { within } from "./deadline.ts";
import type { Authority, Issued } from "./certificates.ts";

export interface TlsClientOptions {
  /** Whom it trusts, and checks. */
  authority?: Authority;
  /** What it shows. */
  shows?: Issued | undefined;
  /** Further flags. */
  args?: string[];
}

/** What a client has seen. */
export interface TlsSeen {
  /** Whether its line came back. */
  echoed: boolean;
  /** All that `openssl` has said. */
  output: string;
}

const LINE = "the line that comes back";

/** Connects to a port of 127.0.0.1, to its end. */
export function tlsClient(
  port: number,
  { authority, shows, args = [] }: TlsClientOptions = {},
): Promise<TlsSeen> {
  const trust = authority === undefined
    ? []
    : ["-CAfile", authority.caFile, "-verify_return_error"];
  const own = shows === undefined
    ? []
    : ["-cert", shows.certFile, "-key", shows.keyFile];
  const to = ["s_client", "-connect", `127.0.0.1:${port}`];
  const child = spawn("openssl", [...to, ...trust, ...own, ...args]);
  return within(seenBy(child), "openssl s_client", () => child.kill());
}

function seenBy(child: ChildProcess): Promise<TlsSeen> {
  const { promise, resolve, reject } = Promise.withResolvers<TlsSeen>();
  let output = "";
  const isEchoed = () => output.includes(LINE);
  const hear = (bytes: Uint8Array) => {
    output += new TextDecoder().decode(bytes);
    if (isEchoed()) child.stdin!.end();
  };
  child.stdout!.on("data", hear);
  child.stderr!.on("data", hear);
  child.stdin!.on("error", () => {}); // it has ended before it read
  child.stdin!.write(`${LINE}\n`);
  child.on("error", reject);
  child.on("close", () => resolve({ echoed: isEchoed(), output }));
  return promise;
}
