/**
 * Unix sockets as files: whose they are, who may use them, and what is left
 * of a broker that was killed.
 *
 * @module
 */

import type { Listening } from "./listening.ts";

/** A Unix socket to listen on. */
export interface UnixSocket {
  /** The file. */
  readonly file: string;
  /** Who may use it, as in `chmod`. 0o600. */
  readonly mode?: number | undefined;
  /** Whose it is: `user`, `user:group` or `:group`, names or numbers. */
  readonly owner?: string | undefined;
}

/** For its owner alone. */
const MODE = 0o600;
/** What files lack that are made for their owner alone. */
const MASK = 0o177;
/** What systems have room for: Linux 107 bytes, others a few less. */
const PATH_BYTES_MAX = 103;
/** "Leave it as it is", to `chown`. */
const UNCHANGED = -1;

/** A listener at a file, which is gone when it is closed. */
export async function unixListening(
  { file }: UnixSocket,
  close: () => Promise<void>,
): Promise<Omit<Listening, "renew">> {
  const { rmSync } = await import("node:fs");
  return {
    hostname: "",
    port: 0,
    close() {
      const closed = close();
      try {
        // At once: later it could be the socket of the next broker.
        rmSync(file, FORCE);
      } catch {
        // The next broker takes it away, or says why it can't.
      }
      return closed;
    },
  };
}

const FORCE = { force: true };

/**
 * Takes away the socket of a broker that was killed. What is no socket, or
 * is answered at, stays, and listening fails.
 *
 * @throws When there can't be a socket: the runtimes do not tell why.
 */
export async function makeWay({ file }: UnixSocket): Promise<void> {
  if (new TextEncoder().encode(file).length > PATH_BYTES_MAX) {
    throw new Error(`the path is longer than ${PATH_BYTES_MAX} bytes`);
  }
  const { rm, stat } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  await stat(dirname(file));
  const found = await stat(file).catch(() => undefined);
  if (found?.isSocket() && !await isAnswered(file)) await rm(file, FORCE);
}

/**
 * Binds a socket that is for its owner alone until {@linkcode settle}: whoever
 * connects in between would be in.
 *
 * @param bind Makes files before it returns.
 */
export async function bindPrivately<Bound>(
  bind: () => Bound,
): Promise<Bound> {
  const { default: process } = await import("node:process");
  let before: number;
  try {
    before = process.umask(MASK);
  } catch {
    return bind(); // Deno may not have been allowed to change it
  }
  try {
    return bind();
  } finally {
    process.umask(before);
  }
}

/** Lets those use the socket who may. */
export async function settle(
  { file, mode = MODE, owner }: UnixSocket,
  listening: Listening,
): Promise<void> {
  const { chmod, chown } = await import("node:fs/promises");
  try {
    if (owner !== undefined) {
      const [user = "", group = ""] = owner.split(":");
      await chown(
        file,
        await idOf(user, "/etc/passwd"),
        await idOf(group, "/etc/group"),
      );
    }
    await chmod(file, mode);
  } catch (error) {
    void listening.close();
    throw error;
  }
}

async function isAnswered(file: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const socket = connect(file);
    const end = (isAnswered: boolean) => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.on("connect", () => end(true));
    // All else than that nobody listens says that somebody does.
    socket.on(
      "error",
      ({ code }: { code?: string }) => end(code !== "ECONNREFUSED"),
    );
  });
}

/** The number of a user or group: the third field of its line in `table`. */
async function idOf(name: string, table: string): Promise<number> {
  if (name === "") return UNCHANGED;
  if (/^\d+$/.test(name)) return Number(name);
  const { readFile } = await import("node:fs/promises");
  const lines = (await readFile(table, "utf8")).split("\n");
  const line = lines.find((one) => one.startsWith(`${name}:`));
  const id = Number(line?.split(":")[2] ?? NaN);
  if (Number.isInteger(id)) return id;
  throw new Error(`${table} does not know ${JSON.stringify(name)}`);
}
