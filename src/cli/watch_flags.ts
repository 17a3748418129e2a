/**
 * The flags that say how the broker can be watched. They are in the list of
 * all flags, `cli/flags.ts`, and have a help page of their own.
 *
 * @module
 */

import { parseAddress } from "./address.ts";
import { parseQuantity } from "./quantity.ts";
import type { Flag } from "./settings.ts";

const INTERVALS = { least: 0, most: 2_147_483_647, unit: "ms" };

/** In the order of the help. */
export const WATCH_FLAGS: readonly Flag[] = [
  {
    name: "sys-interval",
    group: "watch",
    value: "TIME",
    initial: "10s",
    says: "How often $SYS/broker/# is published anew; 0 for never.",
    range: INTERVALS,
    set: (to, text, label) =>
      to.sysIntervalMs = parseQuantity(text, INTERVALS, label),
  },
  {
    name: "http-listen",
    group: "watch",
    value: "HOST:PORT",
    initial: "127.0.0.1:8080, if it is free",
    says: "Answer by HTTP: /metrics, /healthz, /readyz, the API under " +
      "/api/v1, and the dashboard at /; none switches it off.",
    set: (to, text, label) =>
      to.httpListen = text === "none" ? text : parseAddress(text, label),
  },
  {
    name: "http-token-file",
    group: "watch",
    value: "FILE",
    initial: "none",
    says: "The secret of the API is in FILE, and /metrics wants it, too. " +
      "Needed where other machines reach the port.",
    set: (to, text) => to.httpTokenFile = text,
  },
];
