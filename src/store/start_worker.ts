/**
 * Starts the thread that writes. It is started from text, so that no file of
 * it has to be found: see `store/sqlite_worker.ts`.
 *
 * @module
 */

import { ChangeApplier } from "./change_applier.ts";
import { PendingChanges } from "./pending_changes.ts";
import { SqliteWorker, type WorkerSettings } from "./sqlite_worker.ts";

/** Starts a thread that answers as `WorkerAnswer` says. */
export function startWorker(settings: WorkerSettings): Worker {
  const source = `
    import { DatabaseSync } from "node:sqlite";
    const worker = new (${SqliteWorker})(
      {
        Database: DatabaseSync,
        ChangeApplier: (${ChangeApplier}),
        PendingChanges: (${PendingChanges}),
      },
      ${JSON.stringify(settings)},
      (answer, transfer) => postMessage(answer, transfer),
    );
    onmessage = ({ data }) => worker.receive(data);
    postMessage({ started: true });
  `;
  const type = "text/javascript";
  const url = URL.createObjectURL(new Blob([source], { type }));
  const worker = new Worker(url, { type: "module" });
  // Not before it has been read.
  worker.addEventListener("message", () => URL.revokeObjectURL(url), {
    once: true,
  });
  return worker;
}
