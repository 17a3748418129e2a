/**
 * Says on stderr what is being measured: one line that changes on a terminal,
 * plain lines for finished runs elsewhere, nothing at all in tests.
 */

import type { Sample } from "./generator.ts";
import { rate } from "./table.ts";

export interface Progress {
  /** A contender begins something. */
  step(scenario: string, contender: string, phase: string): void;
  /** How much of a run is done, 0 to 1. */
  tick(share: number): void;
  /** What the step has measured. */
  result(sample: Sample): void;
  /** Something to know that ends nothing. */
  note(text: string): void;
  /** All is over. */
  done(): void;
}

const encoder = new TextEncoder();

export function stderrProgress(stepsInAll: number): Progress {
  return Deno.stderr.isTerminal() ? oneLine(stepsInAll) : plainLines();
}

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

function oneLine(stepsInAll: number): Progress {
  const startMs = performance.now();
  let steps = 0;
  let current = "";
  let text = "";
  let shownMs = 0;
  const clear = "\r\x1b[K";
  return {
    step(scenario, contender, phase) {
      const now = `${scenario}  ${contender}  ${phase}`;
      if (now !== current) steps += 1;
      current = now;
      const seconds = Math.round((performance.now() - startMs) / 1000);
      text = `${Math.min(99, Math.floor(100 * steps / stepsInAll))} %` +
        `  ${seconds} s  ${now}`;
      say(clear + text);
    },
    tick(share) {
      const nowMs = performance.now();
      if (nowMs - shownMs < 200) return;
      shownMs = nowMs;
      const full = Math.min(20, Math.round(20 * share));
      say(`${clear}${text}  ${"█".repeat(full)}${"░".repeat(20 - full)}`);
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

function plainLines(): Progress {
  let text = "";
  return {
    step(scenario, contender, phase) {
      text = `${scenario} ${contender} ${phase}`;
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

function say(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}
