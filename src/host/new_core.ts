/**
 * The pure core of a broker that lives in a process: with what the settings
 * leave open, and what only a process has, chance say.
 *
 * @module
 */

import { ALLOW_ALL } from "../auth/authenticator.ts";
import { Core } from "../broker/core.ts";
import type { Hooks } from "../broker/hooks.ts";
import { optionsWith } from "../broker/options.ts";
import { monotonicMs } from "../net/driver.ts";
import { MemoryStore } from "../store/memory.ts";
import type { BrokerSettings, BrokerStatistics } from "./broker_settings.ts";
import { clocked, clockedEnhanced } from "./clocked.ts";

/**
 * Makes one.
 *
 * @param setClock Called before a login goes on.
 * @throws {RangeError} When a limit is out of its range.
 */
export function newCore(
  settings: BrokerSettings,
  hooks: Hooks,
  setClock: () => void,
): Core {
  const { authenticator = ALLOW_ALL, enhancedAuthenticators = [] } = settings;
  const options = optionsWith({
    ...settings,
    authenticator: clocked(authenticator, setClock),
    enhancedAuthenticators: enhancedAuthenticators.map((one) =>
      clockedEnhanced(one, setClock)
    ),
    isMeasured: settings.measures ?? false,
    hooks,
    store: settings.store ?? new MemoryStore(),
    hashSeed: crypto.getRandomValues(new Int32Array(1))[0]!,
    newClientId: () => `auto-${crypto.randomUUID()}`,
  });
  return new Core(options, monotonicMs());
}

/** What there is at the moment. */
export function statisticsOf(core: Core): BrokerStatistics {
  return {
    counters: { ...core.counters, ends: { ...core.counters.ends } },
    connections: core.connections.size,
    sessions: core.sessions.size,
    subscriptions: core.router.size,
    retained: core.retained.size,
    queuedBytes: core.pool.queuedBytes,
    backlogBytes: core.totals.backlogBytes,
  };
}
