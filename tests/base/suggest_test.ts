/**
 * Guesses at what a person meant.
 */

import { assertEquals } from "@std/assert";
import { suggest } from "../../src/base/suggest.ts";

const KNOWN = ["host", "port", "listen", "log-format", "log-level", "version"];

const GUESSES: readonly (readonly [string, string | undefined])[] = [
  ["port", "port"],
  ["prot", "port"], // swapped
  ["prt", "port"], // left out
  ["poort", "port"], // added
  ["pert", "port"], // changed
  ["lisetn", "listen"],
  ["log-levle", "log-level"],
  ["loglevel", "log-level"],
  ["verbose", undefined],
  ["vers", "version"], // its beginning
  ["log", undefined], // the beginning of two
  ["x", undefined],
  ["", undefined],
  ["p".repeat(1000), undefined],
];

for (const [word, guess] of GUESSES) {
  Deno.test(`"${word.slice(0, 20)}" is taken for ${guess}`, () => {
    assertEquals(suggest(word, KNOWN), guess);
  });
}
