/**
 * Reads off what there is to know of a broker at this moment.
 *
 * @module
 */

import type { DoorReadings, Readings } from "../metrics/readings.ts";
import type { Door } from "./door.ts";
import type { Core } from "./core.ts";

/** What nobody but the host knows. */
export interface HostReadings {
  /** Memory of the process; `undefined` where nobody knows. */
  readonly memoryBytes: number | undefined;
  /** By the listener's URL. */
  readonly doors: Readonly<Record<string, DoorReadings>>;
}

/**
 * The readings of `core`. Costs a look at each session: not for each message.
 */
export function readingsOf(core: Core, host: HostReadings): Readings {
  const { connections, counters, pool, retained, router, totals } = core;
  return {
    counters,
    measures: core.measures,
    store: core.options.store.figures,
    uptimeMs: core.nowMs - core.startMs,
    connections: connections.size,
    ...ofSessions(core),
    subscriptions: core.subscriptionCount,
    sharedSubscriptions: core.groups.size,
    retained: retained.size,
    retainedBytes: retained.bytes,
    backlogBytes: totals.backlogBytes,
    storeBytes: core.options.store.bytes,
    queuedBytes: pool.queuedBytes,
    routeHits: router.hits,
    routeMisses: router.misses,
    routes: router.cachedRoutes,
    ...host,
  };
}

function ofSessions(
  { sessions }: Core,
): Pick<Readings, "backlog" | "clients" | "inflight" | "sessions"> {
  const found = { backlog: 0, clients: 0, inflight: 0, sessions: 0 };
  for (const session of sessions.values()) {
    if (session.handler !== undefined) continue; // one in the process
    found.sessions++;
    if (session.connection !== null) found.clients++;
    found.backlog += session.backlogLength;
    found.inflight += session.inflightSize;
  }
  return found;
}

/** The readings of a listener. */
export function doorReadings(
  door: Door,
  certificateLeftMs: number | undefined,
): DoorReadings {
  const { connections, connectionsOpened, publishReceived } = door;
  const { bytesReceived, bytesSent } = door;
  return {
    connections,
    connectionsOpened,
    bytesReceived,
    bytesSent,
    publishReceived,
    certificateLeftMs,
  };
}
