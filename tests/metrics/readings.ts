/** The readings of a broker that never was, for tests of what is told. */

import { Counters } from "../../src/metrics/counters.ts";
import type { Readings } from "../../src/metrics/readings.ts";

/** All is zero, unless it is given. */
export function readingsWith(given: Partial<Readings> = {}): Readings {
  return {
    counters: new Counters(),
    measures: undefined,
    store: undefined,
    uptimeMs: 0,
    connections: 0,
    clients: 0,
    sessions: 0,
    subscriptions: 0,
    sharedSubscriptions: 0,
    retained: 0,
    retainedBytes: 0,
    backlog: 0,
    backlogBytes: 0,
    inflight: 0,
    queuedBytes: 0,
    routeHits: 0,
    routeMisses: 0,
    routes: 0,
    storeBytes: undefined,
    memoryBytes: undefined,
    doors: {},
    ...given,
  };
}
