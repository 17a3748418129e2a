/**
 * What an operation of the API is: a path, what is asked, what is answered.
 * Which there are is in `http/api_table.ts`.
 *
 * @module
 */

import type { SchemaName } from "./api_schemas.ts";
import type { Schema } from "./json_schema.ts";

/** Something in the query of a request. */
export interface Parameter {
  /** What it can be: what it comes as is a text. */
  readonly schema: Schema;
  /** What it does: a sentence. */
  readonly says: string;
  /** Whether it must be there. */
  readonly isNeeded?: true;
}

/** An operation. */
export interface Operation {
  /** The method. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path behind `/api/v1`, with `{names}` in it. */
  readonly path: string;
  /** What it belongs to. */
  readonly tag: string;
  /** What it does, in a few words. */
  readonly says: string;
  /** What may stand in the query. */
  readonly query?: Readonly<Record<string, Parameter>>;
  /** What the body is; `isOptional` where there may be none. */
  readonly body?: { readonly schema: SchemaName; readonly isOptional?: true };
  /** The status of a success, and what it says. */
  readonly answer: { readonly status: number; readonly schema?: SchemaName };
  /** The statuses of what can go wrong beside what always can. */
  readonly faults: readonly number[];
  /** Whether anybody may ask. */
  readonly isOpen?: true;
}

/** What stands in a path for a name that is in the query. */
export const NAME_IN_QUERY = "-";

/**
 * What may stand in a query for the names in a path. Two names can't stand
 * in any: `.` and `..` mean another path to whoever reads URLs (RFC 3986
 * section 5.2.4), and `%2e` means the same (URL Standard, section 4.1).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { namesInQuery } from "./operation.ts";
 *
 * assertEquals(Object.keys(namesInQuery("/users/{userName}")), ["userName"]);
 * ```
 */
export function namesInQuery(path: string): Record<string, Parameter> {
  const parameter = {
    schema: { type: "string", minLength: 1 },
    says: "In place of the one in the path, which is " +
      `\`${NAME_IN_QUERY}\` then: for \`.\` and \`..\`.`,
  } as const;
  return Object.fromEntries(namesIn(path).map((name) => [name, parameter]));
}

/** The names in a path, without their braces. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

/** What stands before all paths. */
export const API_PREFIX = "/api/v1";

/** Items of a page unless it is said, and at most. */
export const PAGE_ITEMS = { usual: 100, most: 1000 } as const;

/** How all long lists are paged. */
export const PAGING: Readonly<Record<string, Parameter>> = {
  limit: {
    schema: {
      type: "integer",
      minimum: 1,
      maximum: PAGE_ITEMS.most,
      default: PAGE_ITEMS.usual,
    },
    says: "How many items at most.",
  },
  after: {
    schema: { type: "string" },
    says: "The `next` of the page before.",
  },
};

/** How a list is narrowed by a text. */
export const TEXT_FILTER: Parameter = {
  schema: { type: "string" },
  says: "Only those that have this text in a name, whatever the case.",
};

/** How a list is narrowed by topic. */
export const TOPIC_FILTER: Parameter = {
  schema: { type: "string" },
  says: "An MQTT topic filter; `#` unless given.",
};
