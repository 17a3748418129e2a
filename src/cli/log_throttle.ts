/**
 * Bounds the rate of repeated log lines: of each event some pass in a
 * window of time, the others are counted. It neither writes nor looks at a
 * clock.
 *
 * @module
 */

import type { LogLevel } from "../base/logger.ts";

/** Lines of one event that were held back in a window. */
export interface HeldBack {
  /** The event. */
  readonly event: string;
  /** The level of the last of them. */
  readonly level: LogLevel;
  /** How many. */
  readonly count: number;
}

interface Window {
  startMs: number;
  passed: number;
  held: number;
  level: LogLevel;
}

/** How long a window is. */
export const WINDOW_MS = 1000;
/** How many lines of an event pass in a window. */
export const LINES_MAX = 10;
/** Events have fixed names; more than these share a window. */
const EVENTS_MAX = 256;
const OTHER = "other";

/**
 * Counts the lines of each event.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LINES_MAX, LineThrottle } from "./log_throttle.ts";
 *
 * const throttle = new LineThrottle();
 * for (let i = 0; i < LINES_MAX; i++) {
 *   assertEquals(throttle.admits("timeout", "info", 0), true);
 * }
 * assertEquals(throttle.admits("timeout", "info", 999), false);
 * assertEquals(throttle.takeEnded(1000), [
 *   { event: "timeout", level: "info", count: 1 },
 * ]);
 * ```
 */
export class LineThrottle {
  readonly #windows = new Map<string, Window>();
  /** Events of which lines are held back. */
  #holding = 0;

  /** Whether lines wait to be summed up. */
  get isHolding(): boolean {
    return this.#holding > 0;
  }

  /** Whether a line may be written; else it is counted. */
  admits(event: string, level: LogLevel, nowMs: number): boolean {
    const window = this.#windowOf(event, level, nowMs);
    // What is held is summed up before its window begins anew.
    if (window.held === 0 && hasEnded(window, nowMs)) {
      window.startMs = nowMs;
      window.passed = 0;
    }
    if (window.held === 0 && window.passed < LINES_MAX) {
      window.passed++;
      return true;
    }
    if (window.held === 0) this.#holding++;
    window.held++;
    window.level = level;
    return false;
  }

  /** What was held back in windows that have ended; they begin anew. */
  takeEnded(nowMs: number): HeldBack[] {
    return this.#take((window) => hasEnded(window, nowMs));
  }

  /** All that is held back, for the end. */
  takeAll(): HeldBack[] {
    return this.#take(() => true);
  }

  #take(isDue: (window: Window) => boolean): HeldBack[] {
    const taken: HeldBack[] = [];
    if (this.#holding === 0) return taken;
    for (const [event, window] of this.#windows) {
      if (window.held === 0 || !isDue(window)) continue;
      taken.push({ event, level: window.level, count: window.held });
      window.held = 0;
      window.passed = 0;
      window.startMs = -Infinity;
      this.#holding--;
    }
    return taken;
  }

  #windowOf(event: string, level: LogLevel, nowMs: number): Window {
    const found = this.#windows.get(event);
    if (found !== undefined) return found;
    if (this.#windows.size >= EVENTS_MAX && event !== OTHER) {
      return this.#windowOf(OTHER, level, nowMs);
    }
    const window = { startMs: nowMs, passed: 0, held: 0, level };
    this.#windows.set(event, window);
    return window;
  }
}

/** A clock that was put back ends a window too. */
function hasEnded({ startMs }: Window, nowMs: number): boolean {
  return nowMs >= startMs + WINDOW_MS || nowMs < startMs;
}
