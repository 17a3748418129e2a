/**
 * Runs what is fuzzed: known cases first, then new ones for seconds, or for
 * as long as is asked for. A failure says its seed and the shortest bytes
 * that still fail, and the line to keep them by. What is fuzzed stands in
 * the files named `*_target.ts`; tests here that walk without bytes of their
 * own only share the time. Runs under Deno and Bun.
 *
 *     BROKER_FUZZ_SECONDS=600 deno task test tests/fuzz
 *     BROKER_FUZZ_SEED=7 deno task test tests/fuzz
 */

import process from "node:process";
import { forSeeds, Random } from "./random.ts";
import { REGRESSIONS } from "./regressions.ts";

/** Something that takes bytes, whatever they are. */
export interface Target {
  /** Its name, also in `regressions.ts`. */
  readonly name: string;
  /** Bytes that are nearly right, so that they come far. */
  make(random: Random): Uint8Array;
  /** Throws when what must hold for all bytes does not hold for these. */
  run(input: Uint8Array): void;
}

/** How a run of the fuzzer differs from a run of the tests. */
export interface FuzzOptions {
  /** The first seed. */
  seed: number;
  /** For how long new bytes are made. */
  milliseconds: number;
}

/** Tests under `tests/fuzz` that share the time, on both runtimes. */
const SHARES = 30;
const SECONDS_UNASKED = 8;
/** A shorter input is looked for so many times. */
const SHORTENINGS_MAX = 3000;

const askedSeconds = numberFrom("BROKER_FUZZ_SECONDS");
const askedSeed = numberFrom("BROKER_FUZZ_SEED");

/** What the environment asks for; a long run begins where none has been. */
export const ASKED: Readonly<FuzzOptions> = {
  seed: askedSeed ?? (askedSeconds === undefined ? 1 : Date.now() % 2 ** 31),
  milliseconds: 1000 * (askedSeconds ?? SECONDS_UNASKED) / SHARES,
};

/** Replays what was found before, then looks for more. */
export function fuzz(
  target: Target,
  { seed: first, milliseconds }: FuzzOptions = ASKED,
  known: readonly string[] = REGRESSIONS[target.name] ?? [],
): void {
  for (const hex of known) {
    const error = faultOf(target, bytesOf(hex));
    if (error === undefined) continue;
    throw new Error(`${target.name}, ${hex} again: ${wordsOf(error)}`, {
      cause: error,
    });
  }
  const untilMs = performance.now() + milliseconds;
  for (let seed = first; performance.now() < untilMs; seed++) {
    const input = target.make(new Random(seed));
    if (faultOf(target, input) === undefined) continue;
    const shortest = shorten(
      input,
      (bytes) => faultOf(target, bytes) !== undefined,
    );
    const error = faultOf(target, shortest);
    throw new Error(
      `BROKER_FUZZ_SEED=${seed}, ${target.name}: ${wordsOf(error)}\n` +
        `Once it is mended, add to "${target.name}" in ` +
        `tests/fuzz/regressions.ts:\n  "${hexOf(shortest)}",`,
      { cause: error },
    );
  }
}

/** Runs `walk` with so many seeds, or for its share of the time asked for. */
export function walks(
  seeds: number,
  walk: (random: Random, seed: number) => void,
): void {
  if (askedSeconds === undefined) {
    forSeeds(seeds, walk, ASKED.seed);
    return;
  }
  const untilMs = performance.now() + ASKED.milliseconds;
  for (let seed = ASKED.seed; performance.now() < untilMs; seed++) {
    forSeeds(1, walk, seed);
  }
}

/** Cuts pieces out of `input`, ever smaller ones, as long as it `fails`. */
export function shorten(
  input: Uint8Array,
  fails: (input: Uint8Array) => boolean,
): Uint8Array {
  let shortest = input;
  let tries = 0;
  for (let size = input.length; size > 0; size >>= 1) {
    for (let at = 0; at < shortest.length;) {
      if (tries++ === SHORTENINGS_MAX) return shortest;
      const shorter = without(shortest, at, at + size);
      if (fails(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}

function without(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const rest = bytes.subarray(Math.min(end, bytes.length));
  const shorter = new Uint8Array(at + rest.length);
  shorter.set(bytes.subarray(0, at));
  shorter.set(rest, at);
  return shorter;
}

function faultOf(target: Target, input: Uint8Array): unknown {
  try {
    // What was run may have changed its bytes; they are wanted again.
    target.run(input.slice());
    return undefined;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hexOf(bytes: Uint8Array): string {
  const digits = Array.from(
    bytes,
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  return digits.join("");
}

function bytesOf(hex: string): Uint8Array {
  const digits = hex.match(/../g) ?? [];
  return Uint8Array.from(digits, (pair) => parseInt(pair, 16));
}

function numberFrom(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (number >= 0 && Number.isFinite(number)) return number;
  throw new Error(`${variable} is a number, not ${text}`);
}
