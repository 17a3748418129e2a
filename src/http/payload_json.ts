/**
 * Payloads and properties of messages as JSON, and back.
 *
 * @module
 */

import type { Message } from "../codec/message.ts";
import type { Properties } from "../codec/properties.ts";
import { ApiFault } from "./api_fault.ts";

/** A payload: a text where it is UTF-8, else base64. */
export type PayloadJson =
  | { readonly payload: string }
  | { readonly payloadBase64: string };

/** How messages are asked for. */
export interface MessageOrder {
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly properties?: PropertiesJson;
}

/** The properties that a publisher gives. */
export interface PropertiesJson {
  readonly payloadFormat?: number;
  readonly messageExpirySeconds?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationDataBase64?: string;
  readonly userProperties?: readonly (readonly string[])[];
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A character that was cut is at most so much too short. */
const CUT_BYTES_MAX = 3;

/**
 * A payload.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { payloadJson } from "./payload_json.ts";
 *
 * assertEquals(payloadJson(Uint8Array.of(0x61)), { payload: "a" });
 * assertEquals(payloadJson(Uint8Array.of(0xff)), { payloadBase64: "/w==" });
 * ```
 */
export function payloadJson(bytes: Uint8Array): PayloadJson {
  try {
    return { payload: decoder.decode(bytes) };
  } catch {
    return { payloadBase64: bytes.toBase64() };
  }
}

/** The beginning of a payload. */
export function cutPayload(
  bytes: Uint8Array,
  bytesMax: number,
): PayloadJson & { readonly isCut: boolean } {
  if (bytes.length <= bytesMax) return { ...payloadJson(bytes), isCut: false };
  for (let short = 0; short <= CUT_BYTES_MAX; short++) {
    const json = payloadJson(bytes.subarray(0, bytesMax - short));
    if ("payload" in json) return { ...json, isCut: true };
  }
  const json = { payloadBase64: bytes.subarray(0, bytesMax).toBase64() };
  return { ...json, isCut: true };
}

/**
 * The payload that was asked for.
 *
 * @throws {ApiFault} When it is none.
 */
export function payloadOf({ payload, payloadBase64 }: MessageOrder) {
  if (payloadBase64 === undefined) {
    return new TextEncoder().encode(payload ?? "");
  }
  if (payload !== undefined) {
    throw new ApiFault(400, "bad_request", "one payload is enough");
  }
  return bytesOf(payloadBase64, "payloadBase64");
}

/** Properties as JSON. */
export function propertiesJson({ properties }: Message): PropertiesJson {
  const { correlationData, userProperties } = properties;
  const { contentType, messageExpirySeconds, payloadFormat, responseTopic } =
    properties;
  return {
    ...(payloadFormat !== undefined && { payloadFormat }),
    ...(messageExpirySeconds !== undefined && { messageExpirySeconds }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && {
      correlationDataBase64: correlationData.toBase64(),
    }),
    ...(userProperties !== undefined && { userProperties }),
  };
}

/**
 * The properties that were asked for.
 *
 * @throws {ApiFault} When they are none.
 */
export function propertiesOf({ properties = {} }: MessageOrder): Properties {
  const { correlationDataBase64: base64, userProperties, ...plain } =
    properties;
  return {
    ...plain,
    ...(base64 !== undefined && {
      correlationData: bytesOf(base64, "correlationDataBase64"),
    }),
    ...(userProperties !== undefined && {
      userProperties: userProperties.map(pairOf),
    }),
  };
}

function pairOf(pair: readonly string[]): readonly [string, string] {
  const [name, value] = pair;
  if (name !== undefined && value !== undefined) return [name, value];
  throw new ApiFault(400, "bad_request", "userProperties are pairs");
}

function bytesOf(base64: string, name: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    throw new ApiFault(400, "bad_request", `${name} is no base64`);
  }
}
