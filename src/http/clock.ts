/**
 * From the broker's clock, which never steps, to that of people.
 *
 * @module
 */

import type { Core } from "../broker/core.ts";

/** The moment of a time on the broker's clock; null for never. */
export function moment(core: Core, atMs: number): string | null {
  return atMs === Infinity ? null : sureMoment(core, atMs);
}

/** The same for a time that comes, or has been. */
export function sureMoment({ nowMs }: Core, atMs: number): string {
  return new Date(Date.now() + atMs - nowMs).toISOString();
}
