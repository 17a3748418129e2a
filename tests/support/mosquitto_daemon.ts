/**
 * Debian's `mosquitto` daemon on a port of 127.0.0.1 with a file of access
 * rules: another broker, to compare ours with. Anybody may connect under any
 * name. It is started, watched and ended here.
 */

import { within } from "./deadline.ts";
import { freePort } from "./free_port.ts";

/** A daemon that runs until it is disposed of. */
export class MosquittoDaemon implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #reading: Promise<void>;
  /** Whether it runs; settled with what it says when it ends before. */
  readonly #begun = Promise.withResolvers<boolean>();
  #log = "";

  private constructor(child: Deno.ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
    this.#reading = this.#read();
  }

  /** Starts one; `undefined` when it refuses the rules and ends. */
  static async start(acl: string): Promise<MosquittoDaemon | undefined> {
    const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
    const port = freePort();
    await Deno.writeTextFile(`${folder}/acl`, acl);
    return await MosquittoDaemon.run(folder, port, settings(folder, port));
  }

  /**
   * Starts one with settings of its own.
   *
   * @param folder A folder for it, which ends with it.
   * @param port The port that the settings name.
   */
  static async run(
    folder: string,
    port: number,
    settings: string,
  ): Promise<MosquittoDaemon | undefined> {
    await Deno.writeTextFile(`${folder}/conf`, settings);
    const child = new Deno.Command("mosquitto", {
      args: ["-c", `${folder}/conf`],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const daemon = new MosquittoDaemon(child, folder, port);
    if (await daemon.#isRunning()) return daemon;
    await daemon[Symbol.asyncDispose]();
    if (/acl/i.test(daemon.#log)) return undefined;
    throw new Error(`mosquitto did not start: ${daemon.#log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself and only waits to be counted.
    }
    await Promise.all([this.#child.status, this.#reading]);
    await Deno.remove(this.#folder, { recursive: true });
  }

  #isRunning(): Promise<boolean> {
    return within(this.#begun.promise, "mosquitto to run", () => {
      this.#child.kill("SIGKILL");
    });
  }

  async #read(): Promise<void> {
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      this.#log += chunk;
      if (/mosquitto version \S+ running/.test(this.#log)) {
        this.#begun.resolve(true);
      }
    }
    this.#begun.resolve(false);
  }
}

/** Root would give its rights away, and then not find the rules. */
function settings(folder: string, port: number): string {
  return [
    "user root",
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    `acl_file ${folder}/acl`,
    "log_dest stderr",
    "set_tcp_nodelay true",
    "",
  ].join("\n");
}
