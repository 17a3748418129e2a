/**
 * The doors that the load generator goes through: WebSocket frames as they
 * are written and read, real servers in TLS and over WebSocket, and what
 * brokers are equipped with.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pbkdf2Sync } from "node:crypto";
import { targetAt } from "../../bench/load/contenders.ts";
import { OPEN_TCP, type Transport } from "../../bench/load/doors.ts";
import {
  accessRules,
  ACL_RULES,
  equip,
  KEY_KINDS,
  type KeyKind,
  passwordLine,
} from "../../bench/load/equipment.ts";
import { MQTT_4 } from "../../src/load/dialects.ts";
import { Link } from "../../src/load/link.ts";
import { type Load, scenarios } from "../../src/load/scenarios.ts";
import { Tape } from "../../src/load/tape.ts";
import { Unframer, WebSocketStream } from "../../src/load/web_socket.ts";
import type { ByteStream } from "../../src/net/byte_stream.ts";
import { within } from "../support/deadline.ts";

const REQUEST = { host: "127.0.0.1:1", path: "/mqtt" };
const YES = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
const CONNACK = [0x20, 2, 0, 0];
const SUBACK = [0x90, 3, 0, 1, 0];

/** A frame of a server: payload of so many bytes that count up. */
interface Framed {
  readonly head: readonly number[];
  readonly payloadBytes: number;
}

/** A server's certificate and key, and who has signed it, PEM. */
interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const FRAMES: readonly Framed[] = [
  { head: [0x82, 0], payloadBytes: 0 },
  { head: [0x82, 5], payloadBytes: 5 },
  { head: [0x02, 125], payloadBytes: 125 },
  { head: [0x80, 126, 1, 0], payloadBytes: 256 },
  { head: [0x82, 127, 0, 0, 0, 0, 0, 0, 1, 2], payloadBytes: 258 },
];

Deno.test("payloads are taken out of frames that are cut anywhere", () => {
  const { bytes, payload } = together(FRAMES);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reads = [bytes.subarray(0, cut), bytes.subarray(cut)];
    assertEquals(payloadOf(reads), payload, `cut at ${cut}`);
  }
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  assertEquals(payloadOf(single), payload);
});

Deno.test("a broker that closes or pings ends what is read", () => {
  assertEquals(new Unframer().take(Uint8Array.of(0x88, 0), 2), null);
  const ping = Uint8Array.of(0x89, 0);
  assertThrows(() => new Unframer().take(ping, 2), Error, "type 9");
});

Deno.test("frames out are whole, masked by a key other than 0", async () => {
  for (const payloadBytes of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = Uint8Array.from({ length: payloadBytes }, (_, at) => at);
    const carrier = new Carrier();
    const stream = await WebSocketStream.open(carrier, REQUEST);
    carrier.written.length = 0;
    await stream.write(payload);
    await stream.writeMasked(payload.map((byte) => byte ^ stream.mask));
    assertEquals(carrier.written.length, 2);
    for (const frame of carrier.written) {
      assertEquals(unmasked(frame), payload, `${payloadBytes} bytes`);
    }
  }
});

Deno.test("a masked tape is a tape, but for its mask", () => {
  for (const qos of [0, 1] as const) {
    const variant = { ...pairs(), qos };
    const [plain, masked] = [0, 0x5a].map((mask) => new Tape(variant, 3, mask));
    for (
      const [count, nowMs] of [[3, 1.5], [5_000, -2e-7], [7, 1e9]] as const
    ) {
      const slice = plain?.take(count, nowMs).slice();
      const got = masked?.take(count, nowMs).map((byte) => byte ^ 0x5a);
      assertEquals(got, slice);
    }
  }
});

Deno.test("a broker that opens no WebSocket is told of", async () => {
  const carrier = new Carrier("HTTP/1.1 404 Not Found\r\n\r\n");
  const opened = WebSocketStream.open(carrier, REQUEST);
  await assertRejects(() => opened, Error, "HTTP/1.1 404 Not Found");
});

Deno.test("clients reach a server over each transport", async () => {
  await reachSocket("tcp");
  await reachWebSocket("ws");
  for (const keyKind of KEY_KINDS) {
    const identity = await newIdentity(keyKind);
    await reachSocket("tls", identity);
    await reachWebSocket("wss", identity);
  }
});

Deno.test("a certificate of someone else is not trusted", async () => {
  const ours = await newIdentity("ec");
  const { ca } = await newIdentity("ec");
  const mixed = { ...ours, ca };
  await assertRejects(
    () => reachSocket("tls", mixed),
    Error,
    "of no authority",
  );
});

Deno.test("the guard is a hashed password and a thousand rules", async () => {
  await withFolder(async (folder) => {
    const doors = [OPEN_TCP, { transport: "tcp", isGuarded: true }] as const;
    const { guard, certificate } = await equip(folder, doors, "ec");
    assertEquals(certificate, undefined);
    assert(guard !== undefined);
    const rules = await Deno.readTextFile(guard.aclFile);
    assertEquals(rules, accessRules());
    assertEquals(rules.match(/^(topic|pattern) /gm)?.length, ACL_RULES);
    for (const file of [guard.aclFile, guard.passwordFile]) {
      assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    }
  });
  const line = passwordLine({ userName: "ada", password: "secret" });
  const [name, , kind, rounds, salt = "", hash] = line.trim().split(/[:$]/);
  assertEquals([name, kind], ["ada", "7"]);
  const raw = new Uint8Array(Uint8Array.fromBase64(salt));
  const again = pbkdf2Sync("secret", raw, Number(rounds), 64, "sha512");
  assertEquals(hash, again.toString("base64"));
});

