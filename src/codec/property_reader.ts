/**
 * A walk through a property block, value by value: MQTT 5.0 section 2.2.2.
 * Each fault is told with the property's name.
 *
 * @module
 */

import {
  type Property,
  propertyOf,
  type PropertyPacket,
  RESPONSE_TOPIC,
  TOPIC_ALIAS,
} from "./property.ts";
import { ProtocolError } from "./protocol_error.ts";
import {
  MALFORMED_PACKET,
  PROTOCOL_ERROR,
  TOPIC_ALIAS_INVALID,
} from "./reason_code.ts";
import {
  readVariableByteInteger,
  remainingLengthBytes,
} from "./remaining_length.ts";
import { decodeText, isText, readUint16, readUint32 } from "./text.ts";

/** A value of a property, or one of several. */
export type Value =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly [string, string];

/**
 * Reads a block.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PropertyReader } from "./property_reader.ts";
 *
 * const bytes = Uint8Array.of(33, 0, 20);
 * const reader = new PropertyReader("CONNACK", bytes, 0, bytes.length);
 * assertEquals(reader.next(), true);
 * assertEquals(reader.property.name, "Receive Maximum");
 * assertEquals(reader.readValue(), 20);
 * assertEquals(reader.next(), false);
 * ```
 */
export class PropertyReader {
  readonly #packet: PropertyPacket;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #property: Property | undefined;

  /** Reads `bytes[at, end)`, a block without its length. */
  constructor(
    packet: PropertyPacket,
    bytes: Uint8Array,
    at: number,
    end: number,
  ) {
    this.#packet = packet;
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** The property that {@linkcode next} has found. */
  get property(): Property {
    return this.#property!;
  }

  /**
   * Moves to the next property; false at the end. Its value is to be read
   * before the next call.
   *
   * @throws {ProtocolError} When it is unknown or does not belong there.
   */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const id = this.#bytes[this.#at++]!;
    this.#property = propertyOf(id);
    if (this.#property === undefined) {
      throw new ProtocolError(
        MALFORMED_PACKET,
        `${this.#packet} with the unknown property ${id}`,
      );
    }
    if (!this.#property.packets.includes(this.#packet)) {
      this.fail(MALFORMED_PACKET, "does not belong there");
    }
    return true;
  }

  /**
   * The property's value.
   *
   * @throws {ProtocolError} When it is malformed or not allowed.
   */
  readValue(): Value {
    switch (this.property.type) {
      case "byte":
        return this.#readBit();
      case "flag":
        return this.#readBit() === 1;
      case "uint16": {
        const at = this.#take(2);
        return this.#checked(readUint16(this.#bytes, at, this.#end));
      }
      case "uint32":
        return this.#checked(readUint32(this.#bytes, this.#take(4)));
      case "variable":
        return this.#checked(this.#readVariable());
      case "text":
        return this.#readTextValue();
      case "binary": {
        const at = this.#takeField();
        return this.#bytes.slice(at, this.#at);
      }
      case "pair":
        return [this.#readText(), this.#readText()];
    }
  }

  /** Throws what is wrong with the property that it is at. */
  fail(reason: number, says: string): never {
    throw new ProtocolError(
      reason,
      `${this.#packet} with the property ${this.property.name}, which ${says}`,
    );
  }

  #readBit(): number {
    const value = this.#bytes[this.#take(1)]!;
    if (value > 1) this.fail(PROTOCOL_ERROR, `is ${value}, not 0 or 1`);
    return value;
  }

  #checked(value: number): number {
    const { id, isNeverZero } = this.property;
    if (value === 0 && isNeverZero) {
      // [MQTT-3.3.2-8] has a reason code of its own.
      const reason = id === TOPIC_ALIAS ? TOPIC_ALIAS_INVALID : PROTOCOL_ERROR;
      this.fail(reason, "must not be 0");
    }
    return value;
  }

  #readVariable(): number {
    const { name } = this.property;
    const value = readVariableByteInteger(
      this.#bytes,
      this.#at,
      this.#end,
      name,
    );
    this.#at += remainingLengthBytes(value);
    return value;
  }

  #readTextValue(): string {
    const text = this.#readText();
    if (this.property.id === RESPONSE_TOPIC && /^$|[+#]/.test(text)) {
      // [MQTT-3.3.2-14], and [MQTT-4.7.3-1] as for any topic name.
      this.fail(PROTOCOL_ERROR, "is no topic name");
    }
    return text;
  }

  #readText(): string {
    const at = this.#takeField();
    if (!isText(this.#bytes, at, this.#at)) {
      // [MQTT-1.5.4-1], [MQTT-1.5.4-2]
      this.fail(MALFORMED_PACKET, "is not UTF-8 or holds U+0000");
    }
    return decodeText(this.#bytes, at, this.#at);
  }

  /** Where the field's bytes begin; it moves behind them. */
  #takeField(): number {
    const at = this.#take(2);
    return this.#take(readUint16(this.#bytes, at, this.#end));
  }

  /** Moves on by `count` bytes; returns where they begin. */
  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#end) this.fail(MALFORMED_PACKET, "ends too early");
    this.#at = at + count;
    return at;
  }
}
