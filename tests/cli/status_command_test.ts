/**
 * `broker status` on a terminal: the table is made anew until nobody reads.
 */

import { assert, assertEquals } from "@std/assert";
import { statusCommand } from "../../src/cli/status_command.ts";
import { bytesText, statusLines } from "../../src/cli/status_text.ts";
import { SECRET, withApi } from "../http/api_world.ts";

Deno.test("the table goes on, broker or not, until nobody reads", async () => {
  await withApi(async (world) => {
    const file = `${world.folder}/secret`;
    await Deno.writeTextFile(file, SECRET);
    const frames: string[] = [];
    await statusCommand({
      environment: () => ({}),
      isRoot: () => false,
      isStdoutTerminal: () => true,
      output: (bytes) => {
        if (frames.length === 1) world.server.close();
        return frames.push(new TextDecoder().decode(bytes)) < 3;
      },
      print: () => assert(false, "nothing is printed beside"),
    }, ["--url", `http://127.0.0.1:${world.port}/`, "--secret-file", file]);
    const [first, second, third] = frames;
    assert(first!.startsWith("\x1b[2J\x1b[Hbroker "));
    assert(second!.startsWith("\x1b[Hbroker "));
    assert(third!.startsWith("\x1b[Hno broker answers at "), third);
    assert(first!.includes("listeners  mqtts://0.0.0.0:8883"));
    assert(first!.includes("warning    everybody"));
  });
});

Deno.test("what a broker says does nothing to a terminal", () => {
  const none = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 };
  const lines = statusLines("http://a", {
    version: "\x1b[31m1",
    runtime: "Deno",
    uptimeSeconds: 90_061,
    clients: { connected: 1234, connectedMax: 50_000, sessions: 2 },
    subscriptions: 3,
    retained: { count: 0, bytes: 0 },
    queued: { messages: 0, bytes: 0 },
    inflight: 0,
    rates: none,
    totals: none,
    memoryBytes: null,
    eventLoopLagSeconds: 0.0123,
    drops: { slow_client: 1000, expired: 0 },
    store: { kind: "sqlite", path: "/a/b", bytes: 1500, isBroken: true },
    warnings: [{ message: "a\x07" }],
  }, { items: [] });
  const text = lines.join("\n");
  assert(!/(?!\n)\p{Cc}/u.test(text), text);
  assert(text.includes("up 1 d 1 h"));
  assert(text.includes("1,234 of 50,000, 2 sessions"));
  assert(text.includes("unknown; the event loop is 12.3 ms late"));
  assert(text.includes("dropped    1,000 slow_client\n"));
  assert(text.includes("/a/b, 1.5 kB; it can keep nothing at the moment"));
  assertEquals(bytesText(999_500_000), "1.0 GB");
});
