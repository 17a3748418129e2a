/**
 * Which version of the broker this is. A test holds it against `deno.json`,
 * which is not read at run time: a compiled broker has no such file beside
 * it.
 *
 * @module
 */

/** The version of the broker. */
export const VERSION = "0.1.0";
