/**
 * Topic aliases, MQTT 5.0 section 3.3.2.3.4: numbers that stand for topics,
 * for the time of one connection. Those of the client ({@linkcode
 * ReceivedAliases}) are the client's choice. Those towards it ({@linkcode
 * SentAliases}) go to the topics that it gets most often.
 *
 * @module
 */

/** Memory that an alias takes beside its topic, and a place, bytes, about. */
const ALIAS_BYTES = 120;
const PLACE_BYTES = 8;

/** What a client's aliases stand for. */
export class ReceivedAliases {
  /** What they take, bytes. */
  bytes = 0;
  readonly #topics: (Uint8Array | undefined)[] = [];

  /** The topic with its length bytes; `undefined` when none was given. */
  get(alias: number): Uint8Array | undefined {
    return this.#topics[alias];
  }

  /** From now on `alias` stands for the topic in `bytes[at, end)`. */
  set(alias: number, bytes: Uint8Array, at: number, end: number): void {
    const known = this.#topics[alias];
    if (known !== undefined && isSame(known, bytes, at, end)) return;
    this.bytes += ALIAS_BYTES + end - at;
    if (known !== undefined) this.bytes -= ALIAS_BYTES + known.length;
    while (this.#topics.length <= alias) {
      this.#topics.push(undefined);
      this.bytes += PLACE_BYTES;
    }
    this.#topics[alias] = bytes.slice(at, end);
  }
}

interface Place {
  readonly alias: number;
  hash: number;
  topic: Uint8Array;
  uses: number;
}

/** After this many messages what counted before counts half. */
const AGE_MESSAGES = 1024;
/** Topics without an alias that are counted, for each alias there is. */
const CANDIDATES_EACH = 4;

/**
 * The aliases that the broker gives to a client's topics. All are given
 * away at first; later a topic takes one from another that is used less.
 */
export class SentAliases {
  /** What they take, bytes. */
  bytes = 0;
  readonly #max: number;
  readonly #places = new Map<number, Place>();
  /** How often topics without an alias came, by hash. */
  readonly #candidates = new Map<number, number>();
  #messages = 0;

  /** @param max How many the client takes, at least 1. */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * The alias for a message on the topic in `bytes[at, end)`, which has
   * `hash`: 0 for none, negative when the client does not know it yet.
   */
  use(hash: number, bytes: Uint8Array, at: number, end: number): number {
    if (++this.#messages >= AGE_MESSAGES) this.#age();
    const place = this.#places.get(hash);
    if (place !== undefined) {
      if (!isSame(place.topic, bytes, at, end)) return 0;
      place.uses++;
      return place.alias;
    }
    const alias = this.#places.size < this.#max
      ? this.#places.size + 1
      : this.#takeAway(hash);
    if (alias === 0) return 0;
    const topic = bytes.slice(at, end);
    this.bytes += ALIAS_BYTES + topic.length;
    this.#places.set(hash, { alias, hash, topic, uses: 1 });
    return -alias;
  }

  /** An alias for a topic that came more often than another; 0 for none. */
  #takeAway(hash: number): number {
    const uses = (this.#candidates.get(hash) ?? 0) + 1;
    // Whether it is worth it is looked at now and then only.
    const isPowerOf2 = (uses & (uses - 1)) === 0;
    const least = uses > 1 && isPowerOf2 ? this.#leastUsed(uses) : undefined;
    if (least !== undefined) {
      this.#places.delete(least.hash);
      this.bytes -= ALIAS_BYTES + least.topic.length;
      this.#candidates.delete(hash);
      return least.alias;
    }
    if (this.#candidates.size >= this.#max * CANDIDATES_EACH) {
      this.#candidates.clear();
    }
    this.#candidates.set(hash, uses);
    return 0;
  }

  /** The place that is used least, if it is used less than `uses`. */
  #leastUsed(uses: number): Place | undefined {
    let least: Place | undefined;
    for (const place of this.#places.values()) {
      if (place.uses < (least?.uses ?? uses)) least = place;
    }
    return least;
  }

  #age(): void {
    this.#messages = 0;
    this.#candidates.clear();
    for (const place of this.#places.values()) place.uses >>= 1;
  }
}

function isSame(
  own: Uint8Array,
  bytes: Uint8Array,
  at: number,
  end: number,
): boolean {
  if (own.length !== end - at) return false;
  for (let i = 0; i < own.length; i++) {
    if (own[i] !== bytes[at + i]) return false;
  }
  return true;
}
