/**
 * A raw relay over TCP or TLS, run as a script by Deno or Bun: what publisher
 * n sends goes to subscriber n as it is, unread. Not a broker: it shows what
 * one process of this runtime can move through its sockets at most. A client
 * begins with two bytes, `P` or `S` and its index, and gets one byte back.
 */

import { readFileSync } from "node:fs";
import process from "node:process";

// The few parts of Bun used here, by hand: no types package needed.
interface BunSocket {
  data: Peer;
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  end(): void;
}

interface BunRuntime {
  listen(options: {
    hostname: string;
    port: number;
    tls?: Identity;
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, bytes: Uint8Array): void;
      drain(socket: BunSocket): void;
      close(socket: BunSocket): void;
    };
  }): unknown;
}

/** What TLS shows and proves, PEM. */
interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A Bun connection: who it is, and what could not be written to it yet. */
interface Peer {
  role: "new" | "P" | "S";
  index: number;
  waiting: Uint8Array | undefined;
}

const HOSTNAME = "127.0.0.1";
const READ_BYTES = 65_536;
const PUBLISHER = "P".charCodeAt(0);
const READY = Uint8Array.of(1);

function relayOnBun(
  bun: BunRuntime,
  port: number,
  identity: Identity | undefined,
): void {
  const publishers = new Map<number, BunSocket>();
  const subscribers = new Map<number, BunSocket>();

  function hello(socket: BunSocket, bytes: Uint8Array): void {
    const index = bytes[1]!;
    const role = bytes[0] === PUBLISHER ? "P" : "S";
    socket.data = { role, index, waiting: undefined };
    (role === "P" ? publishers : subscribers).set(index, socket);
    socket.write(READY);
  }

  function forward(from: BunSocket, bytes: Uint8Array): void {
    const to = subscribers.get(from.data.index);
    if (to === undefined) return;
    const { waiting } = to.data;
    // What TLS has decrypted already still comes from a paused socket.
    if (waiting !== undefined) {
      to.data.waiting = joined(waiting, bytes);
      return;
    }
    const written = Math.max(to.write(bytes), 0);
    if (written === bytes.length) return;
    to.data.waiting = bytes.slice(written);
    from.pause();
  }

  bun.listen({
    hostname: HOSTNAME,
    port,
    ...(identity === undefined ? {} : { tls: identity }),
    socket: {
      open(socket) {
        socket.data = { role: "new", index: 0, waiting: undefined };
      },
      data(socket, bytes) {
        if (socket.data.role === "new") hello(socket, bytes);
        else if (socket.data.role === "P") forward(socket, bytes);
      },
      drain(socket) {
        const { waiting, index } = socket.data;
        if (waiting === undefined) return;
        const written = Math.max(socket.write(waiting), 0);
        const isDone = written === waiting.length;
        socket.data.waiting = isDone ? undefined : waiting.subarray(written);
        if (isDone) publishers.get(index)?.resume();
      },
      close(socket) {
        const { role, index } = socket.data;
        const peers = role === "P" ? publishers : subscribers;
        if (peers.get(index) === socket) peers.delete(index);
      },
    },
  });
}

async function relayOnDeno(
  port: number,
  identity: Identity | undefined,
): Promise<void> {
  const subscribers = new Map<number, Deno.Conn>();

  async function serve(conn: Deno.TcpConn | Deno.TlsConn): Promise<void> {
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    const bytes = new Uint8Array(READ_BYTES);
    // Less is someone who only looks whether anyone listens.
    if (await conn.read(bytes) !== 2) return;
    const index = bytes[1]!;
    const isPublisher = bytes[0] === PUBLISHER;
    if (!isPublisher) subscribers.set(index, conn);
    await conn.write(READY);
    for (;;) {
      const count = await conn.read(bytes);
      if (count === null) return;
      const to = isPublisher ? subscribers.get(index) : undefined;
      let done = to === undefined ? count : 0;
      while (to !== undefined && done < count) {
        done += await to.write(bytes.subarray(done, count));
      }
    }
  }

  const listener: Deno.TcpListener | Deno.TlsListener = identity === undefined
    ? Deno.listen({ hostname: HOSTNAME, port })
    : Deno.listenTls({ hostname: HOSTNAME, port, ...identity });
  for await (const conn of listener) {
    // A broken pair ends; the relay goes on for the next run.
    serve(conn).catch(() => {}).finally(() => conn.close());
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function identityIn(args: readonly string[]): Identity | undefined {
  const [, certFile, keyFile] = args;
  if (certFile === undefined || keyFile === undefined) return undefined;
  return {
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
  };
}

const bun = (globalThis as { Bun?: BunRuntime }).Bun;
if (bun !== undefined || import.meta.main) {
  const args = process.argv.slice(2);
  const port = Number(args[0]);
  if (bun !== undefined) relayOnBun(bun, port, identityIn(args));
  else await relayOnDeno(port, identityIn(args));
}
