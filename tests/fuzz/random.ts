/**
 * Chance with a seed, so that every failure can be played again. It is a
 * generator for tests (mulberry32) and nothing that must not be guessed.
 */

/** Draws numbers, bytes and members; the same ones for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
  }

  /** A whole number, 0 up to `below`, which is not among them. */
  below(below: number): number {
    return Math.floor(this.#fraction() * below);
  }

  /** A whole number, `least` and `most` among them. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** Whether something happens that does so in `percent` of all cases. */
  chance(percent: number): boolean {
    return this.#fraction() * 100 < percent;
  }

  /** One of `items`. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** As many items as drawn from `least` to `most`. */
  list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: this.between(least, most) }, make);
  }

  #fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Runs `run` with so many seeds; a failure says with which. */
export function forSeeds(
  seeds: number,
  run: (random: Random, seed: number) => void,
  first = 1,
): void {
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      run(new Random(seed), seed);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}: ${what}`, { cause: error });
    }
  }
}

/** `bytes` cut into pieces at random places. */
export function pieces(random: Random, bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const most = random.chance(50) ? 3 : bytes.length;
    const end = Math.min(at + random.between(1, most), bytes.length);
    parts.push(bytes.slice(at, end));
    at = end;
  }
  return parts;
}
