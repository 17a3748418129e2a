/**
 * Asks the API of a broker that runs.
 *
 * @module
 */

import { readSecretFile } from "../credentials/secret_disk.ts";
import type { ApiArguments } from "./api_arguments.ts";
import { SECRET_NAME } from "./api_secret.ts";
import type { HostProcess } from "./host_process.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import { defaultFolder } from "./store_folder.ts";
import { told } from "./told.ts";
import { quoted, UsageError } from "./usage_error.ts";

const URL_USUAL = "http://127.0.0.1:8080";
const PREFIX = "/api/v1";
const SENTENCE_CHARS_MAX = 400;
/** How long an answer may take. */
const PATIENCE_MS = 10_000;

/** The API of one broker. */
export class ApiClient {
  /** Where it is. */
  readonly url: string;
  readonly #secret: string;

  private constructor(url: string, secret: string) {
    this.url = url;
    this.#secret = secret;
  }

  /**
   * By the arguments of a command.
   *
   * @throws {UsageError} When the secret is not found.
   */
  static async of(
    host: Pick<HostProcess, "environment" | "isRoot">,
    given: ApiArguments,
  ): Promise<ApiClient> {
    const url = given.get("url") ?? URL_USUAL;
    if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
      throw new UsageError(
        `--url must be http://HOST:PORT, not ${quoted(url)}`,
      );
    }
    const secret = await secretFor(host, given.get("secret-file"));
    return new ApiClient(url.replace(/\/+$/, ""), secret);
  }

  /**
   * Asks.
   *
   * @throws {UsageError} When there is no answer, or it is a fault.
   */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#fetched(method, path, body);
    const text = await answer.text();
    const value = jsonOf(text);
    if (answer.ok && (value !== undefined || text === "")) return value;
    throw new UsageError(`${this.url}: ${sentenceIn(value, answer.status)}`);
  }

  async #fetched(
    method: string,
    path: string,
    body: unknown,
  ): Promise<Response> {
    try {
      return await fetch(this.url + PREFIX + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#secret}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (cause) {
      const message = `no broker answers at ${this.url} (--url URL names ` +
        "another address)";
      throw new UsageError(message, { cause });
    }
  }
}

/** What is in the named file, or in that of a broker of this user. */
async function secretFor(
  host: Pick<HostProcess, "environment" | "isRoot">,
  file: string | undefined,
): Promise<string> {
  if (file !== undefined) return await secretIn(file);
  const folder = defaultFolder(host.environment(), host.isRoot());
  const hint = "--secret-file FILE names the secret of a broker";
  if (folder === undefined) throw new UsageError(hint);
  try {
    return await secretIn(`${folder}/${SECRET_NAME}`);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new UsageError(`${cause.message}; ${hint}`, { cause });
  }
}

async function secretIn(file: string): Promise<string> {
  return (await told("", readSecretFile(file))).trim();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the broker says of it. */
function sentenceIn(value: unknown, status: number): string {
  if (status === 401) return "the secret is not good (--secret-file FILE)";
  const { error } = (value ?? {}) as { error?: { message?: unknown } };
  const message = typeof error?.message === "string"
    ? error.message
    : `this is not the API of a broker (${status})`;
  return escapeControls(cutText(message, SENTENCE_CHARS_MAX));
}
