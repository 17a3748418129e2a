/**
 * Writes the README's tables of flags and limits anew, from the code:
 *
 *     deno run -A tests/cli/write_readme_tables.ts
 */

import { withTables } from "../../src/cli/readme_tables.ts";
import { REPO } from "../support/paths.ts";

const readme = new URL("README.md", REPO);
const text = await Deno.readTextFile(readme);
await Deno.writeTextFile(readme, withTables(text));
