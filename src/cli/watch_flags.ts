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
    says: "How often the broker tells of itself in $SYS/broker/#; 0 for never.",
    range: INTERVALS,
    set: (to, text, label) =>
      to.sysIntervalMs = parseQuantity(text, INTERVALS, label),
  },
  {
    name: "http-listen",
    group: "watch",
    value: "HOST:PORT",
    initial: "none",
    says: "Answer /metrics, /healthz and /readyz by HTTP; 127.0.0.1:8080 is " +
      "for this machine only.",
    set: (to, text, label) => to.httpListen = parseAddress(text, label),
  },
  {
    name: "http-token-file",
    group: "watch",
    value: "FILE",
    needs: "http-listen",
    initial: "none",
    says:
      "The token that /metrics takes to be shown (Authorization: Bearer). " +
      "Needed where other machines reach it.",
    set: (to, text) => to.httpTokenFile = text,
  },
];
