/**
 * A virtual clock and what is to happen by it: everything in a simulated
 * world that takes time stands in here, and nothing happens between.
 */

/** Something that is to happen. */
export interface Appointment {
  readonly atMs: number;
  readonly run: () => void;
  isCancelled: boolean;
}

export class Agenda {
  /** Milliseconds since the world began. */
  nowMs = 0;
  /** The latest first; of those at the same time, who came first is first. */
  readonly #appointments: Appointment[] = [];

  /** In so many milliseconds; with 0 as soon as the present is over. */
  in(ms: number, run: () => void): Appointment {
    const atMs = this.nowMs + ms;
    const made = { atMs, run, isCancelled: false };
    const list = this.#appointments;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.atMs > atMs) low = middle + 1;
      else high = middle;
    }
    list.splice(low, 0, made);
    return made;
  }

  /** When the next is due; `Infinity` when there is none. */
  get nextMs(): number {
    for (;;) {
      const next = this.#appointments.at(-1);
      if (next === undefined) return Infinity;
      if (!next.isCancelled) return next.atMs;
      this.#appointments.pop();
    }
  }

  /** Lets the next one happen; there is one. */
  runNext(): void {
    const next = this.#appointments.pop()!;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    if (!next.isCancelled) next.run();
  }
}
