/**
 * Messages queued on a broker's disk as fast as it goes, by a process of its
 * own, so that this one has time for those that are measured beside.
 */

import type { Target } from "../../src/load/link.ts";
import { FLOOD } from "./variants.ts";

/** What `broker bench` says when its clients are all there. */
const BEGUN = "connected";
/** More than there is time for. */
const MESSAGES_EACH = 100_000_000;

export class DiskFlood {
  readonly #child: Deno.ChildProcess;
  readonly #said: Promise<void>;

  private constructor(child: Deno.ChildProcess, said: Promise<void>) {
    this.#child = child;
    this.#said = said;
  }

  /** Starts it, and waits until it is under way. */
  static async start({ address }: Target): Promise<DiskFlood> {
    const broker = new URL("../../src/mod.ts", import.meta.url);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", decodeURIComponent(broker.pathname), "bench"],
        ...["--host", address.hostname, "--port", `${address.port}`],
        ...["--scenario", FLOOD, "--count", `${MESSAGES_EACH}`],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const begun = Promise.withResolvers<void>();
    const said = listen(child.stderr, begun);
    const flood = new DiskFlood(child, said);
    try {
      await begun.promise;
    } catch (error) {
      await child.status;
      throw error;
    }
    return flood;
  }

  /** Ends it, when what it has queued has been delivered. */
  async stop(): Promise<void> {
    this.#child.kill("SIGINT");
    await this.#child.status;
    await this.#said;
  }
}

/** Reads all that is said, and tells when it is under way. */
async function listen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  begun: PromiseWithResolvers<void>,
): Promise<void> {
  let text = "";
  for await (const more of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + more).slice(-2_000);
    if (text.includes(BEGUN)) begun.resolve();
  }
  begun.reject(new Error(`the flood ended: ${text.trim()}`));
}
