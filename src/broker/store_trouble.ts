/**
 * What is not done while the store can't keep anything. Whatever needs no
 * store goes on; the rest is refused, or its answer waits: nothing is
 * acknowledged that is not kept.
 *
 * @module
 */

import type { PublishView } from "../codec/publish.ts";
import type { Route } from "../router/route.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";

/** Why it is refused, in words. */
export const STORE_TROUBLE = "the disk can't keep it at the moment";

/** Whether the store can't keep anything. */
export function isStoreBroken(core: Core): boolean {
  return core.options.store.isBroken;
}

/** Whether a message has to be kept that can't be. */
export function isUnkeepable(
  { core, session }: Connection,
  { packetId, qos, retain }: PublishView,
  { targets }: Route<ClientSession>,
): boolean {
  if (qos === 0 || !isStoreBroken(core)) return false;
  // A repetition: it has been kept.
  if (qos === 2 && session!.received.has(packetId)) return false;
  if (retain || (qos === 2 && session!.isStored)) return true;
  return targets.some(({ subscriber, grant }) =>
    grant.qos > 0 && (subscriber.isStored || subscriber.group !== undefined)
  );
}
