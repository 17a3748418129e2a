/**
 * The configuration file of this broker: JSON with comments, which has each
 * flag by its name. What is wrong with it is told with the line, all of it.
 *
 * ```json
 * {
 *   "listen": ["mqtt://127.0.0.1:1883"],
 *   "password-file": "/etc/broker/users",
 *   "packet-bytes-max": "64KiB", // a comment
 * }
 * ```
 *
 * @module
 */

import {
  JsonFault,
  type JsonNode,
  readJsonLines,
} from "../credentials/json_lines.ts";
import { suggest } from "../base/suggest.ts";
import { textOfValue } from "./config_value.ts";
import { FILE_FLAGS } from "./flags.ts";
import { listenerUrl } from "./listener_json.ts";
import type { FileSettings, Given } from "./read_settings.ts";
import { cutText, escapeControls } from "./safe_text.ts";
import type { Flag } from "./settings.ts";
import { quoted } from "./usage_error.ts";

/** Where editors find the schema: it has no meaning here. */
export const SCHEMA_KEY = "$schema";
/** The flag whose values can be objects. */
export const LISTEN = "listen";

const PATH_CHARS_MAX = 300;

/**
 * The settings in a file.
 *
 * @param path Its name, for the sentences.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readJsoncConfig } from "./jsonc_config.ts";
 *
 * const { faults } = readJsoncConfig('{\n  "prot": 1883\n}', "broker.jsonc");
 * assertEquals(faults, [
 *   'broker.jsonc:2: there is no setting "prot"; did you mean "port"?',
 * ]);
 * ```
 */
export function readJsoncConfig(text: string, path: string): FileSettings {
  const faults: string[] = [];
  const given = new Map<string, Given[]>();
  const settings = { given, faults, warnings: [] };
  const tell = (line: number, fault: string) =>
    void faults.push(`${placeIn(path, line)}: ${fault}`);
  let members: ReadonlyMap<string, JsonNode>;
  try {
    const { line, value } = readJsonLines(text, "jsonc");
    if (!(value instanceof Map)) {
      tell(line, "the settings must be in an object: { }");
      return settings;
    }
    members = value as ReadonlyMap<string, JsonNode>;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    tell(error.line, error.message);
    return settings;
  }
  for (const [name, node] of members) {
    if (name === SCHEMA_KEY) continue;
    const flag = FILE_FLAGS.find((one) => one.name === name);
    if (flag === undefined) {
      tell(node.line, unknownKey(name));
      continue;
    }
    given.set(name, valuesOf(flag, node, path, tell));
  }
  return settings;
}

/**
 * A line of a file, as people and editors write it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeIn } from "./jsonc_config.ts";
 *
 * assertEquals(placeIn("broker.jsonc", 7), "broker.jsonc:7");
 * ```
 */
export function placeIn(path: string, line: number): string {
  return `${escapeControls(cutText(path, PATH_CHARS_MAX))}:${line}`;
}

function valuesOf(
  flag: Flag,
  node: JsonNode,
  path: string,
  tell: (line: number, fault: string) => void,
): Given[] {
  const isList = flag.repeats && Array.isArray(node.value);
  const all = isList ? node.value as readonly JsonNode[] : [node];
  return all.flatMap((one) => {
    const text = flag.name === LISTEN
      ? listenerUrl(one, tell)
      : plainText(flag, one, tell);
    if (text === undefined) return [];
    return [{ text, label: flag.name, where: placeIn(path, one.line) }];
  });
}

function plainText(
  flag: Flag,
  node: JsonNode,
  tell: (line: number, fault: string) => void,
): string | undefined {
  const converted = textOfValue(flag, node);
  if (converted.fault === undefined) return converted.text;
  tell(node.line, `${flag.name} ${converted.fault}`);
  return undefined;
}

function unknownKey(name: string): string {
  const bare = name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase())
    .replaceAll("_", "-").replace(/^-+/, "");
  const guess = suggest(bare, FILE_FLAGS.map((flag) => flag.name));
  const hint = guess === undefined
    ? "each has the name of its flag, see --help"
    : `did you mean ${quoted(guess)}?`;
  return `there is no setting ${quoted(name)}; ${hint}`;
}
