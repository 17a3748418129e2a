/**
 * Debian's `mosquitto_pub`, `_sub` and `_rr` against a port of 127.0.0.1:
 * clients in C that share nothing with us. They are started, watched and
 * ended here; what they are told to do is in the tests.
 */

import { assertEquals } from "@std/assert";
import { PATIENCE_MS, within } from "./deadline.ts";

/** Begins the lines that hold a message, for `-d` prints others as well. */
const MARK = "message ";

/** Topic, QoS, retain flag, payload. */
const FORMAT = "%t %q %r %p";

/** How a program ended, and what it said. */
export interface MosquittoEnding {
  code: number;
  stderr: string;
}

/** `mosquitto_pub` or `mosquitto_sub -E`, to its end, which has to be good. */
export async function mosquitto(
  program: "mosquitto_pub" | "mosquitto_sub",
  port: number,
  args: string[],
): Promise<void> {
  const { code, stderr } = await mosquittoEnding(program, [
    ...address(port),
    ...args,
  ]);
  assertEquals(code, 0, stderr);
}

/** The same to any end, with nothing said about where to connect. */
export async function mosquittoEnding(
  program: "mosquitto_pub" | "mosquitto_sub",
  args: string[],
  env: Record<string, string> = {},
): Promise<MosquittoEnding> {
  const child = new Deno.Command(program, {
    args,
    env,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { code, stderr } = await within(
    child.output(),
    `${program} ${args.join(" ")}`,
    () => child.kill("SIGKILL"),
  );
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** `mosquitto_rr` to its end: sends a request, and gives what it prints. */
export async function mosquittoRequest(
  port: number,
  args: string[],
): Promise<string> {
  const child = new Deno.Command("mosquitto_rr", {
    args: [...address(port), ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await within(
    child.output(),
    `mosquitto_rr ${args.join(" ")}`,
    () => child.kill("SIGKILL"),
  );
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd();
}

/** A `mosquitto_sub` that runs until it has its messages. */
export class MosquittoSubscriber implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #subscribed = Promise.withResolvers<void>();
  readonly #messages: string[] = [];
  #output = "";
  #isGone = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = this.#read();
  }

  /**
   * Waits until the broker has acknowledged the subscriptions.
   *
   * @param format What of a message is told, in the words of `-F`.
   */
  static async start(
    port: number,
    args: string[],
    format: string = FORMAT,
  ): Promise<MosquittoSubscriber> {
    // Without stdbuf a pipe gets what is printed when the program ends.
    const child = new Deno.Command("stdbuf", {
      args: [
        ...["-oL", "mosquitto_sub", ...address(port), "-d"],
        ...["-F", MARK + format],
        ...args,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const subscriber = new MosquittoSubscriber(child);
    try {
      await within(subscriber.#subscribed.promise, "SUBACK at mosquitto_sub");
      return subscriber;
    } catch (error) {
      await subscriber[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it has received when it ends by itself, as `-C` makes it do. */
  async messages(): Promise<string[]> {
    const gone = Promise.all([this.#child.status, this.#reading]);
    const what = `mosquitto_sub to get its messages, it has ` +
      JSON.stringify(this.#messages);
    const [{ code }] = await within(gone, what, () => this.kill(), PATIENCE_MS);
    this.#isGone = true;
    assertEquals(code, 0, this.#output);
    return this.#messages;
  }

  /** Cuts it off, so that the broker sees a client that went silently. */
  kill(): void {
    if (!this.#isGone) this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGone) return;
    try {
      this.kill();
    } catch {
      // It has ended by itself and only waits to be counted.
    }
    await Promise.all([this.#child.status, this.#reading]);
    this.#isGone = true;
  }

  async #read(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    let begun = "";
    for await (const chunk of text) {
      this.#output += chunk;
      const lines = (begun + chunk).split("\n");
      begun = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
    // A session may hold all it wants, so that it ends before its SUBACK.
    if (this.#messages.length > 0) this.#subscribed.resolve();
    else this.#subscribed.reject(new Error(`it ended: ${this.#output}`));
  }

  #take(line: string): void {
    if (line.startsWith("Subscribed (")) this.#subscribed.resolve();
    if (line.startsWith(MARK)) this.#messages.push(line.slice(MARK.length));
  }
}

function address(port: number): string[] {
  return ["-h", "127.0.0.1", "-p", `${port}`];
}
