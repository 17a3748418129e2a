/**
 * JSON Schema, as far as the API is described by it, and short ways to write
 * the forms that come again and again.
 *
 * @module
 */

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export interface Schema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly (string | number | null)[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly default?: string | number | boolean;
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
}

/** What a value of JSON can be. */
export type JsonType =
  | "object"
  | "array"
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "null";

const REFERENCE = "#/components/schemas/";

/** The schema that has this name among all of them. */
export function ref(name: string): Schema {
  return { $ref: REFERENCE + name };
}

/**
 * The name in a reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ref, referred } from "./json_schema.ts";
 *
 * assertEquals(referred(ref("Client").$ref!), "Client");
 * ```
 */
export function referred(reference: string): string {
  return reference.slice(REFERENCE.length);
}

/** An object that has all of these, and nothing else. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  description = "",
): Schema {
  return objectWith(properties, Object.keys(properties), description);
}

/** An object that may have these, has those, and nothing else. */
export function objectWith(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
  description = "",
): Schema {
  return {
    type: "object",
    ...(description !== "" && { description }),
    properties,
    required,
    additionalProperties: false,
  };
}

/** A page of a list. */
export function page(item: Schema): Schema {
  return object({
    items: { type: "array", items: item },
    total: integer("How many there are in all."),
    next: {
      type: ["string", "null"],
      description: "What `after` is for the next page; null on the last.",
    },
  });
}

/** A list that is always whole. */
export function whole(item: Schema): Schema {
  return object({ items: { type: "array", items: item } });
}

/** A text. */
export function text(description: string): Schema {
  return { type: "string", description };
}

/** A text or null. */
export function textOrNull(description: string): Schema {
  return { type: ["string", "null"], description };
}

/** A whole number that is not below zero. */
export function integer(description: string): Schema {
  return { type: "integer", minimum: 0, description };
}

/** A number. */
export function number(description: string): Schema {
  return { type: "number", description };
}

/** A number or null. */
export function numberOrNull(description: string): Schema {
  return { type: ["number", "null"], description };
}

/** Yes or no. */
export function yes(description: string): Schema {
  return { type: "boolean", description };
}

/** A moment. */
export function time(description: string): Schema {
  return { type: "string", format: "date-time", description };
}

/** A moment or null. */
export function timeOrNull(description: string): Schema {
  return { type: ["string", "null"], format: "date-time", description };
}

/** One of a few words. */
export function word(words: readonly string[], description: string): Schema {
  return { type: "string", enum: words, description };
}

/** Numbers by names that are not known beforehand. */
export function counts(description: string): Schema {
  return {
    type: "object",
    additionalProperties: { type: "number" },
    description,
  };
}
