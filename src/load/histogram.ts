/**
 * Latencies in whole microseconds, in buckets that are less than 1 % wide, so
 * that a sample costs two additions and no memory. Not exact; below 256 µs it
 * is exact to the microsecond. What the broker tells of itself has the few
 * wide buckets of `metrics/histogram.ts`.
 *
 * @module
 */

const BUCKETS = 3_200;

/** Latencies. */
export class Histogram {
  #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** Counts one. */
  add(latencyMs: number): void {
    const us = latencyMs > 0 ? (latencyMs * 1000) | 0 : 0;
    this.#counts[bucketOf(us)]! += 1;
    this.#total += 1;
  }

  /** The latency, in ms, that this share of the samples does not exceed. */
  quantileMs(share: number): number {
    if (this.#total === 0) return 0;
    const rank = Math.max(1, Math.ceil(this.#total * share));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return middleUs(bucket) / 1000;
    }
    return middleUs(BUCKETS - 1) / 1000;
  }
}

// Values keep their eight leading bits: 256 exact buckets, then 128 for every
// further power of two.
function bucketOf(us: number): number {
  const shift = Math.max(0, 24 - Math.clz32(us));
  return (shift << 7) + (us >>> shift);
}

function middleUs(bucket: number): number {
  if (bucket < 256) return bucket;
  const shift = (bucket >> 7) - 1;
  const low = (bucket - (shift << 7)) * 2 ** shift;
  return low + 2 ** shift / 2;
}
