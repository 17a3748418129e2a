/**
 * What a JSON Schema says of a value, as far as the API's description uses
 * it: an oracle that shares no code with `src/`.
 */

// deno-lint-ignore-file no-explicit-any -- it is JSON, whatever that is

/** All that is wrong with `value`, with the path to each. */
export function faultsIn(
  schema: any,
  value: any,
  schemas: Record<string, any>,
  path = "$",
): string[] {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    if (!(name in schemas)) return [`${path}: no schema ${name}`];
    return faultsIn(schemas[name], value, schemas, path);
  }
  const faults: string[] = [];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type: string) => isA(type, value))) {
    return [`${path}: ${JSON.stringify(value)} is no ${types.join(" or ")}`];
  }
  if (schema.enum && !schema.enum.includes(value)) {
    faults.push(`${path}: ${JSON.stringify(value)} is none of ${schema.enum}`);
  }
  if (typeof value === "number" && value < (schema.minimum ?? -Infinity)) {
    faults.push(`${path}: ${value} is below ${schema.minimum}`);
  }
  if (schema.format === "date-time" && typeof value === "string") {
    const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
    if (!isTime) faults.push(`${path}: ${value} is no time`);
  }
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      faults.push(
        ...faultsIn(schema.items ?? {}, item, schemas, `${path}[${at}]`),
      );
    }
  } else if (value !== null && typeof value === "object") {
    faults.push(...faultsOfObject(schema, value, schemas, path));
  }
  return faults;
}

function faultsOfObject(
  schema: any,
  value: any,
  schemas: Record<string, any>,
  path: string,
): string[] {
  const { additionalProperties = true, properties = {} } = schema;
  const missing = (schema.required ?? [])
    .filter((name: string) => !(name in value))
    .map((name: string) => `${path}.${name} is missing`);
  const wrong = Object.entries(value).flatMap(([name, one]) => {
    const known = properties[name] ?? additionalProperties;
    if (known === true) return [];
    if (known === false) return [`${path}.${name} is not described`];
    return faultsIn(known, one, schemas, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

function isA(type: string, value: any): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "object":
      return value !== null && typeof value === "object" &&
        !Array.isArray(value);
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return value === true || value === false;
    default:
      return typeof value === "string";
  }
}
