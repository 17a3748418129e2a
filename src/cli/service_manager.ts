/**
 * What a service manager is told that waits for it: systemd, for a unit of
 * `Type=notify`. That the broker is ready, reads its files again, or stops;
 * and by a beat of the event loop's own timer that it lives, so that one that
 * hangs is started anew. The words are those of sd_notify(3); how they get
 * there is `cli/notice_channel.ts`.
 *
 * @module
 */

import type { Logger } from "../base/logger.ts";
import type { HostProcess } from "./host_process.ts";
import { type NoticeChannel, openChannel } from "./notice_channel.ts";
import type { Environment } from "./read_settings.ts";
import { cutText, escapeControls } from "./safe_text.ts";

const STATUS_CHARS_MAX = 400;
/** A notice that was not taken is sent again so often, and so late. */
const TRIES_MAX = 5;
const RETRY_MS = 1000;

const STILL_AS_BEFORE = "all stayed as it was at the last reload, see the log";

/** What a {@linkcode ServiceManager} is made with. */
export interface ServiceManagerOptions {
  /** Takes the notices. */
  readonly channel: NoticeChannel;
  /** How often to say that we live; `undefined` where nobody asks. */
  readonly beatMs: number | undefined;
  /** Who is told when notices can't be sent. */
  readonly logger: Logger;
  /** Runs something later: `setTimeout`. */
  readonly later: (run: () => void, delayMs: number) => void;
}

/** The service manager, as the broker sees it. */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  #status: () => string = () => "";
  /** The last notice, while it is not known to have been taken. */
  #owed: string | undefined;
  #hasFailed = false;

  /** Tells nothing yet. */
  constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Clients are served: `status` says how, now and after each reload. */
  ready(status: () => string): void {
    this.#status = status;
    this.#tell(`READY=1\n${statusLine(status())}`);
    if (this.#options.beatMs !== undefined) this.#beat(this.#options.beatMs);
  }

  /** `reload`, and the manager is told when it begins and when it is over. */
  telling<Result>(reload: () => Promise<Result>): () => Promise<Result> {
    return async () => {
      const micros = this.#options.channel.monotonicMicros();
      const since = micros === undefined ? "" : `\nMONOTONIC_USEC=${micros}`;
      this.#tell(`RELOADING=1${since}\n${statusLine("Reading files again")}`);
      let isDone = false;
      try {
        const result = await reload();
        isDone = true;
        return result;
      } finally {
        const status = this.#status();
        const whole = isDone ? status : `${status}; ${STILL_AS_BEFORE}`;
        this.#tell(`READY=1\n${statusLine(whole)}`);
      }
    };
  }

  /** The broker begins to end. */
  stopping(): void {
    const status = "Sending what is queued, and ending";
    this.#tell(`STOPPING=1\n${statusLine(status)}`);
  }

  /** In peace and at the end: whoever stops slowly is not taken for hung. */
  #beat(beatMs: number): void {
    void this.#send("WATCHDOG=1");
    this.#options.later(() => this.#beat(beatMs), beatMs);
  }

  /** What counts is the last one: it takes the place of one not taken. */
  #tell(notice: string): void {
    this.#owed = notice;
    void this.#pay(notice, TRIES_MAX);
  }

  async #pay(notice: string, tries: number): Promise<void> {
    const isTaken = await this.#send(notice);
    if (this.#owed !== notice) return;
    if (isTaken || tries <= 1) this.#owed = undefined;
    else {
      this.#options.later(() => {
        if (this.#owed === notice) void this.#pay(notice, tries - 1);
      }, RETRY_MS);
    }
  }

  async #send(notice: string): Promise<boolean> {
    const { channel, logger } = this.#options;
    const isTaken = await channel.send(notice);
    if (isTaken || this.#hasFailed) return isTaken;
    this.#hasFailed = true;
    logger.log("warn", "notify_failed", channel.obstacle, {});
    return false;
  }
}

function statusLine(status: string): string {
  return `STATUS=${escapeControls(cutText(status, STATUS_CHARS_MAX))}`;
}

/**
 * How often a watchdog wants to hear of us: twice in its time, if it is us
 * that it watches.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { beatMsOf } from "./service_manager.ts";
 *
 * assertEquals(beatMsOf({ WATCHDOG_USEC: "30000000" }, 7), 15_000);
 * const others = { WATCHDOG_USEC: "30000000", WATCHDOG_PID: "8" };
 * assertEquals(beatMsOf(others, 7), undefined);
 * ```
 */
export function beatMsOf(
  { WATCHDOG_PID, WATCHDOG_USEC = "" }: Environment,
  pid: number,
): number | undefined {
  if (WATCHDOG_PID && WATCHDOG_PID !== `${pid}`) return undefined;
  if (!/^[0-9]{1,15}$/.test(WATCHDOG_USEC)) return undefined;
  const micros = Number(WATCHDOG_USEC);
  return micros === 0 ? undefined : Math.max(1, Math.floor(micros / 2000));
}

/**
 * The service manager that listens at `address`.
 *
 * @param address What `NOTIFY_SOCKET` says.
 */
export function serviceManagerAt(
  address: string,
  host: HostProcess,
  environment: Environment,
  logger: Logger,
): ServiceManager {
  return new ServiceManager({
    channel: openChannel(address, host),
    beatMs: beatMsOf(environment, host.pid),
    logger,
    later: setTimeout,
  });
}
