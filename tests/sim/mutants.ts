/**
 * The code broken on purpose, in one place each: what is told to the store
 * or comes from it is spoilt on its way. Each is a fault that a broker could
 * have, and that a simulation has to find.
 */

import type {
  Journal,
  Store,
  StoredSession,
  StoredState,
} from "../../src/session/store.ts";
import { CHANGE_NAMES } from "../../src/store/schema.ts";
import { JOURNAL_NAMES } from "../store/journals.ts";
import type { Mutant } from "./power_world.ts";
import type { Database } from "./sim_disk.ts";

/** A note of the broker's life stands last in its batch, and is so long. */
const NOTE = CHANGE_NAMES.indexOf("live");
const NOTE_BYTES = 11;

/** A journal that is not told everything. */
function deafTo(...names: (keyof Journal)[]): (store: Store) => Store {
  return (store) => {
    const journal: Partial<Record<keyof Journal, unknown>> = {};
    for (const name of JOURNAL_NAMES) {
      const isDeaf = names.includes(name);
      journal[name] = (...told: unknown[]) => {
        if (!isDeaf) {
          (store.journal![name] as (...t: unknown[]) => void)(...told);
        }
      };
    }
    return wrap(store, { journal: journal as unknown as Journal });
  };
}

/** A journal that is not told of the wills of those who are there. */
function hidesWills(store: Store): Store {
  const journal: Partial<Journal> = {};
  for (const name of JOURNAL_NAMES) {
    const tell = store.journal![name] as (...told: unknown[]) => void;
    const isMeant = name === "sessionTaken";
    const hidden = (...told: unknown[]) =>
      tell.apply(store.journal, isMeant ? told.with(3, undefined) : told);
    Object.assign(journal, { [name]: hidden });
  }
  return wrap(store, { journal: journal as Journal });
}

/** What is loaded is another thing than what was kept. */
function loads(
  change: (session: StoredSession) => Partial<StoredSession>,
): (store: Store) => Store {
  return (store) =>
    wrap(store, {
      load(): StoredState {
        const { sessions, retained } = store.load();
        const changed = [...sessions].map((session) => ({
          ...session,
          ...change(session),
        }));
        return { sessions: changed, retained };
      },
    });
}

/** `store`, but for some of it. */
function wrap(store: Store, other: Partial<Store>): Store {
  return {
    journal: store.journal,
    get isBroken() {
      return store.isBroken;
    },
    load: () => store.load(),
    commit: (done) => store.commit(done),
    page: (...asked) => store.page(...asked),
    close: (done) => store.close(done),
    ...other,
  };
}

/** Each transaction lacks its last change. */
function dropLast(database: Database): Database {
  let last: (() => unknown) | undefined;
  return {
    exec(sql) {
      if (/^COMMIT|^ROLLBACK/.test(sql)) last = undefined;
      database.exec(sql);
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      if (/^SELECT/.test(sql.trim())) return statement;
      return {
        all: (...values) => statement.all(...values),
        run(...values) {
          last?.();
          const copies = values.map((value) =>
            value instanceof Uint8Array ? value.slice() : value
          );
          last = () => statement.run(...copies);
        },
      };
    },
    close: () => database.close(),
  };
}

/** It says that all is well, and lets every third transaction go. */
function loseSome(database: Database): Database {
  let commits = 0;
  return {
    exec(sql) {
      const isLost = sql === "COMMIT" && ++commits % 3 === 0;
      database.exec(isLost ? "ROLLBACK" : sql);
    },
    prepare: (sql) => database.prepare(sql),
    close: () => database.close(),
  };
}

/** So many notes of the broker's life get to the file, and no more. */
function forgetsLife(most: number): (database: Database) => Database {
  return (database) => {
    let notes = 0;
    return {
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        const statement = database.prepare(sql);
        const isLog = sql.includes("INTO log");
        if (!isLog && !sql.includes("INTO life")) return statement;
        return {
          all: (...values) => statement.all(...values),
          run(value) {
            const batch = value as Uint8Array;
            const hasNote = !isLog || batch.at(-NOTE_BYTES) === NOTE;
            const isKept = !hasNote || ++notes <= most;
            if (isKept) statement.run(value);
            else if (isLog) statement.run(batch.subarray(0, -NOTE_BYTES));
          },
        };
      },
      close: () => database.close(),
    };
  };
}

/** All of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "what is promised leaves before the commit",
    store: (store) =>
      wrap(store, {
        commit(done) {
          store.commit(done && (() => {}));
          done?.();
        },
      }),
  },
  { name: "PUBREL is sent and not stored", store: deafTo("received") },
  {
    name: "the QoS 2 id of a message is not kept",
    store: deafTo("idReceived", "idReleased"),
  },
  { name: "a QoS 2 id is never released", store: deafTo("idReleased") },
  { name: "a subscription's end is not told", store: deafTo("unsubscribed") },
  { name: "a subscription is not told", store: deafTo("subscribed") },
  { name: "a retained message is not told", store: deafTo("retained") },
  {
    name: "that a topic retains nothing is not told",
    store: deafTo("retainedCleared"),
  },
  { name: "that a will is over is not told", store: deafTo("willPublished") },
  {
    name: "a session's new expiry is not told",
    store: deafTo("sessionExpires"),
  },
  {
    name: "time that passed while it was off does not count",
    store: loads(() => ({ leftMs: undefined })),
  },
  {
    name: "a will is lost by a start",
    store: loads(() => ({ will: undefined })),
  },
  {
    name: "the will of who is connected is not told",
    store: hidesWills,
  },
  {
    name: "until when the broker has lived is not noted",
    database: forgetsLife(0),
  },
  {
    name: "until when the broker has lived is noted but once",
    database: forgetsLife(1),
  },
  {
    name: "what is in flight is in another order after a start",
    store: loads(({ inflight }) => ({ inflight: [...inflight].reverse() })),
  },
  {
    name: "what waits is in another order after a start",
    store: (store) =>
      wrap(store, {
        page: (clientId, skip, max, take) =>
          store.page(clientId, skip, max, (page, nowMs) =>
            take([...page].reverse(), nowMs)),
      }),
  },
  {
    name: "a batch is applied without its last change",
    database: dropLast,
  },
  { name: "a commit that was reported did not take place", database: loseSome },
];
