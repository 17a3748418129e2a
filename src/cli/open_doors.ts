/**
 * Listens on the addresses of a plan, one after the other. Which these are
 * is decided in `cli/listen_plan.ts`.
 *
 * @module
 */

import type { PlannedListener } from "./listen_plan.ts";

/** Listens at a port; rejects with a {@linkcode ListenFault}. */
export type Open<Door extends { readonly port: number }> = (
  listener: PlannedListener,
  port: number,
) => Promise<Door>;

/** An address that can't be had: `ListenError` of the broker. */
export interface ListenFault extends Error {
  /** What is in the way. */
  readonly code: string;
}

/**
 * Opens each listener and tells of it.
 *
 * @param opened Called with each door by which clients can now come.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultSettings } from "./settings.ts";
 * import { planListening } from "./listen_plan.ts";
 * import { openDoors } from "./open_doors.ts";
 *
 * const plan = planListening({ ...defaultSettings(), port: 0 });
 * const ports: number[] = [];
 * await openDoors(
 *   plan.listeners,
 *   (_listener, port) => Promise.resolve({ port: port || 40_000 }),
 *   ({ port }) => ports.push(port),
 * );
 * assertEquals(ports, [40_000, 40_000]);
 * ```
 */
export async function openDoors<Door extends { readonly port: number }>(
  listeners: readonly PlannedListener[],
  open: Open<Door>,
  opened: (door: Door) => void,
): Promise<void> {
  let lastPort = 0;
  for (const listener of listeners) {
    const isCompanion = listener.kind === "companion";
    const port = isCompanion && lastPort !== 0 ? lastPort : listener.port;
    try {
      const door = await open(listener, port);
      lastPort = door.port;
      opened(door);
    } catch (error) {
      if (!isCompanion || mustSucceed(listener, error)) throw error;
    }
  }
}

/**
 * A companion's port that somebody else has is as bad as any port in use,
 * unless the number was chosen by chance. Everything else means that the
 * machine has no such address; systems have several words for that.
 */
function mustSucceed(listener: PlannedListener, error: unknown): boolean {
  return listener.port !== 0 && (error as ListenFault).code === "in_use";
}
