/**
 * What an operator says about a login server: its address, and a file with
 * the headers that it wants, which may be secret.
 *
 * @module
 */

import { CredentialFileError } from "./file_error.ts";
import type { HttpTemplate } from "./http_template.ts";

/** Headers by their names in small letters. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** What belongs to a connection, or is made by who sends. */
const OWN_HEADERS = [
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** RFC 9110 sections 5.1 and 5.5, without what is not ASCII. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e]+$/;
const LOOPBACK = /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The address of a login server.
 *
 * @throws {RangeError} When it is none: a clause, without the address.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { readHttpUrl } from "./http_settings.ts";
 *
 * assertEquals(readHttpUrl("https://a.example/login").host, "a.example");
 * assertThrows(() => readHttpUrl("ftp://a.example/"), RangeError);
 * ```
 */
export function readHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError(
      "the address of a login server begins with https:// or http://",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new RangeError(
      "a name and a password of a login server belong in a file of headers",
    );
  }
  if (url.hash !== "") {
    throw new RangeError("the address of a login server has no # in it");
  }
  return url;
}

/**
 * What an operator should know before passwords go to a login server.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { httpWarnings } from "./http_settings.ts";
 * import { readHttpTemplate } from "./http_template.ts";
 *
 * const template = readHttpTemplate('"%p"', "json");
 * const url = new URL("http://127.0.0.1/login");
 * assertEquals(httpWarnings(url, "POST", template), []);
 * assertEquals(httpWarnings(url, "GET", template).length, 1);
 * ```
 */
export function httpWarnings(
  { protocol, hostname, host }: URL,
  method: string,
  { hasPassword }: HttpTemplate,
): string[] {
  const warnings: string[] = [];
  const what = hasPassword ? "passwords" : "logins";
  if (protocol === "http:" && !LOOPBACK.test(hostname)) {
    warnings.push(
      `${what} go to ${host} in plain text: use https:// for another machine`,
    );
  }
  if (method === "GET" && hasPassword) {
    warnings.push(
      "passwords are a part of the address with GET, and servers log " +
        "addresses: use POST",
    );
  }
  return warnings;
}

/**
 * The headers in the text of a file: one a line, as `Name: value`; lines that
 * are empty or begin with # don't count.
 *
 * @param path The file's name, for the sentence about a mistake.
 * @throws {CredentialFileError} When a line is none: never with the value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHttpHeaders } from "./http_settings.ts";
 *
 * const text = "# For the login server\nAuthorization: Bearer abc\n";
 * assertEquals(parseHttpHeaders(text, "headers"), {
 *   authorization: "Bearer abc",
 * });
 * ```
 */
export function parseHttpHeaders(text: string, path: string): HttpHeaders {
  const headers = new Map<string, string>();
  for (const [at, line] of text.replace(/^\ufeff/, "").split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const fault = addHeader(headers, trimmed);
    if (fault !== undefined) {
      throw new CredentialFileError(`${path}:${at + 1}: ${fault}`);
    }
  }
  return Object.fromEntries(headers);
}

function addHeader(
  headers: Map<string, string>,
  line: string,
): string | undefined {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (!NAME.test(name)) return "this is no header: Name: value";
  if (!VALUE.test(value)) return `the header "${name}" has an unsound value`;
  if (OWN_HEADERS.includes(name)) {
    return `the header "${name}" can't be set`;
  }
  if (headers.has(name)) return `the header "${name}" stands there twice`;
  headers.set(name, value);
  return undefined;
}
