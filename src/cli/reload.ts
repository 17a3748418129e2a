/**
 * Files that a broker reads again while it runs: on SIGHUP, and when one of
 * them has changed. All of them count then, or none does.
 *
 * @module
 */

import { stat } from "node:fs/promises";
import type { Logger } from "../base/logger.ts";
import { UsageError } from "./usage_error.ts";

/** How often files are looked at: a `stat` of each. */
const LOOK_MS = 2000;

/** What a {@linkcode Reloader} is made with. */
export interface ReloadOptions {
  /** The files. */
  readonly files: readonly string[];
  /**
   * Reads them and makes use of them; rejects, and all stays as it is. It may
   * say that there are other files from here on.
   */
  readonly reload: () => Promise<readonly string[] | void>;
  /** Who is told. */
  readonly logger: Logger;
  /** Runs something later: `setTimeout`. */
  readonly later: (run: () => void, delayMs: number) => void;
}

/** Watches files. */
export class Reloader {
  readonly #options: ReloadOptions;
  #files: readonly string[];
  /** What was read last, and what was seen last. */
  #read = "";
  #seen = "";
  #running: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  /** Watches nothing yet. */
  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#files = options.files;
  }

  /** The files have been read just now: from here on changes count. */
  async start(): Promise<void> {
    if (this.#files.length === 0) return;
    this.#read = this.#seen = await this.#look();
    this.#arm();
  }

  /** Looks no more, and reads no more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** How many files there are. */
  get count(): number {
    return this.#files.length;
  }

  /**
   * Reads the files now, whether they have changed or not.
   *
   * @returns Why that was not possible; `undefined` when all is well.
   */
  reload(why: string): Promise<string | undefined> {
    const reloading = this.#running.then(() => this.#reload(why));
    this.#running = reloading;
    return reloading;
  }

  #arm(): void {
    this.#options.later(() => void this.#onTimer(), LOOK_MS);
  }

  async #onTimer(): Promise<void> {
    if (this.#isStopped) return;
    const now = await this.#look();
    // Whoever is writing is given the time to finish.
    const isSettled = now === this.#seen;
    this.#seen = now;
    if (isSettled && now !== this.#read) await this.reload("a file changed");
    this.#arm();
  }

  async #reload(why: string): Promise<string | undefined> {
    if (this.#isStopped) return "the broker is about to stop";
    const { logger, reload } = this.#options;
    this.#read = await this.#look();
    try {
      const files = await reload();
      if (files !== undefined) {
        this.#files = files;
        this.#read = this.#seen = await this.#look();
      }
      logger.log("info", "reloaded", "files are read again", { why });
      return undefined;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const message = `all stays as it was: ${error.message}`;
      logger.log("error", "reload_failed", message, { why });
      return error.message;
    }
  }

  /** What tells a change: times, sizes, and which file it is. */
  async #look(): Promise<string> {
    const marks = await Promise.all(this.#files.map(async (path) => {
      try {
        const { ino, mtimeMs, size } = await stat(path);
        return `${ino} ${mtimeMs} ${size}`;
      } catch {
        return "none";
      }
    }));
    return marks.join("\n");
  }
}
