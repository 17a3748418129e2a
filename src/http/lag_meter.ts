/**
 * How late a timer is, as long as somebody asks: the event loop's lag. It
 * stops by itself when nobody has asked for a while.
 *
 * @module
 */

/** How often it is looked at. */
const EVERY_MS = 500;
/** How long it goes on when nobody asks. */
const PATIENCE_MS = 60_000;

/** The lag of this process. */
export class LagMeter {
  #askedMs = 0;
  #lagMs: number | null = null;
  #worstMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The worst of the last looks, seconds; null before the first. */
  read(): number | null {
    this.#askedMs = performance.now();
    if (this.#timer === undefined) this.#arm();
    const worst = this.#lagMs === null ? null : this.#worstMs / 1000;
    this.#worstMs = this.#lagMs ?? 0;
    return worst;
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lagMs = null;
  }

  #arm(): void {
    const dueMs = performance.now() + EVERY_MS;
    this.#timer = setTimeout(() => {
      const nowMs = performance.now();
      if (nowMs - this.#askedMs > PATIENCE_MS) return this.stop();
      this.#lagMs = Math.max(nowMs - dueMs, 0);
      this.#worstMs = Math.max(this.#worstMs, this.#lagMs);
      this.#arm();
    }, EVERY_MS);
  }
}
