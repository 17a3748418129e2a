/**
 * `-D PACKET NAME VALUE`: a property of MQTT 5.0, by its name in the
 * standard.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import { PROPERTIES, type Property } from "../codec/property.ts";
import type { Properties } from "../codec/properties.ts";
import type { ClientSettings, DressedPacket } from "./client_settings.ts";
import { parseWhole } from "./client_values.ts";
import { quoted, UsageError } from "./usage_error.ts";
import { parseChoice } from "./words.ts";

const PACKETS: readonly DressedPacket[] = [
  "CONNECT",
  "PUBLISH",
  "will",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "DISCONNECT",
];

const MOST = {
  byte: 1,
  flag: 1,
  uint16: 65_535,
  uint32: 0xffffffff,
  variable: 268_435_455,
} as const;

/** What a text or a field may have, bytes. */
const FIELD_BYTES_MAX = 65_535;

/**
 * `before`, and one property more.
 *
 * @param words The packet, the name, and the value; of a user property its
 * name and its value.
 * @throws {UsageError} When there is no such property, or not there, or its
 * value is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dressed } from "./property_flag.ts";
 *
 * const one = dressed({}, ["publish", "content-type", "text/plain"]);
 * assertEquals(
 *   dressed(one, ["publish", "user-property", "a", "b"]),
 *   { PUBLISH: { contentType: "text/plain", userProperties: [["a", "b"]] } },
 * );
 * ```
 */
export function dressed(
  before: ClientSettings["properties"],
  words: readonly string[],
): ClientSettings["properties"] {
  const [first = "", name = "", ...values] = words;
  const packet = parseChoice(first, PACKETS, "the packet of --property");
  const property = propertyNamed(name, packet);
  const { field, type } = property;
  const wanted = type === "pair" ? 2 : 1;
  if (values.length !== wanted) {
    const shape = wanted === 2 ? "a name and a value" : "a value";
    throw new UsageError(`--property ${first} ${name} needs ${shape}`);
  }
  const old = before[packet] ?? {};
  const value = valueOf(property, values);
  const more: Properties = type === "pair" || type === "variable"
    ? { [field]: [...(type === "pair" ? listOf(old) : []), value] }
    : { [field]: value };
  return { ...before, [packet]: { ...old, ...more } };
}

function listOf({ userProperties = [] }: Properties) {
  return userProperties;
}

function allowed(packet: DressedPacket): Property[] {
  return PROPERTIES.filter(({ field, packets }) =>
    // [MQTT-3.3.4-6] of 5.0: those of a PUBLISH are the broker's.
    packets.includes(packet) &&
    !(packet === "PUBLISH" && field === "subscriptionIds")
  );
}

function propertyNamed(name: string, packet: DressedPacket): Property {
  const found = allowed(packet).find((one) => flagName(one) === name);
  if (found !== undefined) return found;
  const names = allowed(packet).map(flagName);
  const guess = suggest(name, names);
  throw new UsageError(
    `${quoted(name)} is no property of ${packet}; ` +
      (guess === undefined
        ? `those are ${names.join(", ")}`
        : `did you mean ${guess}?`),
  );
}

/** `content-type` for Content Type, as Mosquitto's clients have it. */
function flagName({ name }: Property): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

function valueOf(
  property: Property,
  values: readonly string[],
): number | boolean | string | Uint8Array | readonly string[] {
  const [text = ""] = values;
  const { type, isNeverZero } = property;
  const label = `the value of ${flagName(property)}`;
  for (const value of values) {
    const { length } = new TextEncoder().encode(value);
    if (length <= FIELD_BYTES_MAX) continue;
    throw new UsageError(`${label} may have 65,535 bytes at most`);
  }
  switch (type) {
    case "text":
      return text;
    case "binary":
      return new TextEncoder().encode(text);
    case "pair":
      return values;
    default: {
      const least = isNeverZero ? 1 : 0;
      const range = { least, most: MOST[type], unit: "" };
      const value = parseWhole(text, range, label);
      return type === "flag" ? value === 1 : value;
    }
  }
}
