/**
 * The JSON Schema of a configuration file against what is really read: what
 * one of them takes the other takes, flag by flag and option by option.
 */

import { assert, assertEquals } from "@std/assert";
import { configSchema, type Schema } from "../../src/cli/config_schema.ts";
import { type Described, kindOf } from "../../src/cli/config_value.ts";
import { FILE_FLAGS } from "../../src/cli/flags.ts";
import { readJsoncConfig } from "../../src/cli/jsonc_config.ts";
import { LISTENER_OPTIONS } from "../../src/cli/listener_options.ts";
import { readSettings } from "../../src/cli/read_settings.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const SCHEMA = configSchema();

/** Values of every type, good and bad. */
const SAMPLES: readonly unknown[] = [
  ...[true, false, null, [], {}, "", "x", "yes", "1", "64KiB", "10s", "1.5"],
  ...[-1, 0, 1, 2, 3, 1.5, 65_535, 65_536, 2 ** 31, 2 ** 40, 2 ** 41],
  ...[["x"], [1], ["a.example:1", 1], "10 kib", "5 M", "1 Min", "2x"],
];

/** The few keywords that the schema has. */
function fits(value: unknown, schema: Schema): boolean {
  const { anyOf, pattern, properties, required, items } = schema;
  if (anyOf !== undefined && !anyOf.some((one) => fits(value, one))) {
    return false;
  }
  switch (schema.type) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value) && Number(value) >= schema.minimum! &&
        Number(value) <= schema.maximum!;
    case "string":
      return typeof value === "string" &&
        value.length >= (schema.minLength ?? 0) &&
        (schema.enum?.includes(value) ?? true) &&
        (pattern === undefined || new RegExp(pattern).test(value));
    case "array":
      return Array.isArray(value) && value.every((one) => fits(one, items!));
    case "object":
      return typeof value === "object" && value !== null &&
        !Array.isArray(value) &&
        (required ?? []).every((name) => Object.hasOwn(value, name)) &&
        Object.entries(value).every(([name, one]) =>
          Object.hasOwn(properties!, name) && fits(one, properties![name]!)
        );
    default:
      return true;
  }
}

/** Whether a broker takes it, and what the flag needs beside it. */
function isRead(config: Record<string, unknown>): boolean {
  try {
    readSettings([], {}, readJsoncConfig(JSON.stringify(config), "f"));
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** Compares the two; `config` makes a whole file of a value. */
function compare(
  of: Described,
  config: (value: unknown) => Record<string, unknown>,
): void {
  let count = 0;
  for (const value of [...SAMPLES, ...of.words ?? []]) {
    const isGood = fits(config(value), SCHEMA);
    const isTaken = isRead(config(value));
    const what = `${of.name}: ${JSON.stringify(value)}`;
    if (isTaken) assert(isGood, `${what} is read`);
    // A schema knows the form of texts, and not what they mean.
    const isText = typeof value === "string" || Array.isArray(value);
    const isPlain = kindOf(of) === "text" ? !isText : !Array.isArray(value);
    const isRange = kindOf(of) === "number" && isText;
    if (isGood && isPlain && !isRange && !isObject(value)) {
      assert(isTaken, `${what} is in the schema`);
    }
    if (isTaken) count++;
  }
  assert(count > 0 || kindOf(of) === "text", `${of.name} takes no sample`);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a flag needs beside it. */
const NEEDED: Readonly<Record<string, string>> = {
  "jwt-key": "k",
  "http-login": "https://a.example/",
};

for (const flag of FILE_FLAGS) {
  Deno.test(`the schema of ${flag.name} is what is read`, () => {
    const { needs } = flag;
    const beside = needs === undefined ? {} : { [needs]: NEEDED[needs] };
    compare(flag, (value) => ({ ...beside, [flag.name]: value }));
  });
}

for (const option of LISTENER_OPTIONS) {
  Deno.test(`the schema of a listener's ${option.name} is what is read`, () => {
    const isUnix = !option.at.includes("any");
    const url = isUnix ? "unix:///s" : "any://[::1]:1";
    compare(option, (value) => ({ listen: [{ url, [option.name]: value }] }));
  });
}

Deno.test("the schema has each setting and no other", () => {
  const names = FILE_FLAGS.map(({ name }) => name);
  assertEquals(
    Object.keys(SCHEMA.properties!).sort(),
    ["$schema", ...names]
      .sort(),
  );
  assertEquals(fits({ prot: 1 }, SCHEMA), false);
  assertEquals(fits({ listen: [{ url: "h:1", muont: "a" }] }, SCHEMA), false);
  assertEquals(fits({ listen: [{ mount: "a" }] }, SCHEMA), false);
});

Deno.test("the schema says what each setting does", () => {
  for (const { name, says } of FILE_FLAGS) {
    assert(SCHEMA.properties![name]!.description!.startsWith(says), name);
  }
});
