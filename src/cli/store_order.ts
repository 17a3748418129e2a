/**
 * The arguments of `broker store`: what is to be done with which store.
 *
 * @module
 */

import { suggest } from "../base/suggest.ts";
import type { FlagWord } from "./commands.ts";
import { takeFlags } from "./flag_words.ts";
import type { HostProcess } from "./host_process.ts";
import { readAll } from "./read_all.ts";
import { defaultFolder } from "./store_folder.ts";
import { quoted, UsageError } from "./usage_error.ts";

const ACTIONS = ["info", "check", "compact", "export", "import"] as const;
const WITH_FILE: readonly string[] = ["export", "import"];

/** The flags, which mean what they mean to a broker. */
export const STORE_TOOL_FLAGS: readonly FlagWord[] = [
  {
    name: "data",
    value: "DIR",
    says: "Where it is. [/var/lib/broker or a user's own]",
  },
  {
    name: "config",
    value: "FILE",
    says: "Read that from a broker.jsonc or mosquitto.conf.",
  },
];

/** What is to be done. */
export interface StoreOrder {
  /** What. */
  readonly action: (typeof ACTIONS)[number];
  /** Where the store is. */
  readonly folder: string;
  /** What is written or read; `undefined` for stdout or stdin. */
  readonly file: string | undefined;
}

/** The process, as far as it is asked here. */
export type OrderHost = Pick<HostProcess, "environment" | "isRoot">;

/**
 * Reads the arguments behind `store`.
 *
 * @throws {UsageError} When one is not known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readStoreOrder } from "./store_order.ts";
 *
 * const host = { environment: () => ({}), isRoot: () => true };
 * assertEquals(await readStoreOrder(host, ["export", "a.jsonl"]), {
 *   action: "export",
 *   folder: "/var/lib/broker",
 *   file: "a.jsonl",
 * });
 * ```
 */
export async function readStoreOrder(
  host: OrderHost,
  args: readonly string[],
): Promise<StoreOrder | "help"> {
  const words: string[] = [];
  const named: string[] = [];
  const flags = STORE_TOOL_FLAGS.map((flag) => ({
    ...flag,
    set: (to: string[], text: string) => void to.push(`--${flag.name}=${text}`),
  }));
  const kind = takeFlags("store", flags, named, args, words);
  if (kind !== "run" || args.length === 0) return "help";
  const [word = "", file, ...others] = words;
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined) throw unknownAction(word);
  if (others.length > 0 || (file && !WITH_FILE.includes(action))) {
    throw new UsageError(
      `store ${action} takes no ${quoted(others[0] ?? file!)}`,
    );
  }
  const folder = await folderOf(host, named);
  return { action, folder, file: file === "-" ? undefined : file };
}

/** What a broker with these flags would use. */
async function folderOf(
  host: OrderHost,
  flags: readonly string[],
): Promise<string> {
  const environment = host.environment();
  const { settings } = await readAll(flags, environment);
  if (settings.data !== undefined) return settings.data;
  const folder = defaultFolder(environment, host.isRoot());
  if (folder !== undefined && !settings.memory) return folder;
  throw new UsageError("there is no folder for the state; --data DIR names it");
}

function unknownAction(word: string): UsageError {
  const found = suggest(word, [...ACTIONS]);
  const guess = found === undefined ? "" : `; did you mean ${found}?`;
  return new UsageError(
    `broker store can ${ACTIONS.slice(0, -1).join(", ")} and ` +
      `${ACTIONS.at(-1)}, not ${quoted(word)}${guess}`,
  );
}
