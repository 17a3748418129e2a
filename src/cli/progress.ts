/**
 * How far a long command has come, for a person at a terminal: the bar of
 * `@std/cli` where that can be had, else a line of ours. Where stderr is no
 * terminal there is nothing of it.
 *
 * @module
 */

import type { HostProcess, ProgressBar } from "./host_process.ts";

/** The process, as far as it is asked here. */
export type ProgressHost = Pick<
  HostProcess,
  "isStderrTerminal" | "print" | "progressBar"
>;

/** See above. */
export interface Progress {
  /** So much is done; lets others go on now and then. */
  reached(value: number): Promise<void>;
  /** It is over, and nothing of it stays on the terminal. */
  end(): Promise<void>;
}

/** How often a line changes, and a bar has its turn; less needs none. */
const STEP_MS = 200;
const LINE_CLEAR = "\r\u001b[K";

const NOTHING: Progress = {
  reached: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/**
 * Begins.
 *
 * @param what What is being done, in a word.
 * @param most What there is to reach; 0 when nobody knows.
 * @param stepMs How often it is shown, and from when on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { during, progressOf } from "./progress.ts";
 *
 * let printed = "";
 * const host = {
 *   isStderrTerminal: () => false,
 *   progressBar: () => Promise.reject(new Error("none")),
 *   print: (text: string) => void (printed += text),
 * };
 * const progress = progressOf(host, "export", 100);
 * await progress.reached(50);
 * await progress.end();
 * during(host, "compact", () => {});
 * assertEquals(printed, "");
 * ```
 */
export function progressOf(
  host: ProgressHost,
  what: string,
  most: number,
  stepMs = STEP_MS,
): Progress {
  if (!host.isStderrTerminal()) return NOTHING;
  return new Shown(host, what, most, stepMs);
}

/** Does what can't say how far it is: a terminal sees what it is. */
export function during(
  host: Pick<HostProcess, "isStderrTerminal" | "print">,
  what: string,
  work: () => void,
): void {
  const isSeen = host.isStderrTerminal();
  if (isSeen) host.print(`${what}  …`, "stderr");
  try {
    work();
  } finally {
    if (isSeen) host.print(LINE_CLEAR, "stderr");
  }
}

class Shown implements Progress {
  readonly #host: ProgressHost;
  readonly #what: string;
  readonly #most: number;
  #bar: ProgressBar | undefined;
  #isLine = false;
  readonly #stepMs: number;
  #nextMs: number;
  #hasBegun = false;

  constructor(
    host: ProgressHost,
    what: string,
    most: number,
    stepMs: number,
  ) {
    this.#host = host;
    this.#what = what;
    this.#most = most;
    this.#stepMs = stepMs;
    this.#nextMs = performance.now() + stepMs;
  }

  async reached(value: number): Promise<void> {
    if (performance.now() < this.#nextMs) return;
    if (!this.#hasBegun) await this.#begin();
    if (this.#bar !== undefined) this.#bar.value = value;
    else this.#line(value);
    await new Promise((done) => setTimeout(done, 0));
    this.#nextMs = performance.now() + this.#stepMs;
  }

  async end(): Promise<void> {
    await this.#bar?.stop();
    if (this.#isLine) this.#host.print(LINE_CLEAR, "stderr");
  }

  async #begin(): Promise<void> {
    this.#hasBegun = true;
    if (this.#most === 0) return;
    try {
      this.#bar = await this.#host.progressBar(this.#what, this.#most);
    } catch {
      // A machine without it, or without a network: the line will do.
    }
  }

  #line(value: number): void {
    this.#isLine = true;
    const share = Math.floor(100 * Math.min(1, value / this.#most));
    const count = value.toLocaleString("en-US");
    const text = this.#most > 0 ? `${share} %` : count;
    this.#host.print(`${LINE_CLEAR}${this.#what}  ${text}`, "stderr");
  }
}
