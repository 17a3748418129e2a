/**
 * Asks a server over HTTP by the runtime's `fetch`. It follows no redirect,
 * for that would hand a password on to somebody else. A server with a
 * certificate of a private authority is asked by `credentials/https_send.ts`.
 *
 * @module
 */

/** What is sent. */
export interface HttpMessage {
  /** Where to. */
  readonly url: string;
  /** How. */
  readonly method: "GET" | "POST" | "PUT";
  /** What goes before the body, by names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, but for GET. */
  readonly body: string | undefined;
}

/** What comes back. */
export interface HttpReply {
  /** The status code. */
  readonly status: number;
  /** The header Content-Type; empty when there is none. */
  readonly contentType: string;
  /** The body, unpacked. */
  readonly body: Uint8Array;
}

/** Sends a message. It rejects when there is no reply or `signal` aborts. */
export type HttpSend = (
  message: HttpMessage,
  signal: AbortSignal,
) => Promise<HttpReply>;

/** The body of a reply. */
export const REPLY_BYTES_MAX = 64 * 1024;

/** There is no reply of use: its message is the rest of a sentence. */
export class HttpFault extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "HttpFault";
}

/** By what errors of the two runtimes say; they may quote the address. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/refused/i, "refuses connections"],
  [/cert|issuer|self.?signed|hostname|altname/i, "has an unsound certificate"],
  [/dns|lookup|resolve|getaddrinfo|ENOTFOUND/i, "has an unknown name"],
  [/reset|closed|hang ?up|incomplete|eof/i, "closes the connection"],
  [/unreachable|EHOSTUNREACH|ENETUNREACH/i, "is not in reach"],
];

/** Sends by `fetch`. */
export async function sendByFetch(
  { url, method, headers, body }: HttpMessage,
  signal: AbortSignal,
): Promise<HttpReply> {
  const response = await fetch(url, {
    method,
    headers,
    body: body ?? null,
    redirect: "manual",
    signal,
  });
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body: await bodyOf(response),
  };
}

/**
 * What an error means, as the rest of a sentence about the server.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wordsFor } from "./http_send.ts";
 *
 * const error = new TypeError("fetch failed: connection refused");
 * assertEquals(wordsFor(error), "refuses connections");
 * ```
 */
export function wordsFor(error: unknown): string {
  if (error instanceof HttpFault) return error.message;
  const texts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    texts.push(`${(at as { code?: unknown }).code ?? ""} ${at.message}`);
    if (texts.length > 8) break;
  }
  const known = FAULTS.find(([form]) => form.test(texts.join(" ")));
  return known?.[1] ?? "can't be asked";
}

async function bodyOf({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body !== null) {
    // To leave this loop early gives the rest of the body up.
    for await (const chunk of body) {
      length += chunk.length;
      if (length > REPLY_BYTES_MAX) throw tooLarge();
      chunks.push(chunk);
    }
  }
  return joined(chunks, length);
}

/** A reply is above its limit. */
export function tooLarge(): HttpFault {
  return new HttpFault(`answers with more than ${REPLY_BYTES_MAX} bytes`);
}

/** Chunks of `length` bytes in all, in one. */
export function joined(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
