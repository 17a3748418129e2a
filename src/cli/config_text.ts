/**
 * Settings as the text of a configuration file: what is given, with where it
 * comes from behind it, and what is not given as comments. What is printed
 * can be read again.
 *
 * @module
 */

import { valueOfText } from "./config_value.ts";
import { FILE_FLAGS } from "./flags.ts";
import { LISTEN, SCHEMA_KEY } from "./jsonc_config.ts";
import { listenerJson } from "./listener_json.ts";
import type { AllGiven, Given } from "./read_settings.ts";
import { escapeControls } from "./safe_text.ts";
import type { Flag } from "./settings.ts";

/** Where the schema is, beside the file. */
const SCHEMA_FILE = "./broker.schema.json";

/** What of the settings is printed. */
export interface ConfigTextOptions {
  /** Whether what is not given is printed too, as comments. */
  readonly hasDefaults: boolean;
  /** Whether each value has behind it where it comes from. */
  readonly hasOrigins: boolean;
}

/**
 * The text of a configuration file.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { configText } from "./config_text.ts";
 *
 * const port = { text: "1884", label: "--port", where: "" };
 * const text = configText(new Map([["port", [port]]]), {
 *   hasDefaults: false,
 *   hasOrigins: true,
 * });
 * assertStringIncludes(text, '"port": 1884, // --port');
 * ```
 */
export function configText(
  given: AllGiven,
  options: ConfigTextOptions,
): string {
  const lines = FILE_FLAGS.flatMap((flag) => {
    const all = given.get(flag.name) ?? [];
    if (all.length === 0) return options.hasDefaults ? [initial(flag)] : [];
    return flag.repeats
      ? listLines(flag, all, options)
      : [`"${flag.name}": ${line(flag, all.at(-1)!, options)}`];
  });
  const head = options.hasDefaults
    ? []
    : [`${JSON.stringify(SCHEMA_KEY)}: ${JSON.stringify(SCHEMA_FILE)},`];
  const body = [...head, ...lines].map((one) => `  ${one}\n`).join("");
  return `{\n${body}}\n`;
}

function initial({ name, initial }: Flag): string {
  return `// "${name}": ${initial} (default)`;
}

function listLines(
  flag: Flag,
  all: readonly Given[],
  options: ConfigTextOptions,
): string[] {
  return [
    `"${flag.name}": [`,
    ...all.map((one) => `  ${line(flag, one, options)}`),
    "],",
  ];
}

/** A value, its comma, and where it comes from. */
function line(
  flag: Flag,
  { label, text, where }: Given,
  { hasOrigins }: ConfigTextOptions,
): string {
  const value = JSON.stringify(shownValue(flag, text), undefined, 1);
  const json = value.replace(/\n\s*/g, " ").replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    asCode,
  );
  if (!hasOrigins) return `${json},`;
  return `${json}, // ${escapeControls(where === "" ? label : where)}`;
}

/** A setting as JSON; what is secret in it is hidden. */
export function shownValue(flag: Flag, text: string): unknown {
  if (flag.name === LISTEN) return listenerJson(text);
  return valueOfText(flag, flag.shown?.(text) ?? text);
}

function asCode(character: string): string {
  return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
}
