/**
 * `broker store`: looks at what a broker has kept, and moves it, while no
 * broker runs on it.
 *
 * @module
 */

import { fileFault } from "../base/file_faults.ts";
import { checkRows, rowsToCheck } from "../store/check_rows.ts";
import { StoreError } from "../store/store_error.ts";
import { isDamage } from "../store/store_file.ts";
import {
  formatOfFile,
  sizeOfStore,
  type StoreSize,
  StoreTool,
} from "../store/store_tool.ts";
import { during, progressOf } from "./progress.ts";
import {
  type OrderHost,
  readStoreOrder,
  type StoreOrder,
} from "./store_order.ts";
import {
  exportStore,
  importStore,
  type TransferHost,
} from "./store_transfer.ts";
import { UsageError } from "./usage_error.ts";
import type { HostProcess } from "./host_process.ts";
import { escapeControls } from "./safe_text.ts";

/** The process, as far as it is asked here. */
export type StoreHost = TransferHost & OrderHost & Pick<HostProcess, "exit">;

/** A broken file can have a finding in every row. */
const FINDINGS_MAX = 100;
const FOUND = 1;
const LABEL_COLUMNS = 16;

const PAGE = `\
Usage: broker store info             what is in the store, and its size
       broker store check            whether it is sound: exit code 0 or 1
       broker store compact          give back what is free in the file
       broker store export [FILE]    write all of it as JSON lines
       broker store import [FILE]    make an empty store from such lines

The store is what a broker keeps of sessions, queued and retained messages.
No broker can use it meanwhile: while one does, info tells the file's size,
and the others end with a sentence and exit code 2. Without FILE, lines go to
stdout and come from stdin. A bad line is named, and then nothing is imported.

  --data DIR            Where the store is. [/var/lib/broker or a user's own]
  --config FILE         Read that from a broker.jsonc or mosquitto.conf.
  -h, --help            Show this page.

Examples:
  broker store info
  broker store check --data /srv/broker
  broker store export backup.jsonl
  broker store export | gzip > backup.jsonl.gz
  broker store import backup.jsonl --data /srv/other
  broker store export | jq -r 'select(.kind == "retained") | .topic'
`;

/**
 * Runs the command.
 *
 * @param args The arguments behind `store`.
 * @throws {UsageError} When something is wrong with them, or in the way.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { storeCommand } from "./store_command.ts";
 *
 * await storeCommand({
 *   print: (text) => assert(text.startsWith("Usage: broker store info")),
 *   output: () => true,
 *   readStdin: () => Promise.resolve(0),
 *   isStderrTerminal: () => false,
 *   progressBar: () => Promise.reject(new Error("none")),
 *   environment: () => ({}),
 *   isRoot: () => false,
 *   exit: (code) => {
 *     throw new Error(`exit code ${code}`);
 *   },
 * }, ["--help"]);
 * ```
 */
export async function storeCommand(
  host: StoreHost,
  args: readonly string[],
): Promise<void> {
  const order = await readStoreOrder(host, args);
  if (order === "help") return host.print(PAGE, "stdout");
  try {
    await ACTIONS[order.action](host, order);
  } catch (error) {
    const why = reasonOf(error);
    if (why === undefined) throw error;
    throw new UsageError(escapeControls(why), { cause: error });
  }
}

const ACTIONS: Readonly<
  Record<
    StoreOrder["action"],
    (host: StoreHost, order: StoreOrder) => Promise<void> | void
  >
> = { info, check, compact, export: exported, import: imported };

function info(host: StoreHost, { folder }: StoreOrder): void {
  const size = sizeOfStore(folder);
  if (size === undefined) {
    throw new UsageError(`there is no store in ${folder}`);
  }
  const format = formatOfFile(size.path);
  const first: [string, string][] = [
    ["path", size.path],
    ["format", `${format}`],
    ["file", bytesText(size.bytes)],
    ["not in it yet", bytesText(size.walBytes)],
  ];
  const rest = contentOf(folder);
  const lines = [...first, ...rest].map(([label, value]) =>
    label.padEnd(LABEL_COLUMNS) + escapeControls(value)
  );
  host.print(lines.join("\n") + "\n", "stdout");
}

