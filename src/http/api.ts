/**
 * The API as routes: each operation of the table, with what was asked held
 * against its description, and its handler.
 *
 * @module
 */

import { SCHEMAS } from "./api_schemas.ts";
import { ApiFault } from "./api_fault.ts";
import { type OperationName, OPERATIONS } from "./api_table.ts";
import { checkValue } from "./check_value.ts";
import {
  API_PREFIX,
  NAME_IN_QUERY,
  namesInQuery,
  type Operation,
  type Parameter,
} from "./operation.ts";
import {
  faultAnswer,
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  jsonAnswer,
} from "./routes.ts";

/** What was asked, and is as it should be. */
export interface Asked {
  /** What stands in the path. */
  readonly names: Readonly<Record<string, string>>;
  /** What stands in the query; defaults are filled in. */
  readonly query: Readonly<Record<string, string | number | undefined>>;
  /** The body; an empty object when there is none. */
  readonly body: unknown;
  /** Who asks. */
  readonly address: string;
}

/** Does what was asked; returns what is answered. */
export type Handler = (asked: Asked) => unknown;

/** For some of the operations. */
export type Handlers<Name extends OperationName = OperationName> = Readonly<
  Record<Name, Handler>
>;

/** A body unless it is said. */
const BODY_BYTES_MAX = 64 << 10;
/** Bodies that hold a payload, or a file. */
const LONG_BODY_BYTES_MAX = 4 << 20;
const LONG_BODIES: readonly string[] = ["publish", "setRetained", "setAcl"];

/** The routes of the API. */
export function apiRoutes(handlers: Handlers): HttpRoute[] {
  const names = Object.keys(OPERATIONS) as OperationName[];
  return names.map((name) => routeOf(name, OPERATIONS[name], handlers[name]));
}

function routeOf(
  name: string,
  operation: Operation,
  handler: Handler,
): HttpRoute {
  const { answer, body, isOpen = false, method, path } = operation;
  return {
    method,
    path: API_PREFIX + path,
    isOpen,
    needsSecret: true,
    isWebSocket: answer.status === 101,
    ...(body !== undefined && {
      bodyBytesMax: LONG_BODIES.includes(name)
        ? LONG_BODY_BYTES_MAX
        : BODY_BYTES_MAX,
    }),
    answer: async (request) => {
      try {
        const value = await handler(askedBy(request, operation));
        return answered(answer.status, value);
      } catch (error) {
        if (!(error instanceof ApiFault)) throw error;
        const { code, headers, message, status } = error;
        return faultAnswer(status, code, message, headers);
      }
    },
  };
}

function answered(status: number, value: unknown): HttpAnswer {
  return status === 204 ? { status, body: "" } : jsonAnswer(status, value);
}

function askedBy(request: HttpRequest, operation: Operation): Asked {
  const { address } = request;
  const query = queryOf(request.query, {
    ...operation.query,
    ...namesInQuery(operation.path),
  });
  const names = namesOf(request, query);
  return { names, query, body: bodyOf(request, operation), address };
}

/** Those in the path, or in the query in their place. */
function namesOf({ names }: HttpRequest, query: Asked["query"]) {
  const all: Record<string, string> = { ...names };
  for (const [name, level] of Object.entries(names)) {
    const other = query[name];
    if (other === undefined) continue;
    if (level !== NAME_IN_QUERY) {
      const message = `where ${name} is in the query, ${NAME_IN_QUERY} has ` +
        "to stand for it in the path";
      throw badRequest(message);
    }
    all[name] = String(other);
  }
  return all;
}

function queryOf(
  query: URLSearchParams,
  parameters: Readonly<Record<string, Parameter>>,
): Asked["query"] {
  const values: Record<string, string | number | undefined> = {};
  for (const [name, text] of query) {
    const parameter = Object.hasOwn(parameters, name)
      ? parameters[name]
      : undefined;
    if (parameter === undefined) {
      throw badRequest(`the query has an unknown ${JSON.stringify(name)}`);
    }
    const isNumber = parameter.schema.type === "integer";
    const value = isNumber && /^\d{1,15}$/.test(text) ? Number(text) : text;
    const fault = checkValue(parameter.schema, value, name, SCHEMAS);
    if (fault !== undefined) throw badRequest(fault);
    values[name] = value;
  }
  for (const [name, { isNeeded, schema }] of Object.entries(parameters)) {
    if (name in values) continue;
    if (isNeeded) throw badRequest(`the query lacks ${name}`);
    if (typeof schema.default === "number") values[name] = schema.default;
  }
  return values;
}

function bodyOf(request: HttpRequest, { body }: Operation): unknown {
  if (body === undefined) return {};
  const { length } = request.body;
  if (length === 0 && body.isOptional) return {};
  const [type = ""] = request.header("content-type").split(";");
  // A page of somebody else can't say so without asking first.
  if (type.trim().toLowerCase() !== "application/json") {
    throw new ApiFault(
      415,
      "not_json",
      "a body is needed, and Content-Type: application/json",
    );
  }
  const value = parsed(request.body);
  const fault = checkValue(SCHEMAS[body.schema], value, "", SCHEMAS);
  if (fault?.startsWith(" ")) throw badRequest(`the body${fault}`);
  if (fault !== undefined) throw badRequest(fault);
  return value;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw badRequest("the body is not JSON in UTF-8");
  }
}

function badRequest(message: string): ApiFault {
  return new ApiFault(400, "bad_request", message);
}
