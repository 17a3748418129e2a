/**
 * All handlers of the API, and what begins with them.
 *
 * @module
 */

import { accessHandlers } from "./access_handlers.ts";
import { apiRoutes } from "./api.ts";
import { ApiFault } from "./api_fault.ts";
import type { ApiHost } from "./api_host.ts";
import { brokerHandlers } from "./broker_handlers.ts";
import { clientHandlers } from "./client_handlers.ts";
import { LagMeter } from "./lag_meter.ts";
import { Live } from "./live.ts";
import { messageHandlers } from "./message_handlers.ts";
import type { HttpRequest, HttpRoute } from "./routes.ts";
import { sessionHandlers } from "./session_handlers.ts";
import { topicHandlers } from "./topic_handlers.ts";
import { traceHandlers } from "./trace_handlers.ts";
import type { Trace } from "./traces.ts";
import type { WebSocketPeer } from "./web_socket_peer.ts";

/** The API, ready to be served. */
export interface Api {
  /** Its routes. */
  readonly routes: readonly HttpRoute[];
  /** Takes the WebSockets that begin at one of them. */
  readonly onWebSocket: (peer: WebSocketPeer, request: HttpRequest) => void;
  /** Ends what goes on beside requests. */
  close(): void;
}

/** The API of a broker. */
export function apiOf(host: ApiHost): Api {
  const lag = new LagMeter();
  const live = new Live(host);
  const traces = new Map<string, Trace>();
  const routes = apiRoutes({
    ...accessHandlers(host),
    ...brokerHandlers(host, lag),
    ...clientHandlers(host),
    ...sessionHandlers(host),
    ...messageHandlers(host),
    ...topicHandlers(host),
    ...traceHandlers(host, traces),
    live: () => {
      throw new ApiFault(426, "web_socket", "this is a WebSocket");
    },
  });
  return {
    routes,
    onWebSocket: (peer, { address }) => live.welcome(peer, address),
    close: () => {
      lag.stop();
      for (const trace of [...traces.values()]) trace.end();
    },
  };
}
