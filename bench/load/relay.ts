/**
 * A raw TCP relay, run as a script by Deno or Bun: what publisher n sends goes
 * to subscriber n as it is, unread. Not a broker: it shows what one process
 * of this runtime can move through its sockets at most. A client begins with
 * two bytes, `P` or `S` and its index, and gets one byte back.
 */

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
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, bytes: Uint8Array): void;
      drain(socket: BunSocket): void;
      close(socket: BunSocket): void;
    };
  }): unknown;
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

function relayOnBun(bun: BunRuntime, port: number): void {
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
    const written = to.write(bytes);
    if (written === bytes.length) return;
    to.data.waiting = bytes.slice(Math.max(written, 0));
    from.pause();
  }

  bun.listen({
    hostname: HOSTNAME,
    port,
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

async function relayOnDeno(port: number): Promise<void> {
  const subscribers = new Map<number, Deno.Conn>();

  async function serve(conn: Deno.TcpConn): Promise<void> {
    conn.setNoDelay(true);
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

  for await (const conn of Deno.listen({ hostname: HOSTNAME, port })) {
    // A broken pair ends; the relay goes on for the next run.
    serve(conn).catch(() => {}).finally(() => conn.close());
  }
}

const runtime = globalThis as {
  Bun?: BunRuntime;
  process?: { argv: string[] };
};
if (runtime.Bun !== undefined) {
  relayOnBun(runtime.Bun, Number(runtime.process?.argv[2]));
} else if (import.meta.main) {
  await relayOnDeno(Number(Deno.args[0]));
}
