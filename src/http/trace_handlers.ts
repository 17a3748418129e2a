/**
 * Traces: begun, listed, and ended.
 *
 * @module
 */

import { filterFault } from "../topic/topic.ts";
import type { Handlers } from "./api.ts";
import { ApiFault, notFound } from "./api_fault.ts";
import type { ApiHost } from "./api_host.ts";
import { Trace, type TraceOrder } from "./traces.ts";

/** So many at a time. */
const TRACES_MAX = 16;

type Name = "listTraces" | "startTrace" | "stopTrace";

/** Their handlers; `traces` are those that go on. */
export function traceHandlers(
  host: ApiHost,
  traces: Map<string, Trace>,
): Handlers<Name> {
  let count = 0;
  return {
    listTraces: () => ({ items: [...traces.values()].map(traceJson) }),
    startTrace: ({ body }) => {
      const order: TraceOrder = {
        seconds: 60,
        hasPayloads: false,
        ...body as Partial<TraceOrder>,
      };
      const fault = faultOf(order) ?? obstacleTo(order, traces);
      if (fault !== undefined) throw fault;
      const id = `t${++count}`;
      const trace = new Trace(host, id, order, () => traces.delete(id));
      traces.set(id, trace);
      return traceJson(trace);
    },
    stopTrace: ({ names }) => {
      const trace = traces.get(names["id"]!);
      if (trace === undefined) throw notFound("trace of this id");
      trace.end();
    },
  };
}

function faultOf({ clientId, topicFilter }: TraceOrder): ApiFault | undefined {
  if ((clientId === undefined) === (topicFilter === undefined)) {
    const message = "either a clientId or a topicFilter is needed";
    return new ApiFault(400, "bad_request", message);
  }
  const fault = topicFilter === undefined
    ? undefined
    : filterFault(topicFilter);
  if (fault === undefined) return undefined;
  return new ApiFault(400, "bad_filter", `the filter is not good: ${fault}`);
}

function obstacleTo(
  { clientId }: TraceOrder,
  traces: ReadonlyMap<string, Trace>,
): ApiFault | undefined {
  if (traces.size >= TRACES_MAX) {
    return new ApiFault(409, "too_many", "there are too many traces");
  }
  if (clientId === undefined) return undefined;
  const isTraced = [...traces.values()]
    .some(({ order }) => order.clientId === clientId);
  if (!isTraced) return undefined;
  return new ApiFault(409, "exists", "this client is traced already");
}

function traceJson({ id, lines, order, skipped, untilMs }: Trace) {
  const { clientId, hasPayloads, topicFilter } = order;
  return {
    id,
    ...(clientId !== undefined && { clientId }),
    ...(topicFilter !== undefined && { topicFilter }),
    hasPayloads,
    until: new Date(untilMs).toISOString(),
    lines,
    skipped,
  };
}
