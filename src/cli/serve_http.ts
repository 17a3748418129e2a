/**
 * Who answers HTTP, by the settings: loaded when the first peer comes, for
 * `node:http` and the API cost memory.
 *
 * @module
 */

import { Access } from "../http/access.ts";
import { apiOf } from "../http/handlers.ts";
import { HttpServer } from "../http/http_server.ts";
import { watchRoutes } from "../http/watch_routes.ts";
import type { ServeHttp } from "../net/http_door.ts";
import { apiHost, type Served } from "./api_joins.ts";
import { dashboardRoute } from "./dashboard_route.ts";

/** Serves metrics, the dashboard, and the API to who has the secret. */
export function serveHttp(served: Served, secret: string): ServeHttp {
  const { broker, log } = served;
  const access = new Access(secret);
  const { onWebSocket, routes } = apiOf(apiHost(served, access));
  const server = new HttpServer({
    routes: [...watchRoutes(broker), ...routes, dashboardRoute()],
    access,
    onFault: (error) => {
      const stack = error instanceof Error ? error.stack : undefined;
      log.log("error", "http_error", "an answer could not be made", {
        stack: stack ?? String(error),
      });
    },
    onWebSocket,
  });
  return (stream, peer) => server.take(stream, peer);
}
