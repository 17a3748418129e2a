/**
 * The description of the API in OpenAPI 3.1, made from the table of its
 * operations.
 *
 * @module
 */

import { VERSION } from "../base/version.ts";
import { SCHEMAS } from "./api_schemas.ts";
import { OPERATIONS } from "./api_table.ts";
import { ref, type Schema } from "./json_schema.ts";
import {
  API_PREFIX,
  namesIn,
  namesInQuery,
  type Operation,
} from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

/** What each status of a fault means here. */
export const FAULTS: Readonly<Record<number, string>> = {
  400: "What is asked is not as it should be.",
  401: "A token is needed, and this one is not good.",
  403: "The secret is wrong, or the page that asks is not ours.",
  404: "There is no such thing.",
  409: "That is not possible as things are.",
  413: "The body is too long.",
  415: "The body is not application/json.",
  421: "The port is to be asked for by its own name.",
  426: "This is a WebSocket.",
  429: "Too many requests: Retry-After says when to come again.",
  500: "A fault of the broker.",
};

/**
 * The whole description.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openApi } from "./openapi.ts";
 *
 * assertEquals(openApi()["openapi"], "3.1.0");
 * ```
 */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const path = paths[API_PREFIX + operation.path] ??= {};
    path[operation.method.toLowerCase()] = described(name, operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "@x/broker",
      version: VERSION,
      description: "What an operator sees and does. Requests with a body " +
        "have it in application/json.",
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "The secret of the first start, or a token of /login.",
        },
      },
    },
  };
}

function described(name: string, operation: Operation): Json {
  const { answer, body, isOpen, path, says, tag } = operation;
  const query = { ...operation.query, ...namesInQuery(path) };
  const inPath = namesIn(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([one, parameter]) => ({
    name: one,
    in: "query",
    required: parameter.isNeeded ?? false,
    description: parameter.says,
    schema: parameter.schema,
  }));
  const parameters = [...inPath, ...inQuery];
  return {
    operationId: name,
    tags: [tag],
    summary: says,
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: !body.isOptional,
        content: json(ref(body.schema)),
      },
    }),
    responses: {
      [answer.status]: {
        description: says,
        ...(answer.schema !== undefined && {
          content: json(ref(answer.schema)),
        }),
      },
      ...Object.fromEntries(
        faultsOf(operation).map((status) => [status, {
          description: FAULTS[status],
          content: json(ref("Fault")),
        }]),
      ),
    },
  };
}

/**
 * All statuses of what can go wrong with an operation.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { OPERATIONS } from "./api_table.ts";
 * import { faultsOf } from "./openapi.ts";
 *
 * assert(faultsOf(OPERATIONS.getClient).includes(404));
 * ```
 */
export function faultsOf(operation: Operation): number[] {
  const { body, faults, isOpen } = operation;
  return [
    400,
    ...(isOpen ? [] : [401]),
    ...(body === undefined ? [] : [413, 415]),
    403,
    421,
    429,
    500,
    ...faults,
  ].filter((status, at, all) => all.indexOf(status) === at).sort((a, b) =>
    a - b
  );
}

function json(schema: Schema): Json {
  return { "application/json": { schema } };
}
