/**
 * What the login server is told of a client: JSON with placeholders in its
 * texts. They are filled in after the JSON has been read, so that no name and
 * no password can be more than the text it stands in.
 *
 * `%c` is the client identifier, `%u` the user name, `%p` the password, `%a`
 * the address without the port, `%n` the common name of the certificate, and
 * `%%` a percent sign. A text that is one placeholder and nothing else is
 * `null` where the client has not sent such a thing. Without `%u` a client has
 * the name that the server gives it, or none.
 *
 * @module
 */

import type { LoginRequest } from "../auth/authenticator.ts";
import { hostOf } from "./client_host.ts";
import { isJsonObject, readStrictJson } from "./strict_json.ts";

/** What is sent when nothing else is asked for. */
export const HTTP_TEMPLATE_DEFAULT =
  '{"client_id":"%c","username":"%u","password":"%p",' +
  '"address":"%a","common_name":"%n"}';

/** A template that has been read. */
export interface HttpTemplate {
  /** Its JSON, with the placeholders. */
  readonly value: unknown;
  /** Whether the password is a part of it. */
  readonly hasPassword: boolean;
  /** Whether the user name is. */
  readonly hasUserName: boolean;
}

/** What goes out: JSON, or the query of an address. */
export type HttpForm = "json" | "query";

type Filled = (placeholder: string) => string | undefined;

const PLACEHOLDER = /%(.?)/gs;
const KNOWN = "cupan%";

/**
 * Reads a template.
 *
 * @throws {RangeError} When it is no JSON, or has an unknown placeholder, or
 * is too deep for a query: a clause.
 *
 * @example
 * ```ts
 * import { assert, assertThrows } from "@std/assert";
 * import { readHttpTemplate } from "./http_template.ts";
 *
 * assert(readHttpTemplate('{ "pw": "%p" }', "json").hasPassword);
 * assertThrows(() => readHttpTemplate('{ "pw": "%x" }', "json"), RangeError);
 * ```
 */
export function readHttpTemplate(text: string, form: HttpForm): HttpTemplate {
  const value = readStrictJson(text);
  if (value === undefined) {
    throw new RangeError("the template is no JSON, or has a key twice");
  }
  const placeholders = textsIn(value).flatMap((part) =>
    [...part.matchAll(PLACEHOLDER)].map(([, letter]) => letter!)
  );
  const unknown = placeholders.find((one) => !KNOWN.includes(one) || !one);
  if (unknown !== undefined) {
    throw new RangeError(
      `the template has "%${unknown}": %c, %u, %p, %a, %n and %% are known`,
    );
  }
  if (form === "query" && !isFlat(value)) {
    throw new RangeError(
      "the template must be an object of texts and numbers where it becomes " +
        "the query of an address",
    );
  }
  return {
    value,
    hasPassword: placeholders.includes("p"),
    hasUserName: placeholders.includes("u"),
  };
}

/**
 * A template, filled in; `undefined` when the password is needed and no text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillTemplate, readHttpTemplate } from "./http_template.ts";
 *
 * const client = {
 *   clientId: "phone",
 *   userName: 'a"b',
 *   password: undefined,
 *   address: "192.0.2.7:50000",
 *   certificate: undefined,
 * };
 * const text = '{ "who": "%u@%a", "id": "%c", "pw": "%p" }';
 * assertEquals(
 *   fillTemplate(readHttpTemplate(text, "json"), client, "json"),
 *   '{"who":"a\\"b@192.0.2.7","id":"phone","pw":null}',
 * );
 * ```
 */
export function fillTemplate(
  template: HttpTemplate,
  request: LoginRequest,
  form: HttpForm,
): string | undefined {
  let password: string | undefined;
  if (template.hasPassword && request.password !== undefined) {
    password = utf8(request.password);
    if (password === undefined) return undefined;
  }
  const values: Readonly<Record<string, string | undefined>> = {
    "%c": request.clientId,
    "%u": request.userName,
    "%p": password,
    "%a": hostOf(request.address),
    "%n": request.certificate?.commonName,
    "%%": "%",
  };
  const filled = fill(template.value, (placeholder) => values[placeholder]);
  return form === "json" ? JSON.stringify(filled) : queryOf(filled);
}

function fill(value: unknown, filled: Filled): unknown {
  if (typeof value === "string") {
    if (/^%.$/s.test(value)) return filled(value) ?? null;
    return value.replaceAll(PLACEHOLDER, (found) => filled(found) ?? "");
  }
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((item) => fill(item, filled));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fill(item, filled)]),
  );
}

/** What is `null` is left out. */
function queryOf(filled: unknown): string {
  const parts = Object.entries(filled as Record<string, unknown>)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, String(value)]);
  return new URLSearchParams(parts).toString();
}

function isFlat(value: unknown): boolean {
  return isJsonObject(value) &&
    Object.values(value).every((item) =>
      item === null || typeof item !== "object"
    );
}

/** Keys are the operator's own, and stay as they are. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return undefined;
  }
}
