/**
 * How a mistake in a file of access rules is told: with the file, the line
 * and the reason.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import { filterFault, filterLimitFault } from "../topic/topic.ts";
import { CredentialFileError } from "./file_error.ts";

/** A place in a file. */
export interface Place {
  /** The file's name. */
  readonly path: string;
  /** The line, from 1. */
  readonly line: number;
}

const QUOTED_CHARS_MAX = 60;
const LISTED_MAX = 4;

/** What MQTT can carry. */
const LIMITS = { topicBytesMax: 65_535, topicLevelsMax: 65_535 };

/** The error about a mistake. */
export function faultAt(place: Place, reason: string): CredentialFileError {
  return new CredentialFileError(
    `${place.path}: line ${place.line}: ${reason}`,
  );
}

/** The error about a word that is none of `known`, with a guess. */
export function unknownWord(
  place: Place,
  what: string,
  word: string,
  known: readonly string[],
): CredentialFileError {
  return faultAt(place, `unknown ${what} ${quote(word)}${hint(word, known)}`);
}

function hint(word: string, known: readonly string[]): string {
  const meant = suggest(word, known);
  if (meant !== undefined) return `; did you mean ${quote(meant)}?`;
  const isShort = known.length > 0 && known.length <= LISTED_MAX;
  return isShort ? `; it may be ${known.join(", ")}` : "";
}

/** A text of the file in quotes, cut. */
export function quote(text: string): string {
  const { length } = text;
  if (length <= QUOTED_CHARS_MAX) return JSON.stringify(text);
  return JSON.stringify(text.slice(0, QUOTED_CHARS_MAX) + "…");
}

/**
 * Makes sure that a filter is one.
 *
 * @throws {CredentialFileError} When it is not.
 */
export function assertFilter(place: Place, filter: string): void {
  const why = filterFault(filter) ?? filterLimitFault(filter, LIMITS);
  if (why !== undefined) throw faultAt(place, `${quote(filter)}: ${why}`);
}
