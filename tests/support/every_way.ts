/**
 * One publish and its delivery by each way in: MQTT and MQTT in WebSocket,
 * plain and over TLS, with clients that we did not write.
 */

import { assertEquals } from "@std/assert";
import type { IClientOptions } from "mqtt";
import type { Authority } from "./certificates.ts";
import { Peer } from "./mqtt_js.ts";

/** What a client speaks. */
export type Way = "mqtt" | "mqtts" | "ws" | "wss";

export const WAYS: readonly Way[] = ["mqtt", "mqtts", "ws", "wss"];

/** What MQTT.js needs to come in that way. */
export function optionsOf(
  way: Way,
  authority: Authority,
): IClientOptions {
  return {
    protocol: way,
    path: "/mqtt",
    ca: Deno.readTextFileSync(authority.caFile),
  };
}

/** A client comes in and a message comes back to it. */
export async function echo(
  port: number,
  way: Way,
  authority: Authority,
  options: IClientOptions = {},
): Promise<void> {
  await using peer = await Peer.connect({ port }, {
    clientId: way,
    ...optionsOf(way, authority),
    ...options,
  });
  await peer.client.subscribeAsync("a", { qos: 1 });
  await peer.client.publishAsync("a", way, { qos: 1 });
  assertEquals(await peer.payloads(1), [way]);
}
