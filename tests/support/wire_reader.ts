/**
 * The reading half that the oracles of `wire.ts` and `wire5.ts` share: packets
 * are measured, their fields are read in order, and nonsense throws. It knows
 * no packet, and shares no code with `src/codec`.
 */

/** So many a call takes on every runtime. */
const ARGUMENTS_MAX = 8192;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where the body of the packet at `at` starts and ends. */
export function measure(
  bytes: Uint8Array,
  at: number,
): { start: number; end: number } {
  let length = 0;
  let start = at + 1;
  for (let weight = 1;; weight *= 128) {
    const byte = bytes[start++];
    check(byte !== undefined && weight <= 128 ** 3, "bad remaining length");
    length += (byte & 127) * weight;
    if (byte < 128) break;
  }
  check(start === at + 2 || bytes[start - 1] !== 0, "a length too long");
  check(start + length <= bytes.length, "a packet is cut off");
  return { start, end: start + length };
}

/** Fields are read in order; `done` checks that none is left over. */
export class Reader {
  readonly #body: Uint8Array;
  #at = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  /** How many bytes were read. */
  get at(): number {
    return this.#at;
  }

  get length(): number {
    return this.#body.length;
  }

  byte(): number {
    const byte = this.#body[this.#at++];
    check(byte !== undefined, "a field is cut off");
    return byte;
  }

  u16(): number {
    return this.byte() * 256 + this.byte();
  }

  packetId(): number {
    const id = this.u16();
    check(id > 0, "packet id 0");
    return id;
  }

  text(): string {
    const text = decoder.decode(this.#field());
    check(!text.includes("\0"), "U+0000 in a text");
    return text;
  }

  /** One character for each byte, so that nothing is lost. */
  binary(): string {
    return characters(this.#field());
  }

  /** A variable byte integer in as few bytes as possible. */
  varint(): number {
    let value = 0;
    for (let weight = 1;; weight *= 128) {
      check(weight <= 128 ** 3, "a variable byte integer of five bytes");
      const byte = this.byte();
      value += (byte & 127) * weight;
      check(byte > 0 || weight === 1, "a variable byte integer too long");
      if (byte < 128) return value;
    }
  }

  #field(): Uint8Array {
    const length = this.u16();
    check(this.#at + length <= this.#body.length, "a text is cut off");
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  rest(): Uint8Array {
    const rest = this.#body.subarray(this.#at);
    this.#at = this.#body.length;
    return rest;
  }

  done(): void {
    check(this.#at === this.#body.length, "bytes after the last field");
  }
}

/** One character for each byte. */
export function characters(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += ARGUMENTS_MAX) {
    const some = bytes.subarray(at, at + ARGUMENTS_MAX);
    text += String.fromCharCode.apply(null, some as unknown as number[]);
  }
  return text;
}

/** Throws unless what the server sent `holds`. */
export function check(holds: boolean, fault: string): asserts holds {
  if (!holds) throw new Error(`the server sent nonsense: ${fault}`);
}
