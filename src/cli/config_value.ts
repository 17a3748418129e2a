/**
 * What a setting is in JSON: `true`, a number, one of a few words, or a text.
 * Flags take texts; here one is made of the other, both ways. The JSON Schema
 * says the same, see `cli/config_schema.ts`.
 *
 * @module
 */

import type { JsonNode } from "../credentials/json_lines.ts";
import type { ListenerOption } from "./listener_options.ts";
import type { Flag } from "./settings.ts";
import { quoted } from "./usage_error.ts";
import { parseSwitch } from "./words.ts";

/** A flag, or an option of a listener. */
export type Described =
  & Pick<ListenerOption, "words" | "range" | "says">
  & Pick<Flag, "name" | "value">;

/** What its value is. */
export type Kind = "switch" | "number" | "words" | "text";

/** A text for the flag, or what is wrong with the value. */
export type Converted =
  | { readonly text: string; readonly fault?: undefined }
  | { readonly fault: string };

/** The word that stands for the value of what can be on or off. */
const YES = "YES";

/**
 * What the value of a flag is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kindOf } from "./config_value.ts";
 *
 * const words = ["text", "json"];
 * const flag = { name: "log-format", value: "FORMAT", words, says: "" };
 * assertEquals(kindOf(flag), "words");
 * ```
 */
export function kindOf({ range, value, words }: Described): Kind {
  if (value === undefined || value === YES) return "switch";
  if (range !== undefined) return "number";
  return words === undefined ? "text" : "words";
}

/**
 * The text that a flag takes, made of a value of a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textOfValue } from "./config_value.ts";
 *
 * const flag = { name: "one-port", says: "" };
 * assertEquals(textOfValue(flag, { value: true, line: 1 }), { text: "true" });
 * ```
 */
export function textOfValue(of: Described, { value }: JsonNode): Converted {
  const kind = kindOf(of);
  const isNumber = kind === "number" && typeof value === "number";
  const isSwitch = kind === "switch" && typeof value === "boolean";
  if (isNumber || isSwitch) return { text: `${value}` };
  if (typeof value === "string" && kind !== "switch") {
    return value === "" ? { fault: "must not be empty" } : { text: value };
  }
  return { fault: `must be ${WANTED[kind]}, not ${shownValue(value)}` };
}

const WANTED: Readonly<Record<Kind, string>> = {
  switch: "true or false",
  number: 'a number, or a text with a unit such as "64KiB"',
  words: "a text",
  text: "a text",
};

function shownValue(value: JsonNode["value"]): string {
  if (value instanceof Map) return "an object";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? quoted(value) : `${value}`;
}

/**
 * The value for a file, made of the text that a flag has taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { valueOfText } from "./config_value.ts";
 *
 * const range = { least: 0, most: 9, unit: "" };
 * const flag = { name: "n", value: "N", range, says: "" };
 * assertEquals(valueOfText(flag, "7"), 7);
 * assertEquals(valueOfText(flag, "7k"), "7k");
 * ```
 */
export function valueOfText(
  of: Described,
  text: string,
): string | number | boolean {
  const kind = kindOf(of);
  if (kind === "switch") return parseSwitch(text, of.name);
  const isPlain = kind === "number" && /^\d{1,15}$/.test(text);
  return isPlain ? Number(text) : text;
}
