/**
 * Where a service manager would listen: a datagram socket, by a path or by a
 * name that is in no folder, and what was sent to it. Deno has the second
 * kind not at all, so that libc is called.
 *
 * ```ts ignore
 * await using manager = NoticeListener.open();
 * const broker = start({ NOTIFY_SOCKET: manager.address });
 * await manager.until("READY=1");
 * ```
 */

import { assert } from "@std/assert";
import { within } from "./deadline.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const CLOCK_MONOTONIC = 1;
/** What the listener sends itself to wake up. */
const END = "END";

/** Linux alone has service managers that listen so. */
export function hasNoticeSockets(): boolean {
  return Deno.build.os === "linux";
}

function openLibc() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    recv: {
      parameters: ["i32", "buffer", "usize", "i32"],
      result: "isize",
      nonblocking: true,
    },
    sendto: {
      parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"],
      result: "isize",
    },
    close: { parameters: ["i32"], result: "i32" },
    clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  });
}

/** The listener. */
export class NoticeListener implements AsyncDisposable {
  /** What `NOTIFY_SOCKET` is to be. */
  readonly address: string;
  /** All that has come. */
  readonly notices: string[] = [];
  readonly #libc = openLibc();
  readonly #socket: number;
  readonly #place: Uint8Array<ArrayBuffer>;
  readonly #folder: string;
  readonly #reading: Promise<void>;
  #news = Promise.withResolvers<void>();
  /** How many of the notices have been waited for. */
  #seen = 0;

  private constructor(isAbstract: boolean) {
    this.#folder = Deno.makeTempDirSync({ prefix: "broker-notify-" });
    const path = `${this.#folder}/s`;
    this.address = isAbstract ? `@${path}` : path;
    const name = isAbstract ? `\0${path}` : `${path}\0`;
    this.#place = Uint8Array.from(
      [AF_UNIX, 0, ...new TextEncoder().encode(name)],
    );
    const { bind, socket } = this.#libc.symbols;
    this.#socket = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert(this.#socket >= 0, "a socket");
    const bound = bind(this.#socket, this.#place, this.#place.length);
    assert(bound === 0, "an address for it");
    this.#reading = this.#read();
  }

  /** One in a folder of its own. */
  static open(): NoticeListener {
    return new NoticeListener(false);
  }

  /** One that is in no folder. */
  static openAbstract(): NoticeListener {
    return new NoticeListener(true);
  }

  /** The next notice with that line; those before it are passed over. */
  async until(line: string): Promise<string> {
    const look = async () => {
      for (;;) {
        while (this.#seen < this.notices.length) {
          const notice = this.notices[this.#seen++]!;
          if (notice.split("\n").includes(line)) return notice;
        }
        await this.#news.promise;
      }
    };
    return await within(look(), `"${line}" of ${JSON.stringify(this.notices)}`);
  }

  /** Microseconds on the clock that notices tell. */
  monotonicMicros(): bigint {
    const time = new BigInt64Array(2);
    const bytes = new Uint8Array(time.buffer);
    this.#libc.symbols.clock_gettime(CLOCK_MONOTONIC, bytes);
    return time[0]! * 1_000_000n + time[1]! / 1000n;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { close, sendto } = this.#libc.symbols;
    const end = new TextEncoder().encode(END);
    const size = BigInt(end.length);
    const { length } = this.#place;
    sendto(this.#socket, end, size, 0, this.#place, length);
    await this.#reading;
    close(this.#socket);
    this.#libc.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  async #read(): Promise<void> {
    const bytes = new Uint8Array(4096);
    const size = BigInt(bytes.length);
    for (;;) {
      const length = await this.#libc.symbols.recv(
        this.#socket,
        bytes,
        size,
        0,
      );
      const text = new TextDecoder().decode(bytes.subarray(0, Number(length)));
      if (text === END || length < 0) return;
      this.notices.push(text);
      this.#news.resolve();
      this.#news = Promise.withResolvers<void>();
    }
  }
}
