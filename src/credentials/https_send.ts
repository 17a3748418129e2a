/**
 * Asks a server over HTTPS whose certificate is of a private authority, which
 * `fetch` can't be told of alike on both runtimes. Each question has a
 * connection of its own. To be loaded when it is needed: `node:https` costs
 * time at the start.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { CredentialFileError } from "./file_error.ts";
import {
  type HttpMessage,
  type HttpReply,
  type HttpSend,
  joined,
  REPLY_BYTES_MAX,
  tooLarge,
} from "./http_send.ts";
import { readSmallFile } from "./small_file.ts";

/**
 * Reads the certificates of authorities, in PEM, and trusts them and nobody
 * else.
 *
 * @throws {CredentialFileError} When the file can't be read or has none.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readHttpAuthority } from "./https_send.ts";
 *
 * await assertRejects(() => readHttpAuthority("/no/such/ca.pem"));
 * ```
 */
export async function readHttpAuthority(path: string): Promise<HttpSend> {
  const read = await readSmallFile(path);
  if (read.fault !== undefined) throw new CredentialFileError(read.fault);
  const pem = new TextDecoder().decode(read.bytes);
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new CredentialFileError(`${path}: there is no certificate in PEM`);
  }
  return (message, signal) => send(message, signal, pem);
}

function send(
  { url, method, headers, body }: HttpMessage,
  signal: AbortSignal,
  ca: string,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? undefined : utf8Length(body);
    const sized = length === undefined
      ? headers
      : { ...headers, "content-length": `${length}` };
    const sent = request(url, {
      method,
      headers: sized,
      ca,
      agent: false,
      signal,
    }, (response) => collect(response).then(resolve, reject));
    sent.on("error", reject);
    sent.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<HttpReply> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > REPLY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers["content-type"] ?? "",
    body: joined(chunks, length),
  };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
