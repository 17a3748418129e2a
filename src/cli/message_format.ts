/**
 * What `broker sub -F` prints of a message: the forms of `mosquitto_sub`.
 *
 * @module
 */

import type { ReceivedMessage } from "../client/received_message.ts";
import { joined } from "./byte_pieces.ts";
import { messageJson } from "./message_json.ts";
import { isoTime, timeField } from "./local_time.ts";

/** How to print. */
export interface PrintOptions {
  /** The form; `%p`, or `%t %p` where that is wanted, unless given. */
  readonly format: string;
  /** Whether JSON stands in several lines. */
  readonly isPretty: boolean;
  /** When the message came. */
  readonly at: Date;
}

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly letter: string; readonly pad: Padding }
  | { readonly kind: "time"; readonly letter: string };

/** `%-08.3t`: to the left, with zeros, at least 8 and at most 3 wide. */
interface Padding {
  readonly isLeft: boolean;
  readonly fill: string;
  readonly widthLeast: number;
  readonly widthMost: number;
}

const FIELDS = "%ACDEFIJPRSUXjlmpqrtx";
/** What zeros may stand before. */
const NUMBERS = "AEFlmqr";
/** What is never cut. */
const WHOLE = `${NUMBERS}pxXjJ`;
const TIMES = "@AaBbCcDdeFGgHIjklMmNnpRrSsTtUuVvWwXxYyZz";
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const ANY = Number.POSITIVE_INFINITY;

/**
 * What is wrong with a format, in words; `undefined` when nothing is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatFault } from "./message_format.ts";
 *
 * assertEquals(formatFault("%t %p"), undefined);
 * assertEquals(formatFault("%y"), "no %y");
 * ```
 */
export function formatFault(format: string): string | undefined {
  const pieces = piecesOf(format);
  return typeof pieces === "string" ? pieces : undefined;
}

/**
 * A message as bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatMessage } from "./message_format.ts";
 *
 * const message = {
 *   topic: "room/1",
 *   payload: new TextEncoder().encode("20.5"),
 *   qos: 1 as const,
 *   retain: false,
 *   dup: false,
 *   packetId: 7,
 *   properties: {},
 * };
 * const options = { format: "%t %q %x", isPretty: false, at: new Date() };
 * const bytes = formatMessage(message, options);
 * assertEquals(new TextDecoder().decode(bytes), "room/1 1 32302e35");
 * ```
 */
export function formatMessage(
  message: ReceivedMessage,
  options: PrintOptions,
): Uint8Array {
  const pieces = piecesOf(options.format);
  if (typeof pieces === "string") throw new TypeError(pieces);
  return joined(pieces.map((piece) => {
    switch (piece.kind) {
      case "text":
        return utf8(piece.text);
      case "time":
        return utf8(timeField(options.at, piece.letter));
      case "field":
        return padded(fieldOf(message, piece.letter, options), piece.pad);
    }
  }));
}

/** The pieces of a format, or what is wrong with it. */
function piecesOf(format: string): Piece[] | string {
  const pieces: Piece[] = [];
  const form =
    /%(-?)(0?)(\d{0,5})(?:\.(\d{0,5}))?(.?)|@(.?)|\\(.?)|[^%@\\]+/gsu;
  for (const match of format.matchAll(form)) {
    const [all, left, zero, width, most, field, time, escape] = match;
    if (field !== undefined) {
      if (field === "" || !FIELDS.includes(field)) return `no %${field}`;
      pieces.push({
        kind: "field",
        letter: field,
        pad: {
          isLeft: left === "-",
          fill: zero === "0" && NUMBERS.includes(field) ? "0" : " ",
          widthLeast: Number(width),
          widthMost: most === undefined || WHOLE.includes(field)
            ? ANY
            : Number(most),
        },
      });
    } else if (time !== undefined) {
      if (time === "" || !TIMES.includes(time)) return `no @${time}`;
      pieces.push({ kind: "time", letter: time });
    } else if (escape !== undefined) {
      const text = ESCAPES[escape];
      if (text === undefined) return `no \\${escape}`;
      pieces.push({ kind: "text", text });
    } else pieces.push({ kind: "text", text: all });
  }
  return pieces;
}

function fieldOf(
  message: ReceivedMessage,
  letter: string,
  { isPretty, at }: PrintOptions,
): Uint8Array {
  const { payload } = message;
  switch (letter) {
    case "p":
      return payload;
    case "D":
      return message.properties.correlationData ?? utf8("");
    case "x":
      return utf8(hex(payload));
    case "X":
      return utf8(hex(payload).toUpperCase());
    case "j":
    case "J": {
      const isPayloadJson = letter === "J";
      return utf8(messageJson(message, { isPayloadJson, isPretty, at }));
    }
    case "I":
      return utf8(isoTime(at));
    case "U":
      return utf8(`${timeField(at, "s")}.${timeField(at, "N")}`);
    default:
      return utf8(textOf(message, letter));
  }
}

function textOf(
  { topic, payload, qos, retain, packetId, properties }: ReceivedMessage,
  letter: string,
): string {
  switch (letter) {
    case "t":
      return topic;
    case "l":
      return `${payload.length}`;
    case "m":
      return `${packetId}`;
    case "q":
      return `${qos}`;
    case "r":
      return retain ? "1" : "0";
    case "A":
      return `${properties.topicAlias ?? ""}`;
    case "C":
      return properties.contentType ?? "";
    case "E":
      return `${properties.messageExpirySeconds ?? ""}`;
    case "F":
      return `${properties.payloadFormat ?? ""}`;
    case "P":
      return (properties.userProperties ?? [])
        .map(([name, value]) => `${name}:${value}`).join(" ");
    case "R":
      return properties.responseTopic ?? "";
    case "S":
      return (properties.subscriptionIds ?? []).join(" ");
    default:
      return "%";
  }
}

function padded(bytes: Uint8Array, pad: Padding): Uint8Array {
  const cut = bytes.subarray(0, Math.min(bytes.length, pad.widthMost));
  const missing = pad.widthLeast - cut.length;
  if (missing <= 0) return cut;
  const fill = pad.isLeft ? " " : pad.fill;
  const space = utf8(fill.repeat(missing));
  return joined(pad.isLeft ? [cut, space] : [space, cut]);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
