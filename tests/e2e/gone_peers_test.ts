/**
 * Peers that are gone before they are taken in, over real sockets: they reset
 * their connections at once, and nobody else waits for that.
 */

import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { within } from "../support/deadline.ts";
import { testBroker } from "../support/e2e.ts";
import { RawClient } from "../support/raw_client.ts";

const PEERS = 300;

testBroker("peers that reset at once delay nobody", async (broker) => {
  for (let i = 0; i < PEERS; i++) {
    await within(reset(broker.port), "a reset");
  }
  using _client = await RawClient.connected(broker.port);
  const failed = broker.log.filter(({ event }) => event === "accept_failed");
  assertEquals(failed, []);
});

/** Connects and resets: the kernel drops what was not accepted yet. */
function reset(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, "127.0.0.1", () => {
      socket.resetAndDestroy();
    });
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}
