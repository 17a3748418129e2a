/**
 * The log writer with a clock of the test's own: levels, and the rate of
 * repeated lines.
 */

import { assertEquals } from "@std/assert";
import type { LogLevel } from "../../src/base/logger.ts";
import { jsonLine } from "../../src/cli/log_line.ts";
import { LINES_MAX, LineThrottle } from "../../src/cli/log_throttle.ts";
import { LogWriter } from "../../src/cli/log_writer.ts";

/** A writer, its clock and its timers. */
class World {
  nowMs = 1_000_000;
  readonly writer: LogWriter;
  #text = "";
  #timers: { atMs: number; run: () => void }[] = [];

  constructor(level: LogLevel = "info") {
    const decoder = new TextDecoder();
    this.writer = new LogWriter({
      level,
      format: jsonLine,
      write: (bytes) => {
        this.#text += decoder.decode(bytes);
        return Promise.resolve(bytes.length);
      },
      nowMs: () => this.nowMs,
      later: (run, delayMs) =>
        this.#timers.push({ atMs: this.nowMs + delayMs, run }),
    });
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  say(event: string, count: number): void {
    for (let i = 0; i < count; i++) this.writer.log("info", event, event, {});
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.nowMs);
    for (const { run } of due) run();
  }

  /** What has been written since the last look: events, or the summary. */
  async lines(): Promise<string[]> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const lines = this.#text.split("\n").slice(0, -1).map((text) => {
      const { event, message, of_event: of } = JSON.parse(text);
      return event === "lines_held_back" ? `${of}: ${message}` : event;
    });
    this.#text = "";
    return lines;
  }
}

Deno.test("quieter levels are not written", async () => {
  const levels = ["error", "warn", "info", "debug"] as const;
  for (const [at, level] of levels.entries()) {
    const world = new World(level);
    for (const one of levels) {
      world.writer.log(one, one, "", {});
      world.writer.announce(one, one, "", {});
      assertEquals(world.writer.enabled(one), levels.indexOf(one) <= at);
    }
    const expected = levels.slice(0, at + 1).flatMap((one) => [one, one]);
    assertEquals(await world.lines(), expected);
  }
});

Deno.test("repeated lines are held back and summed up", async () => {
  const world = new World();
  world.say("client_connected", LINES_MAX + 1234);
  assertEquals((await world.lines()).length, LINES_MAX);
  assertEquals(world.timerCount, 1);
  world.pass(1000);
  assertEquals(await world.lines(), [
    "client_connected: … and 1,234 more `client_connected` lines in the " +
    "last 1 s",
  ]);
  assertEquals(world.timerCount, 0);
  world.say("client_connected", 1);
  assertEquals(await world.lines(), ["client_connected"]);
});

Deno.test("an event that goes on has a bounded rate", async () => {
  const world = new World();
  for (let second = 0; second < 5; second++) {
    for (let i = 0; i < 100; i++) {
      world.say("timeout", 1);
      world.pass(10);
    }
  }
  world.pass(1000);
  const lines = await world.lines();
  const summaries = lines.filter((text) => text.includes("90 more"));
  assertEquals([lines.length, summaries.length], [5 * (LINES_MAX + 1), 5]);
});

Deno.test("a few lines in a second all pass, again and again", async () => {
  const world = new World();
  for (let i = 0; i < 100; i++) {
    world.say("timeout", 1);
    world.pass(150);
  }
  assertEquals((await world.lines()).length, 100);
  assertEquals(world.timerCount, 0);
});

Deno.test("one event does not hold back another", async () => {
  const world = new World();
  world.say("client_connected", 100);
  world.say("protocol_error", 2);
  const lines = await world.lines();
  assertEquals(lines.slice(LINES_MAX), ["protocol_error", "protocol_error"]);
});

Deno.test("two events that are held back share the timer", async () => {
  const world = new World();
  world.say("a", 11);
  world.pass(500);
  world.say("b", 12);
  assertEquals(world.timerCount, 1);
  await world.lines();
  world.pass(500);
  assertEquals(await world.lines(), [
    "a: … and 1 more `a` line in the last 1 s",
  ]);
  assertEquals(world.timerCount, 1);
  world.pass(1000);
  assertEquals(await world.lines(), [
    "b: … and 2 more `b` lines in the last 1 s",
  ]);
  assertEquals(world.timerCount, 0);
});

Deno.test("the sum comes before the next line of its event", async () => {
  const world = new World();
  world.say("a", 15);
  await world.lines();
  world.nowMs += 5000; // and the timer is late
  world.say("a", 1);
  assertEquals(await world.lines(), [
    "a: … and 5 more `a` lines in the last 1 s",
    "a",
  ]);
});

Deno.test("a clock that is put back does not silence it", async () => {
  const world = new World();
  world.say("a", 15);
  await world.lines();
  world.nowMs -= 3_600_000;
  world.say("a", 1);
  assertEquals((await world.lines()).at(-1), "a");
});

Deno.test("announcements are not held back", async () => {
  const world = new World();
  for (let i = 0; i < 50; i++) {
    world.writer.announce("info", "listening", "listening", {});
  }
  assertEquals((await world.lines()).length, 50);
});

Deno.test("the end says what was held back", async () => {
  const world = new World();
  world.say("a", 15);
  await world.writer.flushed();
  const lines = await world.lines();
  assertEquals(lines.at(-1), "a: … and 5 more `a` lines in the last 1 s");
});

Deno.test("lines below the level are not counted either", async () => {
  const world = new World("warn");
  world.say("a", 100);
  await world.writer.flushed();
  assertEquals(await world.lines(), []);
});

Deno.test("any number of events takes a bounded memory", () => {
  const throttle = new LineThrottle();
  let admitted = 0;
  for (let i = 0; i < 100_000; i++) {
    if (throttle.admits(`event_${i}`, "info", 0)) admitted++;
  }
  assertEquals(admitted, 256 + LINES_MAX);
  const held = throttle.takeEnded(1000);
  const count = 100_000 - admitted;
  assertEquals(held, [{ event: "other", level: "info", count }]);
});

Deno.test("what is insisted on is written at any level and rate", async () => {
  const world = new World("error");
  world.say("a", 1);
  for (let i = 0; i <= LINES_MAX; i++) world.writer.insist("b", "b", {});
  assertEquals(await world.lines(), Array(LINES_MAX + 1).fill("b"));
  assertEquals(world.timerCount, 0);
});
