/**
 * Holds what was asked against the schema that describes it.
 *
 * @module
 */

import { type JsonType, referred, type Schema } from "./json_schema.ts";

/** Schemas by the names that references use. */
export type Schemas = Readonly<Record<string, Schema>>;

/**
 * What is wrong with a value; `undefined` when nothing is.
 *
 * @param where How a sentence about it begins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkValue } from "./check_value.ts";
 *
 * const schema = { type: "integer", maximum: 9 } as const;
 * assertEquals(checkValue(schema, 9, "qos", {}), undefined);
 * assertEquals(checkValue(schema, 10, "qos", {}), "qos must be at most 9");
 * ```
 */
export function checkValue(
  schema: Schema,
  value: unknown,
  where: string,
  schemas: Schemas,
): string | undefined {
  if (schema.$ref !== undefined) {
    return checkValue(schemas[referred(schema.$ref)]!, value, where, schemas);
  }
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  const type = typeOf(value);
  const isTyped = types === undefined || types.includes(type) ||
    type === "integer" && types.includes("number");
  if (!isTyped) return `${where} must be ${types!.join(" or ")}`;
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    return `${where} must be one of ${schema.enum.map(String).join(", ")}`;
  }
  if (typeof value === "number") return checkNumber(schema, value, where);
  if (typeof value === "string") return checkText(schema, value, where);
  if (Array.isArray(value)) return checkItems(schema, value, where, schemas);
  if (type !== "object") return undefined;
  return checkObject(schema, value as Schemas, where, schemas);
}

function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return typeof value as JsonType;
}

function checkNumber(
  { maximum, minimum }: Schema,
  value: number,
  where: string,
): string | undefined {
  if (minimum !== undefined && value < minimum) {
    return `${where} must be at least ${minimum}`;
  }
  if (maximum !== undefined && value > maximum) {
    return `${where} must be at most ${maximum}`;
  }
  return undefined;
}

function checkText(
  { maxLength, minLength }: Schema,
  text: string,
  where: string,
): string | undefined {
  if (!text.isWellFormed()) return `${where} is no Unicode text`;
  const { length } = text;
  if (length < (minLength ?? 0)) return `${where} must not be empty`;
  if (maxLength === undefined || length <= maxLength) return undefined;
  return `${where} must have at most ${maxLength} characters`;
}

function checkItems(
  { items, maxItems }: Schema,
  values: readonly unknown[],
  where: string,
  schemas: Schemas,
): string | undefined {
  if (maxItems !== undefined && values.length > maxItems) {
    return `${where} must have at most ${maxItems} items`;
  }
  if (items === undefined) return undefined;
  for (const [at, value] of values.entries()) {
    const fault = checkValue(items, value, `${where}[${at}]`, schemas);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkObject(
  { additionalProperties = true, properties = {}, required = [] }: Schema,
  object: Readonly<Record<string, unknown>>,
  where: string,
  schemas: Schemas,
): string | undefined {
  for (const name of required) {
    if (!Object.hasOwn(object, name)) {
      return `${inside(where, name)} is missing`;
    }
  }
  for (const [name, value] of Object.entries(object)) {
    const known = Object.hasOwn(properties, name)
      ? properties[name]!
      : additionalProperties;
    if (known === true) continue;
    const label = inside(where, name);
    if (known === false) return `${label} is not known here`;
    const fault = checkValue(known, value, label, schemas);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function inside(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}
