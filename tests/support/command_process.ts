/**
 * A command of the broker, or a program beside it, as a process: what it is
 * given on stdin, what it prints, and how it ends.
 *
 * ```ts ignore
 * await using sub = CommandProcess.start(commandOf("bun", ["sub", "-t", "a"]));
 * await sub.said("received SUBACK");
 * ```
 */

import { within } from "./deadline.ts";
import { commandLine, type Ending, type Runtime } from "./process.ts";

/** The words that run `broker ARGS`. */
export function commandOf(runtime: Runtime, args: string[]): string[] {
  return [...commandLine(runtime), ...args];
}

/** The process. */
export class CommandProcess implements AsyncDisposable {
  /** What it has printed. */
  stdout = "";
  /** What it has said beside. */
  stderr = "";
  readonly #words: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #news = Promise.withResolvers<void>();
  #isGone = false;

  private constructor(words: readonly string[], stdin: string | undefined) {
    const [program, ...args] = words;
    this.#words = words;
    this.#child = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      this.#read(this.#child.stdout, (text) => this.stdout += text),
      this.#read(this.#child.stderr, (text) => this.stderr += text),
      this.#write(stdin),
    ]);
  }

  /** Starts it; stdin holds `stdin`, or nothing. */
  static start(words: readonly string[], stdin?: string): CommandProcess {
    return new CommandProcess(words, stdin);
  }

  /** Runs it to its end. */
  static async run(words: readonly string[], stdin?: string): Promise<Ending> {
    await using process = CommandProcess.start(words, stdin);
    return await process.ended();
  }

  /** Waits until it has said something so often on stdout or stderr. */
  async said(text: string, times = 1): Promise<void> {
    const count = () => (this.stdout + this.stderr).split(text).length - 1;
    const look = async () => {
      while (count() < times) {
        if (this.#isGone) throw new Error(`it ended: ${this.stderr}`);
        await this.#news.promise;
      }
    };
    await within(look(), `"${text}" of ${this.#words.join(" ")}`);
  }

  /** Asks it to end. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. */
  async ended(): Promise<Ending> {
    const { code } = await within(
      this.#end(),
      `the end of ${this.#words.join(" ")}`,
    );
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGone) return;
    try {
      this.signal("SIGKILL");
    } catch {
      // It has ended by itself and only waits to be counted.
    }
    await this.#end();
  }

  async #end(): Promise<Deno.CommandStatus> {
    const [status] = await Promise.all([this.#child.status, this.#reading]);
    this.#isGone = true;
    this.#tell();
    return status;
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    add: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      add(text);
      this.#tell();
    }
  }

  async #write(text: string | undefined): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    try {
      if (text !== undefined) {
        await writer.write(new TextEncoder().encode(text));
      }
      await writer.close();
    } catch {
      // It has ended without having read all of it.
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
