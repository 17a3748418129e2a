/**
 * The machine on which the simulated broker's store runs: what the store
 * takes from its runtime (timers, the time of day, threads) is made by the
 * world while it plays, so that the store under test is the real one, and
 * all of it happens when the world says so.
 */

import type { Agenda, Appointment } from "./agenda.ts";

/** When the worlds begin, milliseconds since 1970: some day in 2033. */
export const EPOCH_MS = 2_000_000_000_000;

/** A thread as the store sees it: the part of `Worker` that it uses. */
export interface Thread {
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  postMessage(data: unknown): void;
  terminate(): void;
  addEventListener(): void;
}

/** What a machine has to lend. */
export interface Machine {
  readonly agenda: Agenda;
  /** A thread from the text of its module. */
  startThread(source: string): Thread;
  /** Runs `run` later, unless the process has died by then. */
  later(ms: number, run: () => void): Appointment;
}

/** Text that a thread is made of. */
class Text {
  readonly text: string;

  constructor(parts: readonly string[]) {
    this.text = parts.join("");
  }
}

type Scope = Record<string, unknown>;

/** Runs `run` on `machine`; it must not wait for anything. */
export function onMachine<T>(machine: Machine, run: () => T): T {
  const sources = new Map<string, string>();
  const undo = [
    replace(globalThis as unknown as Scope, {
      setTimeout: (call: () => void, ms = 0) => machine.later(ms, call),
      clearTimeout: (made?: Appointment) => {
        if (made !== undefined) made.isCancelled = true;
      },
      Blob: Text,
      Worker: function (url: string) {
        return machine.startThread(sources.get(url)!);
      },
    }),
    replace(URL as unknown as Scope, {
      createObjectURL: ({ text }: Text) => {
        const url = `sim:${sources.size}`;
        sources.set(url, text);
        return url;
      },
      revokeObjectURL: () => {},
    }),
    replace(Date as unknown as Scope, {
      now: () => EPOCH_MS + machine.agenda.nowMs,
    }),
  ];
  try {
    return run();
  } finally {
    for (const one of undo) one();
  }
}

function replace(scope: Scope, others: Scope): () => void {
  const before = Object.keys(others).map((name) => [name, scope[name]]);
  Object.assign(scope, others);
  return () => {
    Object.assign(scope, Object.fromEntries(before));
  };
}
