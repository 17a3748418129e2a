/**
 * A broker with a configuration file of its own, in a folder that goes with
 * it.
 */

import { inFolder } from "./login.ts";
import { BrokerProcess, type Runtime } from "./process.ts";

/** A configuration file in a folder, and a broker that reads it. */
export async function withFile(
  runtime: Runtime,
  config: unknown,
  run: (broker: BrokerProcess, path: string, folder: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const path = `${folder}/broker.jsonc`;
    await Deno.writeTextFile(path, `// ours\n${JSON.stringify(config)}`);
    const args = ["--config", path];
    await using broker = await BrokerProcess.startBare({ runtime, args });
    await run(broker, path, folder);
  });
}
