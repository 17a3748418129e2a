/**
 * Later, when others have had their turn; and no later: a timer of no time
 * takes 1 ms on Bun and 2 ms on Deno, in which a busy broker does nothing.
 *
 * Deno asks the system for what sockets have brought when it has nothing
 * else to do, and else after every 61st piece of work (tokio's
 * `event_interval`); a read that has something to bring is done at once and
 * does not count. So it takes a good 61 turns of its loop, of 2 µs each,
 * until somebody else is heard: with one turn, a client that sends all the
 * time kept others waiting for seconds.
 *
 * @module
 */

import { bunRuntime } from "./bun_types.ts";

const TURNS_OF_DENO = 64;

const { setImmediate } = globalThis as unknown as {
  setImmediate(run: () => void): void;
};

/** Calls `run` when all sockets have been looked at. */
export function soon(run: () => void): void {
  let turns = bunRuntime() === undefined ? TURNS_OF_DENO : 1;
  const turn = (): void => {
    if (--turns === 0) run();
    else setImmediate(turn);
  };
  setImmediate(turn);
}
