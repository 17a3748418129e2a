/**
 * A process for the commands that ask for a password: what is piped or typed
 * is given, and what is printed is kept.
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { PasswordSource } from "../../src/cli/read_password.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

/** A process in which somebody pipes, or types, what is given. */
export class TestHost implements PasswordSource {
  printed = "";
  /** What is piped, a piece each time; a terminal has none. */
  readonly #pieces: Uint8Array[];
  readonly #typed: (string | null)[];
  readonly messages: string[] = [];

  constructor(pieces: (string | number[])[], typed: (string | null)[] = []) {
    this.#pieces = pieces.map((piece) =>
      typeof piece === "string"
        ? new TextEncoder().encode(piece)
        : Uint8Array.from(piece)
    );
    this.#typed = typed;
  }

  isStdinTerminal(): boolean {
    return this.#pieces.length === 0;
  }

  readonly readStdin = (bytes: Uint8Array): Promise<number> => {
    const piece = this.#pieces.shift() ?? new Uint8Array();
    bytes.set(piece.subarray(0, bytes.length));
    return Promise.resolve(Math.min(piece.length, bytes.length));
  };

  promptSecret(message: string): Promise<string | null> {
    this.messages.push(message);
    const typed = this.#typed.shift();
    if (typed === undefined) return Promise.reject(new Error("no prompt"));
    return Promise.resolve(typed);
  }

  print(text: string, to: "stdout" | "stderr"): void {
    assertEquals(to, "stdout");
    this.printed += text;
  }
}

/** The sentence about the operator's mistake. */
export async function mistake(work: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => work, UsageError)).message;
}
