/**
 * Dials a broker, as a client does: through `node:net` and `node:tls`, which
 * both runtimes carry and which tell what is in the way by the same codes. A
 * client of the command line moves few bytes, so that what the runtimes'
 * own sockets would save is not worth a second way. To be loaded when it is
 * needed.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import {
  addressText,
  type DialAddress,
  DialError,
  dialFault,
  type DialTls,
} from "./dial_address.ts";
import { openWebSocket } from "./web_socket_wire.ts";
import type { Wire, WireEvents } from "./wire.ts";

/**
 * Connects.
 *
 * @param timeoutMs How long it may take until there is a wire.
 * @throws {DialError} When there is none: in a sentence with the address.
 */
export async function dial(
  address: DialAddress,
  events: WireEvents,
  timeoutMs: number,
): Promise<Wire> {
  const { webSocketPath: path } = address;
  const where = addressText(address);
  try {
    if (path === undefined) return await open(address, events, timeoutMs);
    return await openWebSocket(
      { host: where, path },
      events,
      (inner) => open(address, inner, timeoutMs),
      timeoutMs,
    );
  } catch (cause) {
    throw new DialError(`can't connect to ${where}: ${dialFault(cause)}`, {
      cause,
    });
  }
}

function open(
  address: DialAddress,
  events: WireEvents,
  timeoutMs: number,
): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const { tls } = address;
    const socket = socketTo(address);
    let isOpen = false;
    let fault = "";
    const timer = setTimeout(() => {
      socket.destroy(new DialError("there is no answer"));
    }, timeoutMs);
    socket.on(tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      isOpen = true;
      resolve(new SocketWire(socket));
    });
    socket.on("data", (chunk: Uint8Array) => events.received(chunk));
    socket.on("error", (error: Error) => {
      fault = dialFault(error);
      if (!isOpen) reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      if (isOpen) events.closed(fault);
      else reject(new DialError(fault || "it closed the connection"));
    });
  });
}

/** A socket on its way to a broker. */
export function socketTo(address: DialAddress): Socket {
  const { hostname, port, file, localAddress, tls } = address;
  const to = file === undefined
    ? { host: hostname, port, ...(localAddress && { localAddress }) }
    : { path: file };
  if (tls === undefined) {
    const socket = connect(to);
    socket.setNoDelay(true);
    return socket;
  }
  return connectTls({ ...to, ...tlsOptions(tls) });
}

function tlsOptions(tls: DialTls): ConnectionOptions {
  const { ca, certificate, key, alpn, version, isInsecure } = tls;
  const exact = version && `TLSv${version}` as const;
  return {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    ...(alpn !== undefined && { ALPNProtocols: [alpn] }),
    minVersion: exact ?? "TLSv1.2",
    maxVersion: exact ?? "TLSv1.3",
    rejectUnauthorized: !isInsecure || ca !== undefined,
    ...(isInsecure && { checkServerIdentity: () => undefined }),
  };
}

class SocketWire implements Wire {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes);
  }

  drained(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.on("drain", done);
      socket.on("close", done);
    });
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