/** What only its owner can tell. */
function contentOf(folder: string): [string, string][] {
  let tool: StoreTool;
  try {
    tool = StoreTool.open(folder);
  } catch (error) {
    if (!(error instanceof StoreError) || !error.isInUse) throw error;
    return [["in use", "yes, by a broker: /metrics of it tells the rest"]];
  }
  using _ = tool;
  const { rows } = tool;
  const count = (name: Parameters<typeof rows.count>[0]) =>
    rows.count(name).toLocaleString("en-US");
  return [
    ["in use", "no"],
    ["sessions", count("sessions")],
    ["subscriptions", count("subscriptions")],
    ["queued", count("queued")],
    ["in flight", count("inFlight")],
    ["bytes of these", bytesText(rows.count("bodyBytes"))],
    ["retained", count("retained")],
    ["bytes of these", bytesText(rows.count("retainedBytes"))],
    ["they wait since", sinceText(rows.count("longestAway"))],
    ["last written", new Date(tool.writtenAt).toISOString()],
  ];
}

async function check(host: StoreHost, { folder }: StoreOrder): Promise<void> {
  let findings = 0;
  const find = (text: string) => {
    if (++findings > FINDINGS_MAX) return;
    host.print(escapeControls(text) + "\n", "stdout");
  };
  try {
    await checkAll(host, folder, find);
  } catch (error) {
    if (!isDamage(error)) throw error;
    find(`SQLite: ${(error as Error).message}`);
  }
  if (findings === 0) return;
  if (findings > FINDINGS_MAX) {
    host.print(`and ${findings - FINDINGS_MAX} more\n`, "stdout");
  }
  host.exit(FOUND);
}

async function checkAll(
  host: StoreHost,
  folder: string,
  find: (text: string) => void,
): Promise<void> {
  using tool = StoreTool.open(folder);
  const { rows } = tool;
  const progress = progressOf(host, "check", rowsToCheck(rows));
  let looked = 0;
  let isSound = true;
  try {
    for (const finding of checkRows(rows)) {
      looked++;
      if (finding !== undefined) {
        isSound = false;
        find(finding);
      }
      await progress.reached(looked);
    }
  } finally {
    await progress.end();
  }
  if (isSound) host.print(`${tool.path} is sound\n`, "stdout");
}

function compact(host: StoreHost, { folder }: StoreOrder): void {
  const before = bytesIn(sizeOfStore(folder));
  let path: string;
  {
    using tool = StoreTool.open(folder);
    path = tool.path;
    during(host, "compact", () => tool.rows.compact());
  }
  const after = bytesIn(sizeOfStore(folder));
  const text = `${path}: ${bytesText(before)} before, ${bytesText(after)} now`;
  host.print(text + "\n", "stdout");
}

async function exported(
  host: StoreHost,
  { folder, file }: StoreOrder,
): Promise<void> {
  using tool = StoreTool.open(folder);
  const count = await exportStore(host, tool, file);
  if (file === undefined) return;
  const lines = count.toLocaleString("en-US");
  host.print(`${tool.path} is in ${file}: ${lines} lines\n`, "stdout");
}

async function imported(
  host: StoreHost,
  { folder, file }: StoreOrder,
): Promise<void> {
  using tool = StoreTool.make(folder);
  const count = await importStore(host, tool, file);
  const lines = count.toLocaleString("en-US");
  host.print(`${tool.path} has it: ${lines} lines\n`, "stdout");
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof StoreError) return error.message;
  const { code, message } = error as { code?: unknown; message: string };
  // SQLite's: a full disk, a damaged file.
  if (code === "ERR_SQLITE_ERROR") return `the store: ${message}`;
  const isOfFiles = typeof code === "string" && /^E[A-Z]+$/.test(code);
  return isOfFiles ? `the store: ${fileFault(error)}` : undefined;
}

function bytesIn(size: StoreSize | undefined): number {
  return size === undefined ? 0 : size.bytes + size.walBytes;
}

/** No message has a time; who is away the longest has. */
function sinceText(atMs: number): string {
  return atMs === 0 ? "now" : `${new Date(atMs).toISOString()} at the most`;
}

/** For people, and exactly. */
function bytesText(bytes: number): string {
  const exact = `${bytes.toLocaleString("en-US")} bytes`;
  const scale = Math.min(3, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  if (scale === 0) return exact;
  const unit = ["KiB", "MiB", "GiB"][scale - 1]!;
  return `${(bytes / 1024 ** scale).toFixed(1)} ${unit} (${exact})`;
}
