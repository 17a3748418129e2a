/**
 * Whatever waits for a moment in this broker.
 *
 * @module
 */

import type { Deadline } from "../base/deadlines.ts";

/** A deadline that knows what to do. */
export interface Timed extends Deadline {
  /** It is due. The time is the core's `nowMs`. */
  onDeadline(): void;
}
