/**
 * The flags that say where a broker keeps what must survive. They are in the
 * list of all flags, `cli/flags.ts`.
 *
 * @module
 */

import type { Flag } from "./settings.ts";
import { parseChoice, parseSwitch, parseText } from "./words.ts";

/** All that is acknowledged does, or all but the last moments. */
const SYNC_MODES = ["full", "normal"] as const;

/** In the order of the help. */
export const STORE_FLAGS: readonly Flag[] = [
  {
    name: "data",
    group: "setting",
    value: "DIR",
    initial: "/var/lib/broker or a user's own",
    says: "Keep all state here.",
    set: (to, text, label) => to.data = parseText(text, label),
  },
  {
    name: "memory",
    group: "setting",
    initial: "no",
    says: "Keep them in memory only: they end with the broker.",
    set: (to, text, label) => to.memory = parseSwitch(text, label),
  },
  {
    name: "sync",
    group: "setting",
    value: "MODE",
    initial: "full",
    says: "full, or normal: a loss of power undoes moments.",
    words: SYNC_MODES,
    set: (to, text, label) => to.sync = parseChoice(text, SYNC_MODES, label),
  },
];
