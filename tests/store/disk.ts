/**
 * Durable stores for tests: in a folder of their own, with the test
 * broker's clock, and log lines that can be waited for.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  SqliteStore,
  type StoreOptions,
} from "../../src/store/sqlite_store.ts";
import { TestBroker, type TestBrokerOptions } from "../support/test_broker.ts";

/** A folder that is gone when the test is over. */
export class Disk implements Disposable {
  readonly folder = mkdtempSync(`${tmpdir()}/store-`);
  /** The events of all log lines of stores here. */
  readonly events: string[] = [];
  /** The last line in words. */
  lastMessage = "";
  #waiters: { event: string; done: () => void }[] = [];
  #broker: TestBroker | undefined;

  /** A store on it. */
  open(options: Partial<StoreOptions> = {}): SqliteStore {
    return new SqliteStore({
      folder: this.folder,
      nowMs: () => this.#broker?.nowMs ?? 1_000_000,
      logger: {
        enabled: () => true,
        log: (_, event, message) => {
          this.events.push(event);
          this.lastMessage = message;
          for (const waiter of this.#waiters) {
            if (waiter.event === event) waiter.done();
          }
        },
      },
      ...options,
    });
  }

  /** A broker on a store on it. */
  broker(
    store: SqliteStore,
    options: TestBrokerOptions = {},
  ): TestBroker {
    this.#broker = new TestBroker({ ...options, store });
    return this.#broker;
  }

  /** Until the log says so. */
  logged(event: string): Promise<void> {
    if (this.events.includes(event)) return Promise.resolve();
    return new Promise((done) => this.#waiters.push({ event, done }));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Until all that was told so far is on disk. */
export function kept(store: SqliteStore): Promise<void> {
  return new Promise((done) => {
    // Something to write, so that it can't be done before the rest is.
    store.journal.retainedCleared("kept");
    store.commit(done);
  });
}

export function closed(store: SqliteStore): Promise<void> {
  return new Promise((done) => store.close(done));
}
