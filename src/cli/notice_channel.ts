/**
 * The way of a notice to a service manager: a datagram to a Unix socket. No
 * runtime has those for good, so that the system is called; where that is not
 * allowed the program `systemd-notify` sends them.
 *
 * @module
 */

import type { HostProcess, SystemCalls } from "./host_process.ts";

const AF_UNIX = 1;
/** Of Linux: a datagram socket that programs we start don't inherit. */
const DATAGRAM = 2 | 0o2000000;
/** Neither waits for who does not read, nor ends us when nobody is there. */
const SEND_FLAGS = 0x40 | 0x4000;
const CLOCK_MONOTONIC = 1;
/** Of `sockaddr_un`: the family, and the longest path. */
const FAMILY_BYTES = 2;
const PATH_BYTES_MAX = 108;

const PROGRAM = "systemd-notify";

/** Takes notices. */
export interface NoticeChannel {
  /** What to say when that fails. */
  readonly obstacle: string;
  /** Whether a notice was taken. They stay in their order. */
  send(notice: string): Promise<boolean>;
  /** Microseconds of the system's monotonic clock, where it can be asked. */
  monotonicMicros(): bigint | undefined;
}

/** The part of the process by which notices are sent. */
export type NoticeHost = Pick<HostProcess, "runProgram" | "systemCalls">;

/** The way to `address`: a path, or `@` and a name that is in no folder. */
export function openChannel(address: string, host: NoticeHost): NoticeChannel {
  const place = socketAddress(address);
  const calls = place && host.systemCalls();
  if (place !== undefined && calls !== undefined) {
    const socket = calls.socket(AF_UNIX, DATAGRAM, 0);
    if (socket >= 0) return new SocketChannel(calls, socket, place);
  }
  return new ProgramChannel(host);
}

/**
 * A `sockaddr_un`; `undefined` for what is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { socketAddress } from "./notice_channel.ts";
 *
 * assertEquals([...socketAddress("/a")!].slice(2), [0x2f, 0x61, 0]);
 * assertEquals([...socketAddress("@a")!].slice(2), [0, 0x61]);
 * assertEquals(socketAddress("vsock:2:1234"), undefined);
 * ```
 */
export function socketAddress(
  address: string,
): Uint8Array<ArrayBuffer> | undefined {
  const isAbstract = address.startsWith("@");
  if (!isAbstract && !address.startsWith("/")) return undefined;
  // A path ends with a zero, a name that is in no folder begins with one.
  const text = isAbstract ? `\0${address.slice(1)}` : `${address}\0`;
  const name = new TextEncoder().encode(text);
  if (name.length > PATH_BYTES_MAX) return undefined;
  const bytes = new Uint8Array(FAMILY_BYTES + name.length);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF_UNIX;
  bytes.set(name, FAMILY_BYTES);
  return bytes;
}

class SocketChannel implements NoticeChannel {
  readonly obstacle = "the service manager does not take notices";
  readonly #calls: SystemCalls;
  readonly #socket: number;
  readonly #place: Uint8Array<ArrayBuffer>;

  constructor(
    calls: SystemCalls,
    socket: number,
    place: Uint8Array<ArrayBuffer>,
  ) {
    this.#calls = calls;
    this.#socket = socket;
    this.#place = place;
  }

  send(notice: string): Promise<boolean> {
    const bytes = new TextEncoder().encode(notice);
    const sent = this.#calls.sendto(
      this.#socket,
      bytes,
      SEND_FLAGS,
      this.#place,
    );
    return Promise.resolve(sent === bytes.length);
  }

  monotonicMicros(): bigint | undefined {
    const time = new BigInt64Array(2);
    const bytes = new Uint8Array(time.buffer);
    if (this.#calls.clockGettime(CLOCK_MONOTONIC, bytes) !== 0) {
      return undefined;
    }
    const [seconds = 0n, nanos = 0n] = time;
    return seconds * 1_000_000n + nanos / 1000n;
  }
}

class ProgramChannel implements NoticeChannel {
  readonly obstacle = "the service manager can't be told how the broker is: " +
    `neither libc (Deno: --allow-ffi) nor ${PROGRAM} (Deno: ` +
    `--allow-run=${PROGRAM}) does it`;
  readonly #host: NoticeHost;
  #last: Promise<boolean> = Promise.resolve(true);

  constructor(host: NoticeHost) {
    this.#host = host;
  }

  /** One program after the other. */
  send(notice: string): Promise<boolean> {
    const words = notice.split("\n");
    return this.#last = this.#last.then(() =>
      this.#host.runProgram(PROGRAM, words)
    );
  }

  monotonicMicros(): undefined {
    return undefined;
  }
}
