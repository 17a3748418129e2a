/**
 * Bytes that the fuzzer has found something with, in hexadecimal, shortest
 * form. They come first in each of its runs. Add what it says; take nothing
 * away.
 */

/** By the name of the target: see `fuzzer.ts`. */
export const REGRESSIONS: Readonly<Record<string, readonly string[]>> = {
  codec: [
    // A CONNACK that refuses and says that a session is present.
    "0120020104",
    "0032070003612f62000aa2050001000123e00020020102",
  ],
};
