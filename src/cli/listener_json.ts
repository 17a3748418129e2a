/**
 * A listener in a configuration file: its URL, or an object with the URL and
 * each option by its name. Flags know the URL alone; here one is made of the
 * other.
 *
 * ```json
 * { "url": "mqtts://[::]:8883", "client-cert": "required", "mount": "site/" }
 * ```
 *
 * @module
 */

import type { JsonNode } from "../credentials/json_lines.ts";
import { suggest } from "../base/suggest.ts";
import { textOfValue, valueOfText } from "./config_value.ts";
import { listenerAt } from "./listener.ts";
import { LISTENER_OPTIONS, type ListenerOption } from "./listener_options.ts";
import { quoted, UsageError } from "./usage_error.ts";

/** The key of the URL. */
export const URL_KEY = "url";

/** A listener as JSON has it. */
export type ListenerJson = string | Readonly<Record<string, unknown>>;

/** Told of a mistake, with the line. */
export type TellFault = (line: number, fault: string) => void;

/** Stands in while an option is tried out by itself. */
const NOWHERE = { hostname: "", port: 0 };

/**
 * The URL of a listener; `undefined` when there is a mistake, which is told.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readJsonLines } from "../credentials/json_lines.ts";
 * import { listenerUrl } from "./listener_json.ts";
 *
 * const node = readJsonLines('{"url": "ws://[::]:80/", "anonymous": true}');
 * const url = listenerUrl(node, () => {});
 * assertEquals(url, "ws://[::]:80/?anonymous=true");
 * ```
 */
export function listenerUrl(
  node: JsonNode,
  tell: TellFault,
): string | undefined {
  const { line, value } = node;
  if (typeof value === "string") return value;
  if (!(value instanceof Map)) {
    tell(line, "a listener must be a URL, or an object with one");
    return undefined;
  }
  const members = value as ReadonlyMap<string, JsonNode>;
  const url = members.get(URL_KEY);
  if (typeof url?.value !== "string") {
    tell(line, `a listener needs its "${URL_KEY}": "mqtt://HOST:PORT"`);
    return undefined;
  }
  const before = url.value;
  let isGood = true;
  const parts = [...members].flatMap(([name, member]) =>
    name === URL_KEY ? [] : optionParts(name, member, (at, fault) => {
      isGood = false;
      tell(at, fault);
    })
  );
  if (!isGood) return undefined;
  return parts.length === 0 ? before : withParts(before, parts);
}

/**
 * A URL with options behind its `?`.
 *
 * @param options Names and values.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { urlWith } from "./listener_json.ts";
 *
 * const url = urlWith("mqtt://[::]:1", [["mount", "a & b/"]]);
 * assertEquals(url, "mqtt://[::]:1?mount=a%20%26%20b/");
 * ```
 */
export function urlWith(
  url: string,
  options: readonly (readonly [name: string, text: string])[],
): string {
  const parts = options.map(([name, text]) => `${name}=${encoded(text)}`);
  return parts.length === 0 ? url : withParts(url, parts);
}

/** What would split the options is written as a code, and all else is not. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /%(?:2F|3A|2C)/g,
    (code) => decodeURIComponent(code),
  );
}

function withParts(url: string, parts: readonly string[]): string {
  return url + (url.includes("?") ? "&" : "?") + parts.join("&");
}

/** The options of one name, each tried out for the sake of its line. */
function optionParts(
  name: string,
  node: JsonNode,
  tell: TellFault,
): string[] {
  const option = LISTENER_OPTIONS.find((one) => one.name === name);
  if (option === undefined) {
    tell(node.line, unknownOption(name));
    return [];
  }
  const isList = option.repeats && Array.isArray(node.value);
  const all = isList ? node.value as readonly JsonNode[] : [node];
  return all.flatMap((one) => {
    const converted = asText(option, one);
    if (converted.fault === undefined) {
      return [`${name}=${encoded(converted.text)}`];
    }
    tell(one.line, `${name} of a listener ${converted.fault}`);
    return [];
  });
}

function asText(
  option: ListenerOption,
  node: JsonNode,
): ReturnType<typeof textOfValue> {
  const converted = textOfValue(option, node);
  if (converted.fault !== undefined) return converted;
  try {
    option.set(listenerAt(NOWHERE, "any"), converted.text, "");
    return converted;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { fault: error.message.trimStart() };
  }
}

function unknownOption(name: string): string {
  const guess = suggest(name, LISTENER_OPTIONS.map((one) => one.name));
  const hint = guess === undefined
    ? "--help-listen shows the options"
    : `did you mean ${quoted(guess)}?`;
  return `a listener has no option ${quoted(name)}; ${hint}`;
}

/**
 * A listener as JSON has it, made of the URL that `--listen` has taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenerJson } from "./listener_json.ts";
 *
 * assertEquals(listenerJson("[::]:1883"), "[::]:1883");
 * assertEquals(listenerJson("ws://[::]:80?anonymous=yes"), {
 *   url: "ws://[::]:80",
 *   anonymous: true,
 * });
 * ```
 */
export function listenerJson(text: string): ListenerJson {
  const [, url = "", query = ""] = /^([^?]*)\?(.*)$/s.exec(text) ?? [];
  if (query === "") return text;
  const object: Record<string, unknown> = { [URL_KEY]: url };
  for (const part of query.split("&").filter((one) => one !== "")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const option = LISTENER_OPTIONS.find((one) => one.name === name);
    if (option === undefined) continue; // it was read, so there is none
    const one = valueOfText(option, decodeURIComponent(value));
    const before = object[name];
    if (!option.repeats || before === undefined) object[name] = one;
    else if (Array.isArray(before)) before.push(one);
    else object[name] = [before, one];
  }
  return object;
}
