/**
 * What watches a broker asks these: Prometheus the metrics, an orchestrator
 * whether it lives and whether clients may come.
 *
 * @module
 */

import {
  CONTENT_TYPES,
  exposed,
  type Exposition,
} from "../metrics/exposition.ts";
import type { Readings } from "../metrics/readings.ts";
import { type HttpRequest, type HttpRoute, textAnswer } from "./routes.ts";

/** The broker, as far as it is watched. */
export interface Watched {
  /** Whether clients can connect. */
  readonly isReady: boolean;
  /** What there is to know at the moment. */
  readings(): Readings;
}

/** `/metrics`, `/healthz` and `/readyz` of a broker. */
export function watchRoutes(broker: Watched): HttpRoute[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      isOpen: false,
      answer: (request) => {
        const form = formFor(request);
        return {
          status: 200,
          headers: { "content-type": CONTENT_TYPES[form] },
          body: exposed(broker.readings(), form),
        };
      },
    },
    {
      // Who answers has an event loop that goes on: that is all it says.
      method: "GET",
      path: "/healthz",
      isOpen: true,
      answer: () => textAnswer(200, "ok"),
    },
    {
      method: "GET",
      path: "/readyz",
      isOpen: true,
      answer: () =>
        broker.isReady ? textAnswer(200, "ok") : textAnswer(503, "not ready"),
    },
  ];
}

/** Prometheus asks for OpenMetrics by name; `curl | promtool` does not. */
function formFor(request: HttpRequest): Exposition {
  const isOpen = request.header("accept").includes("openmetrics-text");
  return isOpen ? "openmetrics" : "prometheus";
}
