/**
 * Packet ids of QoS 2 messages that were received and passed on, and that
 * the client has not released yet (MQTT 3.1.1 section 4.3.3, method A/B
 * "store packet identifier"). A message whose id is in here is a repetition.
 *
 * @module
 */

/** A set of packet ids: a bit each, 8 KiB when all 65,535 are in it. */
export class ReceivedIds {
  /** How many are in. */
  size = 0;
  #bits = new Uint8Array(0);

  /** Whether `packetId` is in. */
  has(packetId: number): boolean {
    const byte = this.#bits[packetId >> 3];
    return byte !== undefined && (byte & (1 << (packetId & 7))) !== 0;
  }

  /** Puts `packetId` in, which is not. */
  add(packetId: number): void {
    const at = packetId >> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(
        Math.min(Math.max(at + 1, this.#bits.length * 2, 16), 8192),
      );
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at]! |= 1 << (packetId & 7);
    this.size++;
  }

  /** Takes `packetId` out; whether it was in. */
  delete(packetId: number): boolean {
    if (!this.has(packetId)) return false;
    this.#bits[packetId >> 3]! &= ~(1 << (packetId & 7));
    this.size--;
    return true;
  }

  /** All of them, in ascending order. */
  values(): number[] {
    const ids: number[] = [];
    for (let id = 1; id < this.#bits.length * 8; id++) {
      if (this.has(id)) ids.push(id);
    }
    return ids;
  }
}
