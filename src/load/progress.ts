/**
 * Says on stderr what is being measured: one line that changes on a terminal,
 * plain lines for finished runs elsewhere, nothing at all in tests.
 *
 * @module
 */

import { rate } from "./table.ts";
import type { Sample } from "./tally.ts";

/** Who is told what goes on. */
export interface Progress {
  /** A contender begins something. */
  step(scenario: string, contender: string, phase: string): void;
  /** How much of a run is done, 0 to 1, and what there is to say of it. */
  tick(share: number, words?: string): void;
  /** What the step has measured. */
  result(sample: Sample): void;
  /** Something to know that ends nothing. */
  note(text: string): void;
  /** All is over. */
  done(): void;
}

/** Where it is said. */
export interface Outlet {
  /** Whether a person sees it, and a line may change. */
  readonly isTerminal: boolean;
  /** Writes a text. */
  say(text: string): void;
}

/** Says it there. */
export function toldProgress(outlet: Outlet, stepsInAll: number): Progress {
  const { isTerminal, say } = outlet;
  return isTerminal ? oneLine(say, stepsInAll) : plainLines(say);
}

/** Says nothing. */
export function silentProgress(): Progress {
  const nothing = (): void => {};
  return {
    step: nothing,
    tick: nothing,
    result: nothing,
    note: nothing,
    done: nothing,
  };
}

function oneLine(say: Outlet["say"], stepsInAll: number): Progress {
  const startMs = performance.now();
  let steps = 0;
  let current = "";
  let shownMs = 0;
  const clear = "\r\x1b[K";
  const text = (share: number): string => {
    const percent = Math.floor(100 * (steps - 1 + share) / stepsInAll);
    const seconds = Math.round((performance.now() - startMs) / 1000);
    return `${clear}${percent} %  ${seconds} s  ${current}`;
  };
  return {
    step(scenario, contender, phase) {
      const now = `${scenario}  ${contender}  ${phase}`.trim();
      if (now !== current) steps += 1;
      current = now;
      say(text(0));
    },
    tick(share, words = "") {
      const nowMs = performance.now();
      if (nowMs - shownMs < 200) return;
      shownMs = nowMs;
      const done = Math.min(1, share);
      const full = Math.round(20 * done);
      const bar = "█".repeat(full) + "░".repeat(20 - full);
      say(`${text(done)}  ${bar}  ${words}`);
    },
    result() {},
    note(note) {
      say(`${clear}${note}\n`);
    },
    done() {
      say(clear);
    },
  };
}

function plainLines(say: Outlet["say"]): Progress {
  let text = "";
  return {
    step(scenario, contender, phase) {
      text = `${scenario} ${contender} ${phase}`.trim();
    },
    tick() {},
    result({ deliveredPerSecond, bytesPerIdler, seconds }) {
      const figure = bytesPerIdler > 0
        ? `${rate(bytesPerIdler)} B/client`
        : `${rate(deliveredPerSecond)}/s`;
      say(`${text}: ${figure} in ${seconds.toFixed(2)} s\n`);
    },
    note(note) {
      say(`${note}\n`);
    },
    done() {},
  };
}
