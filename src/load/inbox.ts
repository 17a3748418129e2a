/**
 * The frame walker that a load generator reads with. Not a codec: it trusts
 * the broker, skips properties, and looks at no more of a frame than it must
 * count.
 *
 * @module
 */

/** Where properties end whose length stands at `at`. */
export function skipProperties(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let shift = 0;; shift += 7) {
    const byte = bytes[at++]!;
    length |= (byte & 127) << shift;
    if (byte < 128) return at + length;
  }
}

/**
 * Received bytes, walked frame by frame without an object for each:
 * `next()` moves `at`, `body` and `end` to the next whole frame.
 */
export class Inbox {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the frame's first byte. */
  at = 0;
  /** Offset of what follows the remaining length. */
  body = 0;
  /** Offset behind the frame. */
  end = 0;
  #filled = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Moves to the next whole frame; false when more bytes are needed. */
  next(): boolean {
    const bytes = this.bytes;
    const filled = this.#filled;
    let at = this.end + 1;
    let length = 0;
    for (let shift = 0; at < filled; shift += 7) {
      const byte = bytes[at++]!;
      length |= (byte & 127) << shift;
      if (byte < 128) {
        if (at + length > filled) return false;
        this.at = this.end;
        this.body = at;
        this.end = at + length;
        return true;
      }
    }
    return false;
  }

  /** Keeps a cut frame and gives the room for more bytes behind it. */
  room(): Uint8Array {
    if (this.end > 0) {
      this.bytes.copyWithin(0, this.end, this.#filled);
      this.#filled -= this.end;
      this.end = 0;
    }
    return this.bytes.subarray(this.#filled);
  }

  /** Says how many bytes were put into the room. */
  grow(bytes: number): void {
    this.#filled += bytes;
  }
}
