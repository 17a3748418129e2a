/**
 * Registers a black-box test once for each runtime. The broker is a process,
 * the test is a client: nothing under `src/` is imported here or there.
 */

import { BrokerProcess, type Runtime } from "./process.ts";
import { isAbsent, type Tool } from "./tools.ts";

export interface E2eOptions {
  /** Flags of the broker. */
  args?: string[];
  /** What the test drives besides the runtime. */
  tools?: Tool[];
}

/** Tests a running broker, which afterwards has to stop with exit code 0. */
export function testBroker(
  name: string,
  run: (broker: BrokerProcess) => Promise<void>,
  { args = [], tools = [] }: E2eOptions = {},
): void {
  testRuntime(name, async (runtime) => {
    await using broker = await BrokerProcess.start({ runtime, args });
    await run(broker);
  }, tools);
}

/** Tests what happens before and after a broker runs. */
export function testRuntime(
  name: string,
  run: (runtime: Runtime) => Promise<void>,
  tools: Tool[] = [],
): void {
  for (const runtime of ["deno", "bun"] as const) {
    const needed: Tool[] = runtime === "bun" ? ["bun", ...tools] : tools;
    Deno.test({
      name: `${runtime}: ${name}`,
      ignore: needed.some(isAbsent),
      fn: () => run(runtime),
    });
  }
}
