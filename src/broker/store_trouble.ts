/**
 * What is not done while the store can't keep anything, or is full. Whatever
 * needs no store goes on; the rest is refused, or its answer waits: nothing
 * is acknowledged that is not kept. A store that is full keeps what makes it
 * emptier, and is full until there is some room again.
 *
 * @module
 */

import type { Route } from "../router/route.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import type { Publication } from "./publication.ts";

const STORE_TROUBLE = "the disk can't keep it at the moment";
const STORE_FULL = "the store is full (storeBytesMax)";
/** It is full until no more than this share of the limit is used. */
const ROOM_SHARE = 0.95;

/** Why nothing more can be kept, in words; `undefined` while it can. */
export function storeTrouble(core: Core): string | undefined {
  if (core.options.store.isBroken) return STORE_TROUBLE;
  return isStoreFull(core) ? STORE_FULL : undefined;
}

/** Whether nothing can be kept, not even that there is less of something. */
export function isStoreBroken(core: Core): boolean {
  return core.options.store.isBroken;
}

/** Whether the store has reached its limit. */
export function isStoreFull(core: Core): boolean {
  const { store, limits: { storeBytesMax } } = core.options;
  const { bytes } = store;
  if (bytes === undefined) return false;
  const most = core.isStoreFull ? storeBytesMax * ROOM_SHARE : storeBytesMax;
  const isFull = storeBytesMax > 0 && bytes >= most;
  if (isFull !== core.isStoreFull) turn(core, isFull, bytes);
  if (isFull) store.makeRoom?.();
  return isFull;
}

function turn(core: Core, isFull: boolean, bytes: number): void {
  core.isStoreFull = isFull;
  const fields = { bytes, limit: core.options.limits.storeBytesMax };
  if (isFull) {
    const message = "the store is full (storeBytesMax): what has to be kept " +
      "is refused until there is room";
    core.log("error", "store_full", message, fields);
  } else core.log("warn", "store_has_room", "the store has room again", fields);
}

/** Why a message can't be kept that has to be; `undefined` for no reason. */
export function unkeepable(
  { core, session }: Connection,
  { packetId, qos, retain, payloadLength }: Publication,
  { targets }: Route<ClientSession>,
): string | undefined {
  if (qos === 0) return undefined;
  const trouble = storeTrouble(core);
  if (trouble === undefined) return undefined;
  // A repetition: it has been kept.
  if (qos === 2 && session!.received.has(packetId)) return undefined;
  const isKept = (qos === 2 && session!.isStored) ||
    (retain && (payloadLength > 0 || isStoreBroken(core))) ||
    targets.some(({ subscriber, grant }) =>
      grant.qos > 0 && (subscriber.isStored || subscriber.group !== undefined)
    );
  if (isKept) core.counters.storeRefused++;
  return isKept ? trouble : undefined;
}
