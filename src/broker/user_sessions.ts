/**
 * How many sessions each user has that outlive their connections: those that
 * are clean are as many as connections, of which there is a limit anyway.
 *
 * @module
 */

import { assert } from "../base/assert.ts";

/** Whose a session is. */
interface Owned {
  /** The user; none and an empty name are the same. */
  readonly userName: string | undefined;
  /** Whether it outlives its connection. */
  readonly persistent: boolean;
}

/**
 * Counts sessions. All clients without a name count as one user: an address
 * says little of who they are, and no store keeps it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { UserSessions } from "./user_sessions.ts";
 *
 * const sessions = new UserSessions();
 * sessions.count({ userName: "ada", persistent: true }, 1);
 * sessions.count({ userName: "ada", persistent: false }, 1);
 * assertEquals([sessions.of("ada"), sessions.of(undefined)], [1, 0]);
 * ```
 */
export class UserSessions {
  readonly #counts = new Map<string, number>();

  /** How many there are of a user. */
  of(userName: string | undefined): number {
    return this.#counts.get(userName ?? "") ?? 0;
  }

  /** One more (1), or one less (−1), if it outlives its connection. */
  count({ persistent, userName = "" }: Owned, change: 1 | -1): void {
    if (!persistent) return;
    const count = this.of(userName) + change;
    if (count === 0) this.#counts.delete(userName);
    else this.#counts.set(userName, count);
  }

  /** Asserts that it knows `sessions` and no others. */
  checkInvariants(sessions: Iterable<Owned>): void {
    const others = new UserSessions();
    for (const session of sessions) others.count(session, 1);
    assert(this.#counts.size === others.#counts.size, "users are counted");
    for (const [userName, count] of this.#counts) {
      assert(others.of(userName) === count, "sessions of a user add up");
    }
  }
}
