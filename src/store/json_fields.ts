/**
 * The fields of a JSON object from outside, taken one by one: what is not
 * as it has to be is told with the field's name, and so is what nobody has
 * taken.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** A line that can't be taken: its message says why. */
export class LineFault extends Error {
  /** See `Error`. */
  override readonly name = "LineFault";
}

const PATTERNS = { base64: /^[A-Za-z0-9+/]*={0,2}$/ };

/** See above. */
export class JsonFields {
  readonly #fields: Map<string, unknown>;

  /**
   * Of a value that has to be an object.
   *
   * @throws {LineFault} When it is none.
   */
  constructor(value: unknown, what: string) {
    if (
      typeof value !== "object" || value === null || Array.isArray(value)
    ) throw new LineFault(`${what} is no object`);
    this.#fields = new Map(Object.entries(value));
  }

  /** Whether the field is there. */
  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Takes a value, whatever it is. */
  take(name: string): unknown {
    const value = this.#fields.get(name);
    this.#fields.delete(name);
    return value;
  }

  /** Takes a text. */
  text(name: string): string {
    return textOf(this.take(name), name);
  }

  /** Takes a text that may be missing. */
  textIfAny(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** Takes a whole number. */
  whole(name: string, least: number, most: number): number {
    return wholeOf(this.take(name), name, least, most);
  }

  /** Takes a whole number that may be missing. */
  wholeIfAny(name: string, least: number, most: number): number | undefined {
    return this.has(name) ? this.whole(name, least, most) : undefined;
  }

  /** Takes a yes or no; no when it is missing. */
  flag(name: string): boolean {
    const value = this.take(name) ?? false;
    if (typeof value === "boolean") return value;
    throw new LineFault(`${name} is not true or false`);
  }

  /** Takes an array; an empty one when it is missing. */
  list(name: string): readonly unknown[] {
    const value = this.take(name) ?? [];
    if (Array.isArray(value)) return value;
    throw new LineFault(`${name} is no array`);
  }

  /** Takes bytes, which are base64. */
  bytes(name: string): Uint8Array {
    const text = this.text(name);
    if (!PATTERNS.base64.test(text) || text.length % 4 !== 0) {
      throw new LineFault(`${name} is not base64`);
    }
    const { buffer, byteOffset, length } = Buffer.from(text, "base64");
    return new Uint8Array(buffer, byteOffset, length);
  }

  /**
   * All is taken.
   *
   * @throws {LineFault} When something is left.
   */
  end(): void {
    for (const name of this.#fields.keys()) {
      throw new LineFault(`there is no field ${JSON.stringify(name)}`);
    }
  }
}

/** A value that has to be text, without halves of characters. */
export function textOf(value: unknown, name: string): string {
  if (typeof value !== "string") throw new LineFault(`${name} is no text`);
  if (value.isWellFormed()) return value;
  throw new LineFault(`${name} has half of a character`);
}

/** A value that has to be a whole number of a range. */
export function wholeOf(
  value: unknown,
  name: string,
  least: number,
  most: number,
): number {
  const isIt = typeof value === "number" && Number.isSafeInteger(value) &&
    value >= least && value <= most;
  if (isIt) return value;
  throw new LineFault(
    `${name} is not a whole number from ${least} to ${most}`,
  );
}

/** Bytes as base64. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("base64");
}
