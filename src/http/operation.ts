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
