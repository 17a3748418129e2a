/**
 * Gets a password from the operator: typed twice and unseen on a terminal,
 * else the first line of stdin. It is never an argument, which every user of
 * the machine can see.
 *
 * @module
 */

import type { HostProcess } from "./host_process.ts";
import { UsageError } from "./usage_error.ts";

/** The process, as far as it is asked here. */
export type PasswordSource = Pick<
  HostProcess,
  "isStdinTerminal" | "readStdin" | "promptSecret"
>;

const PASSWORD_BYTES_MAX = 1024;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Gets a password.
 *
 * @param command The word of the command that wants it: `broker COMMAND`.
 * @throws {UsageError} When there is none, or it is too long, no UTF-8, or
 * typed in two ways.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readPassword } from "./read_password.ts";
 *
 * const password = await readPassword({
 *   isStdinTerminal: () => false,
 *   promptSecret: () => Promise.resolve(null),
 *   readStdin: (bytes) => {
 *     bytes.set(new TextEncoder().encode("pencil\n"));
 *     return Promise.resolve(7);
 *   },
 * }, "passwd");
 * assertEquals(password, "pencil");
 * ```
 */
export async function readPassword(
  source: PasswordSource,
  command: string,
): Promise<string> {
  if (!source.isStdinTerminal()) return await passwordLine(source);
  const password = await ask(source, command, "Password:");
  if (!password) throw new UsageError("no password was typed");
  if (await ask(source, command, "The same again:") !== password) {
    throw new UsageError("what was typed is not twice the same");
  }
  if (new TextEncoder().encode(password).length > PASSWORD_BYTES_MAX) {
    throw tooLong();
  }
  return password;
}

async function ask(
  source: PasswordSource,
  command: string,
  message: string,
): Promise<string | null> {
  try {
    return await source.promptSecret(message);
  } catch (cause) {
    throw new UsageError(
      "a password can't be typed unseen here, which takes Deno and " +
        `@std/cli; pipe it: broker ${command} FILE USER < password.txt`,
      { cause },
    );
  }
}

/**
 * The first line of stdin, which holds a password.
 *
 * @throws {UsageError} When there is none, or it is too long or no UTF-8.
 */
export async function passwordLine(
  { readStdin }: Pick<PasswordSource, "readStdin">,
): Promise<string> {
  const bytes = new Uint8Array(PASSWORD_BYTES_MAX + "\r\n".length);
  try {
    let length = 0;
    while (length < bytes.length && !bytes.includes(LINE_FEED)) {
      const count = await readStdin(bytes.subarray(length));
      if (count === 0) break;
      length += count;
    }
    return textOf(lineOf(bytes.subarray(0, length)));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError("stdin can't be read", { cause });
  } finally {
    bytes.fill(0);
  }
}

function lineOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(LINE_FEED);
  const line = bytes.subarray(0, end < 0 ? bytes.length : end);
  const hasReturn = line.at(-1) === CARRIAGE_RETURN;
  return hasReturn ? line.subarray(0, -1) : line;
}

function textOf(line: Uint8Array): string {
  if (line.length === 0) {
    throw new UsageError("stdin has no password in its first line");
  }
  if (line.length > PASSWORD_BYTES_MAX) throw tooLong();
  try {
    const how = { fatal: true, ignoreBOM: true };
    return new TextDecoder("utf-8", how).decode(line);
  } catch {
    throw new UsageError("the password must be UTF-8");
  }
}

function tooLong(): UsageError {
  return new UsageError(
    `a password must have at most ${PASSWORD_BYTES_MAX} bytes`,
  );
}
