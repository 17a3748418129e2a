/**
 * The flags that say where a broker keeps what must survive. They are in the
 * list of all flags, `cli/flags.ts`.
 *
 * @module
 */

import type { Flag } from "./settings.ts";
import { parseChoice, parseSwitch, parseText } from "./words.ts";

/** In the order of the help. */
export const STORE_FLAGS: readonly Flag[] = [
  {
    name: "data",
    group: "setting",
    value: "DIR",
    initial: "/var/lib/broker or ~/.local/state/broker",
    says: "Keep sessions, messages and retained messages in this folder.",
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
    says: "full: what is acknowledged survives a loss of power. normal: it " +
      "survives the end of the broker, and a loss of power may take back " +
      "the last moments; easier on a slow disk.",
    set: (to, text, label) =>
      to.sync = parseChoice(text, ["full", "normal"], label),
  },
];
