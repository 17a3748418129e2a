/**
 * The port for HTTP while a broker stops. How it is opened is tested in
 * `tests/e2e/`.
 */

import { assertEquals } from "@std/assert";
import type { Served } from "../../src/cli/api_joins.ts";
import { Watch } from "../../src/cli/watch.ts";
import { ListenError } from "../../src/net/listening.ts";

/** What is logged when the port is in use, and the broker goes on or stops. */
async function eventsWhere(isReady: boolean): Promise<string[]> {
  const events: string[] = [];
  const broker = {
    isReady: true,
    listen(): Promise<never> {
      broker.isReady = isReady;
      throw new ListenError("in_use", "the port is in use", undefined);
    },
  };
  const log = {
    announce: (_: string, event: string) => void events.push(event),
  };
  const watch = await Watch.read({
    httpListen: undefined,
    httpTokenFile: undefined,
  });
  await watch!.open({ broker, log } as unknown as Served);
  return events;
}

Deno.test("a port in use is told while more may be told", async () => {
  const secret = "http_secret";
  assertEquals(await eventsWhere(true), [secret, "http_unavailable"]);
  assertEquals(await eventsWhere(false), [secret]);
});
