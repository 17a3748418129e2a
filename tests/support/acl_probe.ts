/**
 * Finds out from outside what a broker lets a client do: it publishes on each
 * topic and looks at the PUBACK, and it subscribes to all and looks at what
 * comes. Speaks MQTT 5.0, for only there a refusal is told.
 */

import { assert, assertEquals } from "@std/assert";
import { RawClient } from "./raw_client.ts";
import {
  connect,
  decode,
  frame,
  pingreq,
  publish,
  type ServerPacket,
  subscribe,
} from "./wire5.ts";

/** The name under which a client connects. */
export interface Name {
  readonly clientId: string;
  readonly userName: string | undefined;
}

/** It may write on every topic. */
const WRITER: Name = { clientId: "writer", userName: "writer" };

/** As many at once as any broker takes. */
const AT_ONCE = 10;

const NOT_AUTHORIZED = 0x87;

/**
 * The topics on which `who` may do something, and what: "r", "w" or "rw".
 * They begin with no $, or with the level `$a`.
 */
export async function observedRights(
  port: number,
  who: Name,
  topics: readonly string[],
): Promise<Map<string, string>> {
  using client = await connected(port, who);
  const written = await writtenBy(client, topics);
  await client.send(subscribe(1, [{ filter: "#" }, { filter: "$a/#" }]));
  const suback = await next(client);
  assertEquals(suback.type, "suback");
  using writer = await connected(port, WRITER);
  const sent = await writtenBy(writer, topics);
  assertEquals(sent.size, topics.length, "the writer may write");
  const read = await readBy(client);
  const rights = new Map<string, string>();
  for (const topic of topics) {
    const may = (read.has(topic) ? "r" : "") + (written.has(topic) ? "w" : "");
    if (may !== "") rights.set(topic, may);
  }
  return rights;
}

async function connected(port: number, name: Name): Promise<RawClient> {
  const { clientId, userName } = name;
  const client = await RawClient.open(port);
  await client.send(
    connect({ clientId, ...(userName !== undefined && { userName }) }),
  );
  const packet = await next(client);
  assert(packet.type === "connack" && packet.reason === 0, "CONNACK");
  return client;
}

/** The topics on which it is allowed to publish. */
async function writtenBy(
  client: RawClient,
  topics: readonly string[],
): Promise<Set<string>> {
  const written = new Set<string>();
  for (let from = 0; from < topics.length; from += AT_ONCE) {
    const some = topics.slice(from, from + AT_ONCE);
    const packets = some.map((topic, at) =>
      publish({ topic, qos: 1, packetId: at + 1 })
    );
    await client.send(...packets);
    for (let left = some.length; left > 0; left--) {
      const packet = await next(client);
      assert(packet.type === "puback", packet.type);
      if (packet.reason < 0x80) written.add(some[packet.packetId - 1]!);
      else assertEquals(packet.reason, NOT_AUTHORIZED);
    }
  }
  return written;
}

/** The topics of what has come before the answer to a ping. */
async function readBy(client: RawClient): Promise<Set<string>> {
  await client.send(pingreq());
  const read = new Set<string>();
  for (;;) {
    const packet = await next(client);
    if (packet.type === "pingresp") return read;
    assert(packet.type === "publish", packet.type);
    read.add(packet.topic);
  }
}

async function next(client: RawClient): Promise<ServerPacket> {
  const { firstByte, body } = await client.frame();
  return decode(frame(firstByte, body))[0]!;
}
