/**
 * QoS 0 messages that are like the one before them in all but their payload,
 * and as long: most of what a sensor sends. What was found out about the
 * first one holds for all of them.
 *
 * @module
 */

import { expandAlike, WORDS_BYTES_MAX } from "../codec/expand_alias.ts";
import type { Framer } from "../codec/framer.ts";
import type { Core } from "./core.ts";

/** Beyond this it is not worth to compare. */
const HEAD_BYTES_MAX = 512;

/**
 * Takes messages that follow into the run which the last one has joined.
 *
 * @param headLength Bytes of the last packet, as it came, before its payload.
 */
export function takeAlike(
  core: Core,
  framer: Framer,
  headLength: number,
): void {
  if (headLength > HEAD_BYTES_MAX) return;
  let count = 0;
  while (framer.nextAlike(headLength)) count++;
  core.run.end = framer.end;
  countAlike(core, count);
}

/**
 * The same where an alias stands for the topic.
 *
 * @param words The chunk that `framer` has: the last packet lay in it.
 */
export function takeAlikeAliased(
  core: Core,
  framer: Framer,
  headLength: number,
  words: DataView,
): void {
  const { publication, run, scratch } = core;
  const size = publication.end - publication.frameAt;
  const isLong = publication.payloadLength > WORDS_BYTES_MAX;
  if (headLength > HEAD_BYTES_MAX || isLong) return;
  let count = 0;
  while (scratch.hasRoom(size) && framer.nextAlike(headLength)) {
    const payloadAt = framer.start + headLength;
    expandAlike(publication, scratch.words, words, payloadAt);
    scratch.commit(size);
    count++;
  }
  run.end = publication.end;
  countAlike(core, count);
}

function countAlike({ counters, run }: Core, count: number): void {
  run.count += count;
  counters.packetsReceived += count;
  counters.publishReceived += count;
}
