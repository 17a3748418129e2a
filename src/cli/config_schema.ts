/**
 * The JSON Schema of a configuration file, made from the list of flags:
 * editors complete and check names and values by it.
 *
 * @module
 */

import { type Described, kindOf } from "./config_value.ts";
import { FILE_FLAGS } from "./flags.ts";
import { LISTEN, SCHEMA_KEY } from "./jsonc_config.ts";
import { URL_KEY } from "./listener_json.ts";
import { LISTENER_OPTIONS } from "./listener_options.ts";
import { unitPattern } from "./quantity.ts";
import type { Flag } from "./settings.ts";

/** A JSON Schema, as far as it is used here. */
export interface Schema {
  /** The version of JSON Schema. */
  readonly $schema?: string;
  /** For people. */
  readonly title?: string;
  /** For people. */
  readonly description?: string;
  /** What a value is. */
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  /** The values that there are. */
  readonly enum?: readonly string[];
  /** What a text looks like. */
  readonly pattern?: string;
  /** How long a text is at least. */
  readonly minLength?: number;
  /** The least number. */
  readonly minimum?: number;
  /** The greatest number. */
  readonly maximum?: number;
  /** A value has to fit one of them. */
  readonly anyOf?: readonly Schema[];
  /** What is in a list. */
  readonly items?: Schema;
  /** What is in an object. */
  readonly properties?: Readonly<Record<string, Schema>>;
  /** What has to be in an object. */
  readonly required?: readonly string[];
  /** Whether there can be others. */
  readonly additionalProperties?: false;
}

const TEXT: Schema = { type: "string", minLength: 1 };

/**
 * The schema of a configuration file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configSchema } from "./config_schema.ts";
 *
 * const { properties } = configSchema();
 * assertEquals(properties!["one-port"]!.type, "boolean");
 * ```
 */
export function configSchema(): Schema {
  const properties: Record<string, Schema> = { [SCHEMA_KEY]: TEXT };
  for (const flag of FILE_FLAGS) properties[flag.name] = flagSchema(flag);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "broker.jsonc",
    type: "object",
    properties,
    additionalProperties: false,
  };
}

function flagSchema(flag: Flag): Schema {
  const one = flag.name === LISTEN ? listenerSchema() : valueSchema(flag);
  const hint = flag.initial === "" ? "" : ` [${flag.initial}]`;
  const description = flag.says + hint;
  return flag.repeats
    ? { description, ...orList(one) }
    : { description, ...one };
}

/** A listener: a URL, or an object. */
function listenerSchema(): Schema {
  const properties: Record<string, Schema> = {
    [URL_KEY]: { description: "Where to listen: mqtt://HOST:PORT.", ...TEXT },
  };
  for (const option of LISTENER_OPTIONS) {
    const one = valueSchema(option);
    properties[option.name] = {
      description: option.says,
      ...(option.repeats ? orList(one) : one),
    };
  }
  const object: Schema = {
    type: "object",
    properties,
    required: [URL_KEY],
    additionalProperties: false,
  };
  return { anyOf: [TEXT, object] };
}

function valueSchema(of: Described): Schema {
  const { range, words } = of;
  if (kindOf(of) === "switch") return { type: "boolean" };
  if (range !== undefined) {
    const { least, most, unit } = range;
    const number: Schema = { type: "integer", minimum: least, maximum: most };
    const text: Schema = { type: "string", pattern: unitPattern(unit) };
    return { anyOf: [number, text] };
  }
  return words === undefined ? TEXT : { type: "string", enum: words };
}

function orList(one: Schema): Schema {
  return { anyOf: [...one.anyOf ?? [one], { type: "array", items: one }] };
}
