/**
 * Clients that come and go all the time: two with one client id, say, that
 * throw each other out. Each end of a connection counts, and fades; above
 * the limit the client has to wait.
 *
 * @module
 */

const FADE_PER_SECOND = 5;
/** Client ids that are remembered; those that ended longest ago go first. */
const CLIENTS_MAX = 10_000;

interface Ends {
  count: number;
  atMs: number;
}

/** How often clients have gone lately. */
export class Reconnects {
  readonly #ends = new Map<string, Ends>();

  /** A connection of `clientId` has ended. */
  ended(clientId: string, nowMs: number): void {
    const count = this.lately(clientId, nowMs) + 1;
    this.#ends.delete(clientId);
    this.#ends.set(clientId, { count, atMs: nowMs });
    if (this.#ends.size <= CLIENTS_MAX) return;
    const [oldest] = this.#ends.keys();
    this.#ends.delete(oldest!);
  }

  /** How many ends of `clientId` have not faded. */
  lately(clientId: string, nowMs: number): number {
    const ends = this.#ends.get(clientId);
    if (ends === undefined) return 0;
    const faded = (nowMs - ends.atMs) / 1000 * FADE_PER_SECOND;
    return Math.max(ends.count - faded, 0);
  }
}
