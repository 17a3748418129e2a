/**
 * What `broker bench --help` prints, made from the flags.
 *
 * @module
 */

import { scenarios } from "../load/scenarios.ts";
import { BENCH_FLAGS } from "./bench_flags.ts";
import { flagLines, wrap } from "./help_columns.ts";

const INDENT = "  ";
const COLUMNS = 78;

/**
 * The page.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { benchPage } from "./bench_help.ts";
 *
 * assert(benchPage().includes("--pubs N"));
 * ```
 */
export function benchPage(): string {
  const names = scenarios.map(({ name }) => name).join(" ");
  return `\
Usage: broker bench [flags]

Puts a broker under load, and prints how many messages it delivers and how
long they take. Ctrl-C ends it early. Exit codes: 0, 1 (no broker, a mistake,
messages lost at QoS 1 or 2), 130 (a second Ctrl-C).

${flagLines(BENCH_FLAGS)}
      --help-connect          Show where to connect to, TLS, login and version.

Loads:
${wrap(names, COLUMNS).map((line) => INDENT + line).join("\n")}

Examples:
  broker bench --scenario p2p_qos0,pairs10_qos1 --svg chart.svg
  broker bench --pubs 50 --rate 10000 --time 60 -L mqtts://ada@a.example
`;
}
