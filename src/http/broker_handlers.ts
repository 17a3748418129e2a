/**
 * The broker itself: at a glance, its metrics, listeners, settings and log.
 *
 * @module
 */

import { VERSION } from "../base/version.ts";
import type { Readings } from "../metrics/readings.ts";
import { METRICS } from "../metrics/table.ts";
import type { Handlers } from "./api.ts";
import { ApiFault } from "./api_fault.ts";
import type { ApiHost, ListenerFacts } from "./api_host.ts";
import type { LagMeter } from "./lag_meter.ts";
import { metricsJson } from "./metrics_json.ts";
import { Rates } from "./rates.ts";

type Name =
  | "getStatus"
  | "getMetrics"
  | "listListeners"
  | "getConfig"
  | "reload"
  | "listLogs";

/** Their handlers. */
export function brokerHandlers(
  host: ApiHost,
  lag: LagMeter,
): Handlers<Name> {
  const rates = new Rates();
  return {
    getStatus: () => status(host, rates, lag),
    getMetrics: () => ({ items: metricsJson(host.readings()) }),
    listListeners: () => {
      const readings = host.readings();
      const items = host.listeners();
      return { items: items.map((one) => listenerJson(one, readings)) };
    },
    getConfig: () => ({ items: host.settings() }),
    reload: async () => {
      const reloaded = await host.reload();
      if (reloaded.isReloaded || reloaded.files === 0) return reloaded;
      throw new ApiFault(409, "reload_failed", reloaded.message);
    },
    listLogs: ({ query }) => {
      const after = query["after"] as string | undefined ?? "0";
      if (!/^\d{1,15}$/.test(after)) {
        throw new ApiFault(400, "bad_cursor", "after is no `next` of the log");
      }
      const lines = host.logs.after(Number(after));
      return {
        items: lines.map(({ timeMs, ...line }) => ({
          ...line,
          time: new Date(timeMs).toISOString(),
        })),
        next: `${host.logs.last}`,
      };
    },
  };
}

async function status(host: ApiHost, rates: Rates, lag: LagMeter) {
  const { core, runtime } = host;
  const readings = host.readings();
  const { counters, uptimeMs } = readings;
  const store = await host.store();
  return {
    version: VERSION,
    runtime,
    startedAt: new Date(Date.now() - uptimeMs).toISOString(),
    uptimeSeconds: uptimeMs / 1000,
    clients: {
      connected: readings.clients,
      connectedMax: core.options.limits.connectionsMax,
      sessions: readings.sessions,
    },
    subscriptions: readings.subscriptions,
    retained: { count: readings.retained, bytes: readings.retainedBytes },
    queued: {
      messages: readings.backlog,
      bytes: readings.backlogBytes + readings.queuedBytes,
    },
    inflight: readings.inflight,
    rates: rates.update(readings),
    totals: {
      messagesIn: counters.publishReceived,
      messagesOut: counters.publishSent,
      bytesIn: counters.bytesReceived,
      bytesOut: counters.bytesSent,
      connections: counters.connectionsOpened,
    },
    memoryBytes: readings.memoryBytes ?? null,
    eventLoopLagSeconds: lag.read(),
    drops: labelled("mqtt_messages_dropped", readings),
    disconnects: labelled("mqtt_disconnects", readings),
    refused: labelled("mqtt_refused", readings),
    store: { ...store, isBroken: core.options.store.isBroken },
    warnings: host.listeners().flatMap(({ warnings }) => warnings),
  };
}

/** The numbers of a metric with a label. */
function labelled(name: string, readings: Readings) {
  const metric = METRICS.find((one) => one.name === name);
  return metric?.label === undefined ? {} : metric.read(readings);
}

function listenerJson(facts: ListenerFacts, { doors }: Readings) {
  const { certificate, connectionsMax, ...plain } = facts;
  const door = doors[facts.name];
  return {
    ...plain,
    connections: door?.connections ?? 0,
    connectionsMax: connectionsMax ?? null,
    connectionsOpened: door?.connectionsOpened ?? 0,
    bytesIn: door?.bytesReceived ?? 0,
    bytesOut: door?.bytesSent ?? 0,
    messagesIn: door?.publishReceived ?? 0,
    certificate: certificate === undefined ? null : {
      subject: certificate.subject,
      notAfter: new Date(certificate.notAfterMs).toISOString(),
      daysLeft: (certificate.notAfterMs - Date.now()) / DAY_MS,
    },
  };
}

const DAY_MS = 86_400_000;
