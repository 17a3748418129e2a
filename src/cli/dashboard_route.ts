/**
 * The page at `/`. It is made when somebody asks for it, and then kept.
 *
 * @module
 */

import type { HttpAnswer, HttpRoute } from "../http/routes.ts";

/** The route of the page. It is open: what it shows it asks the API for. */
export function dashboardRoute(): HttpRoute {
  let page: Promise<HttpAnswer> | undefined;
  return {
    method: "GET",
    path: "/",
    isOpen: true,
    answer: () => page ??= make(),
  };
}

async function make(): Promise<HttpAnswer> {
  const { dashboardPage } = await import("../dashboard/page.ts");
  return { status: 200, ...dashboardPage() };
}
