/**
 * Bytes on their way to stderr: what one turn has to say goes out in one
 * write, the next while that is under way waits, and what nobody takes is
 * lost and counted. So a log that nobody reads neither stops the broker nor
 * fills its memory, and no failure of a write gets out of here.
 *
 * @module
 */

/** Writes some of `bytes`, tells how many. */
export type WriteBytes = (bytes: Uint8Array) => Promise<number>;

/** What may wait while stderr takes nothing, in UTF-16 units. */
const WAITING_CHARS_MAX = 1 << 20;
const RETRY_MS = 20;
/** These don't go away. */
const BROKEN = new Set(["EPIPE", "EBADF", "EIO"]);
const TRY_AGAIN = new Set(["EAGAIN", "EINTR"]);

/**
 * Takes text, writes it soon.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LogSink } from "./log_sink.ts";
 *
 * const written: string[] = [];
 * const sink = new LogSink((bytes) => {
 *   written.push(new TextDecoder().decode(bytes));
 *   return Promise.resolve(bytes.length);
 * }, (count) => `${count} lines lost\n`);
 * sink.push("one\n");
 * sink.push("two\n");
 * await sink.drained();
 * assertEquals(written, ["one\ntwo\n"]);
 * ```
 */
export class LogSink {
  readonly #write: WriteBytes;
  readonly #lostLine: (count: number) => string;
  readonly #encoder = new TextEncoder();
  #waiting = "";
  #lost = 0;
  #isBroken = false;
  #pumping: Promise<void> | undefined;

  /**
   * Makes a sink with nothing in it.
   *
   * @param lostLine The line that says how many others were lost.
   */
  constructor(write: WriteBytes, lostLine: (count: number) => string) {
    this.#write = write;
    this.#lostLine = lostLine;
  }

  /** Takes a line. */
  push(line: string): void {
    if (this.#isBroken) return;
    if (this.#waiting.length + line.length > WAITING_CHARS_MAX) {
      this.#lost++;
      return;
    }
    this.#waiting += line;
    this.#pumping ??= this.#pump();
  }

  /** Resolves when nothing waits any more; after that it may go on. */
  async drained(): Promise<void> {
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    await Promise.resolve(); // the turn may have more to say
    while (this.#waiting !== "" && !this.#isBroken) {
      const bytes = this.#encoder.encode(this.#take());
      for (let at = 0; at < bytes.length;) {
        const length = await this.#tryWrite(bytes.subarray(at));
        if (length === undefined) break;
        at += length;
      }
    }
    this.#pumping = undefined;
  }

  #take(): string {
    const text = this.#waiting;
    this.#waiting = "";
    if (this.#lost === 0) return text;
    const line = this.#lostLine(this.#lost);
    this.#lost = 0;
    return text + line;
  }

  /** How much was written; `undefined` when the rest is to be given up. */
  async #tryWrite(bytes: Uint8Array): Promise<number | undefined> {
    try {
      const length = await this.#write(bytes);
      if (length === 0) await pause();
      return length;
    } catch (error) {
      const code = (error as { code?: string } | null)?.code ?? "";
      if (TRY_AGAIN.has(code)) {
        await pause();
        return 0;
      }
      this.#isBroken = BROKEN.has(code);
      if (this.#isBroken) this.#waiting = "";
      return undefined;
    }
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, RETRY_MS));
}
