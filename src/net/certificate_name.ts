/**
 * Who a certificate was made for, and until when, out of its DER bytes: both
 * runtimes give those, while each has its own words for what is in them. The
 * certificate has been verified before; here nothing is trusted but its form.
 *
 * @module
 */

import type { CertificateName } from "../auth/authenticator.ts";

/** One element of DER: what it is, and where its content lies. */
interface Element {
  readonly tag: number;
  /** The first byte of the element itself. */
  readonly at: number;
  /** The first byte of the content. */
  readonly start: number;
  /** Behind the last byte of the content. */
  readonly end: number;
}

const OID = 0x06;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** `[0]`, which holds the version of the certificate. */
const VERSION = 0xa0;
const CN = "2.5.4.3";

/** Names of RFC 4514, and those that OpenSSL and Mosquitto add to them. */
const NAMES: Readonly<Record<string, string>> = {
  [CN]: "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.42": "GN",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

/** By the tag of the text. */
const DECODERS: Readonly<Record<number, string>> = {
  0x0c: "utf-8", // UTF8String
  0x12: "utf-8", // NumericString
  0x13: "utf-8", // PrintableString
  0x14: "latin1", // TeletexString, as it is used
  0x16: "utf-8", // IA5String
  0x1e: "utf-16be", // BMPString
};

/** What a certificate says. */
class Certificate implements CertificateName {
  readonly commonName: string | undefined;
  readonly subject: string | undefined;
  readonly #untilMs: number;

  constructor(
    commonName: string | undefined,
    subject: string | undefined,
    untilMs: number,
  ) {
    this.commonName = commonName;
    this.subject = subject;
    this.#untilMs = untilMs;
  }

  get validMs(): number {
    return this.#untilMs - Date.now();
  }
}

/**
 * The name in a certificate, and for how long it is valid.
 *
 * The common name is there only where exactly one is, and no control
 * character in it: what is a user's name must not be a matter of taste.
 *
 * @param der The certificate.
 * @returns Nothing at all when the bytes are no certificate.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { certificateName } from "./certificate_name.ts";
 *
 * assertEquals(certificateName(new Uint8Array([1, 2, 3])), undefined);
 * ```
 */
export function certificateName(der: Uint8Array): CertificateName | undefined {
  try {
    return nameIn(der);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      return undefined; // not DER, or a text that is none
    }
    throw error;
  }
}

function nameIn(der: Uint8Array): CertificateName {
  const { name, validity } = fieldsOf(der);
  const commonNames: string[] = [];
  const subject: string[] = [];
  for (const relative of children(der, name, SET)) {
    const parts: string[] = [];
    for (const part of children(der, relative, SEQUENCE)) {
      const [type, value] = children(der, part);
      if (type?.tag !== OID || value === undefined) throw new RangeError();
      const oid = oidOf(der, type);
      const text = textOf(der, value);
      if (oid === CN) commonNames.push(text ?? "");
      parts.unshift(attribute(oid, text, der.subarray(value.at, value.end)));
    }
    // RFC 4514 section 2.1: the last comes first. Inside of one that has
    // several values any order is good, and OpenSSL has this one.
    subject.unshift(parts.join("+"));
  }
  const [commonName = ""] = commonNames;
  const isName = commonNames.length === 1 && !hasControls(commonName);
  const [, end] = children(der, validity);
  return new Certificate(
    isName && commonName !== "" ? commonName : undefined,
    subject.length > 0 ? subject.join(",") : undefined,
    timeOf(der, end),
  );
}

/**
 * RFC 5280 section 4.1: the fifth and the sixth of its fields, or those before
 * them in old ones.
 */
function fieldsOf(der: Uint8Array): { validity: Element; name: Element } {
  const whole = elementAt(der, 0, der.length);
  const [signed] = children(der, whole, undefined);
  if (signed === undefined) throw new RangeError();
  const fields = children(der, signed);
  const at = fields[0]?.tag === VERSION ? 4 : 3;
  const validity = fields[at];
  const name = fields[at + 1];
  if (validity?.tag !== SEQUENCE || name?.tag !== SEQUENCE) {
    throw new RangeError();
  }
  return { validity, name };
}

/** RFC 5280 section 4.1.2.5; TLS takes no other form of it either. */
function timeOf(der: Uint8Array, element: Element | undefined): number {
  if (element === undefined) throw new RangeError();
  const { tag, start, end } = element;
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) throw new RangeError();
  const text = String.fromCharCode(...der.subarray(start, end));
  const yearDigits = tag === UTC_TIME ? 2 : 4;
  if (!/^[0-9]+Z$/.test(text) || text.length !== yearDigits + 11) {
    throw new RangeError();
  }
  const year = Number(text.slice(0, yearDigits));
  const century = tag === GENERALIZED_TIME ? 0 : year < 50 ? 2000 : 1900;
  const [month, ...rest] = text.slice(yearDigits).match(/[0-9]{2}/g)!
    .map(Number) as [number, number, number, number, number];
  return Date.UTC(century + year, month - 1, ...rest);
}

/** What is in an element; all of it `tag` when one is given. */
function children(
  der: Uint8Array,
  { start, end }: Element,
  tag?: number,
): Element[] {
  const found: Element[] = [];
  for (let at = start; at < end;) {
    const element = elementAt(der, at, end);
    if (tag !== undefined && element.tag !== tag) throw new RangeError();
    found.push(element);
    at = element.end;
  }
  return found;
}

function elementAt(der: Uint8Array, at: number, end: number): Element {
  if (at + 2 > end) throw new RangeError();
  let length = der[at + 1]!;
  let start = at + 2;
  if (length >= 0x80) {
    const size = length - 0x80;
    if (size < 1 || size > 3 || start + size > end) throw new RangeError();
    length = 0;
    for (const byte of der.subarray(start, start + size)) {
      length = (length << 8) | byte;
    }
    start += size;
  }
  if (start + length > end) throw new RangeError();
  return { tag: der[at]!, at, start, end: start + length };
}

function oidOf(der: Uint8Array, { start, end }: Element): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of der.subarray(start, end)) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER) throw new RangeError();
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.trunc(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}

/** The text of a value; `undefined` when it is no text. */
function textOf(
  der: Uint8Array,
  { tag, start, end }: Element,
): string | undefined {
  const encoding = DECODERS[tag];
  if (encoding === undefined) return undefined;
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return decoder.decode(der.subarray(start, end));
}

/** RFC 4514 sections 2.3 and 2.4. */
function attribute(
  oid: string,
  text: string | undefined,
  value: Uint8Array,
): string {
  const name = NAMES[oid];
  return name === undefined || text === undefined
    ? `${name ?? oid}=#${value.toHex()}`
    : `${name}=${escaped(text)}`;
}

function escaped(text: string): string {
  return text
    .replace(/["+,;<>\\]|^[ #]| $/g, (special) => `\\${special}`)
    .replace(/\p{Cc}/gu, (control) => `\\${hexOf(control)}`);
}

/** Of a control character's UTF-8: C1 takes two bytes. */
function hexOf(control: string): string {
  const bytes = [...new TextEncoder().encode(control)];
  return bytes
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"))
    .join("\\");
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
