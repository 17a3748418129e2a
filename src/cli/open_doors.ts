/**
 * Listens on the addresses of a plan, one after the other. Which these are
 * is decided in `cli/listen_plan.ts`.
 *
 * @module
 */

import type { Address } from "./address.ts";
import type { PlannedAddress } from "./listen_plan.ts";

/** The part of the broker that is needed here. */
export interface Listener {
  /** Listens, tells where; rejects with a {@linkcode ListenFault}. */
  listen(address: Address): Promise<Address>;
}

/** An address that can't be had: `ListenError` of the broker. */
export interface ListenFault extends Error {
  /** What is in the way. */
  readonly code: string;
}

/**
 * Listens on each address and tells of it.
 *
 * @param opened Called with each address that clients can now connect to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defaultSettings } from "./settings.ts";
 * import { planListening } from "./listen_plan.ts";
 * import { openDoors } from "./open_doors.ts";
 *
 * const ports: number[] = [];
 * const broker = {
 *   listen: ({ hostname, port }: { hostname: string; port: number }) =>
 *     Promise.resolve({ hostname, port: port || 40_000 }),
 * };
 * const plan = planListening({ ...defaultSettings(), port: 0 });
 * await openDoors(broker, plan.addresses, ({ port }) => ports.push(port));
 * assertEquals(ports, [40_000, 40_000]);
 * ```
 */
export async function openDoors(
  broker: Listener,
  addresses: readonly PlannedAddress[],
  opened: (address: Address) => void,
): Promise<void> {
  let lastPort = 0;
  for (const address of addresses) {
    const isCompanion = address.kind === "companion";
    const port = isCompanion ? lastPort : address.port;
    try {
      const { hostname } = address;
      const actual = await broker.listen({ hostname, port });
      lastPort = actual.port;
      opened(actual);
    } catch (error) {
      if (!isCompanion || mustSucceed(address, error)) throw error;
    }
  }
}

/**
 * A companion's port that somebody else has is as bad as any port in use,
 * unless the number was chosen by chance. Everything else means that the
 * machine has no such address; systems have several words for that.
 */
function mustSucceed(address: PlannedAddress, error: unknown): boolean {
  return address.port !== 0 && (error as ListenFault).code === "in_use";
}
