/**
 * `assert`: for our own faults only, never for a peer's or an operator's.
 *
 * In production a failed assertion closes the connection at whose boundary
 * it is caught; in tests it is fatal. Messages are constants, because a
 * template costs forty times the check itself on the message path.
 *
 * @module
 */

/** Thrown by {@linkcode assert}: the broker, not its peer, is wrong. */
export class InternalError extends Error {
  /** The class's name, as it stands in a log. */
  override readonly name = "InternalError";
}

/**
 * Throws {@linkcode InternalError} unless `condition` holds.
 *
 * @param condition What must be true here.
 * @param what A constant sentence: the invariant.
 *
 * @example
 * ```ts
 * import { assert } from "./assert.ts";
 * assert(1 + 1 === 2, "arithmetic");
 * ```
 */
export function assert(
  condition: unknown,
  what: string,
): asserts condition {
  if (!condition) throw new InternalError(what);
}