/** A client says hello to a server that takes bytes as they come. */
async function reachSocket(
  transport: Transport,
  identity?: Identity,
): Promise<void> {
  const address = { hostname: "127.0.0.1", port: 0 };
  using listener = identity === undefined
    ? Deno.listen(address)
    : Deno.listenTls({ ...address, ...identity });
  const served = (async () => {
    using conn = await listener.accept();
    const bytes = new Uint8Array(1_000);
    for (const answer of [CONNACK, SUBACK]) {
      await conn.read(bytes);
      await conn.write(Uint8Array.from(answer));
    }
    await conn.read(bytes);
  })();
  served.catch(() => {});
  try {
    await sayHello(transport, listener.addr.port, identity);
    await within(served, "the end of a connection");
  } finally {
    await within(Promise.allSettled([served]), "the end of a connection");
  }
}

/** A client says hello through a WebSocket of the runtime's own. */
async function reachWebSocket(
  transport: Transport,
  identity?: Identity,
): Promise<void> {
  const answers = [CONNACK, SUBACK];
  const paths: string[] = [];
  const handler = (request: Request): Response => {
    paths.push(new URL(request.url).pathname);
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: "mqtt",
    });
    socket.onmessage = () => {
      // One frame a byte, which the client puts together again.
      for (const byte of answers.shift() ?? []) {
        socket.send(Uint8Array.of(byte));
      }
    };
    return response;
  };
  const address = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve({ ...address, ...identity }, handler);
  await sayHello(transport, server.addr.port, identity);
  assertEquals([paths, answers], [["/mqtt"], []]);
}

async function sayHello(
  transport: Transport,
  port: number,
  identity: Identity | undefined,
): Promise<void> {
  const place = { hostname: "127.0.0.1", port };
  const door = { transport, isGuarded: false };
  const certificate = identity && {
    ca: identity.ca,
    ...{ certFile: "", keyFile: "", caFile: "" },
  };
  const equipment = { certificate, guard: undefined };
  const target = targetAt(place, "mqtt", door, equipment);
  const subscribe = { filter: "a", qos: 0 } as const;
  const hello = { role: "S", index: 0, level: 4, subscribe } as const;
  const link = await within(Link.connect(target, hello, 1_000), "an answer");
  link.close();
}

async function newIdentity(keyKind: KeyKind): Promise<Identity> {
  let identity: Identity | undefined;
  await withFolder(async (folder) => {
    const doors = [{ transport: "tls", isGuarded: false }] as const;
    const { certificate } = await equip(folder, doors, keyKind);
    assert(certificate !== undefined);
    const { ca, certFile, keyFile } = certificate;
    identity = {
      ca,
      cert: await Deno.readTextFile(certFile),
      key: await Deno.readTextFile(keyFile),
    };
  });
  assert(identity !== undefined);
  return identity;
}

/** Remembers what is written to it, and answers once. */
class Carrier implements ByteStream {
  readonly written: Uint8Array[] = [];
  #answer: Uint8Array;

  constructor(answer = YES) {
    this.#answer = new TextEncoder().encode(answer);
  }

  read(into: Uint8Array): Promise<number | null> {
    into.set(this.#answer);
    return Promise.resolve(this.#answer.length);
  }

  write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes.slice());
    return Promise.resolve();
  }

  close(): void {}
}

function together(
  frames: readonly Framed[],
): { bytes: Uint8Array; payload: Uint8Array } {
  const bytes: number[] = [];
  const payload: number[] = [];
  for (const { head, payloadBytes } of frames) {
    const more = Array.from({ length: payloadBytes }, (_, at) => at & 0xff);
    bytes.push(...head, ...more);
    payload.push(...more);
  }
  return { bytes: Uint8Array.from(bytes), payload: Uint8Array.from(payload) };
}

function payloadOf(reads: readonly Uint8Array[]): Uint8Array {
  const unframer = new Unframer();
  const payload: number[] = [];
  for (const read of reads) {
    const room = read.slice();
    const count = unframer.take(room, room.length);
    assert(count !== null);
    payload.push(...room.subarray(0, count));
  }
  return Uint8Array.from(payload);
}

/** The payload of a client's frame, read as RFC 6455 says. */
function unmasked(frame: Uint8Array): Uint8Array {
  assertEquals(frame[0], 0x82, "one binary frame");
  const view = new DataView(frame.buffer, frame.byteOffset);
  assert(frame[1]! >= 0x80, "masked");
  const short = frame[1]! & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126
    ? short
    : short === 126
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  const key = frame.subarray(at, at + 4);
  assert(key.some((byte) => byte !== 0));
  const payload = frame.subarray(at + 4);
  assertEquals(payload.length, length);
  return payload.map((byte, index) => byte ^ key[index % 4]!);
}

function pairs(): Load {
  const scenario = scenarios.find(({ name }) => name === "pairs10_qos0");
  assert(scenario !== undefined);
  return { ...scenario, dialect: MQTT_4 };
}

async function withFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "load-doors-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
