/**
 * What comes to a client, as bytes: what is handed on, what is answered, and
 * what no broker may send.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Inbox } from "../../src/client/inbox.ts";
import { ProtocolError } from "../../src/codec/protocol_error.ts";

const CONNACK = { 4: [0x20, 2, 0, 0], 5: [0x20, 3, 0, 0, 0] } as const;
const RESUMED = [0x20, 2, 1, 0];

/** An inbox, and a line for all that it does. */
class Scene {
  readonly lines: string[] = [];
  readonly ids = new Set<number>();
  readonly waiting = new Set<number>();
  readonly inbox: Inbox;

  constructor(level: 4 | 5 = 4, connack: readonly number[] = CONNACK[level]) {
    const { lines } = this;
    this.inbox = new Inbox(level, this.ids, {
      send: (bytes) => void lines.push(`send ${[...bytes]}`),
      trace: () => {},
      connected: ({ reason }) => void lines.push(`connected ${reason}`),
      received: ({ topic, payload }) =>
        void lines.push(`${topic} ${new TextDecoder().decode(payload)}`),
      answered: (id, { reasonCodes }) =>
        void lines.push(`answer ${id} ${reasonCodes}`),
      isWaiting: (id) => this.waiting.has(id),
      ended: ({ reason }) => void lines.push(`ended ${reason}`),
    });
    if (connack.length > 0) this.take(...connack);
    this.lines.length = 0;
  }

  take(...bytes: number[]): void {
    this.inbox.receive(Uint8Array.from(bytes));
  }
}

/** QoS 0 to 2, topic "a", payload "x", packet id 7. */
const PUBLISH = [
  [0x30, 4, 0, 1, 0x61, 0x78],
  [0x32, 6, 0, 1, 0x61, 0, 7, 0x78],
  [0x34, 6, 0, 1, 0x61, 0, 7, 0x78],
];

Deno.test("[MQTT-4.3.2-2] QoS 1 is handed on, then acknowledged", () => {
  const scene = new Scene();
  scene.take(...PUBLISH[0]!, ...PUBLISH[1]!);
  assertEquals(scene.lines, ["a x", "a x", "send 64,2,0,7"]);
});

Deno.test("[MQTT-4.3.3-2] QoS 2 is handed on once", () => {
  const scene = new Scene();
  scene.take(...PUBLISH[2]!, 0x3c, ...PUBLISH[2]!.slice(1), 0x62, 2, 0, 7);
  assertEquals(scene.lines, [
    "a x",
    "send 80,2,0,7",
    "send 80,2,0,7",
    "send 112,2,0,7",
  ]);
  scene.take(...PUBLISH[2]!);
  assertEquals(scene.lines[4], "a x");
});

Deno.test("ids of QoS 2 stay with a session that stays", () => {
  const scene = new Scene(4, []);
  scene.ids.add(7);
  scene.take(...RESUMED, ...PUBLISH[2]!);
  assertEquals(scene.lines, ["connected 0", "send 80,2,0,7"]);
});

Deno.test("ids of QoS 2 go with a session that is new", () => {
  const scene = new Scene(4, []);
  scene.ids.add(7);
  scene.take(...CONNACK[4], ...PUBLISH[2]!);
  assertEquals(scene.lines, ["connected 0", "a x", "send 80,2,0,7"]);
});

Deno.test("a packet in pieces is a packet", () => {
  const scene = new Scene();
  for (const byte of PUBLISH[1]!) scene.take(byte);
  assertEquals(scene.lines, ["a x", "send 64,2,0,7"]);
});

Deno.test("answers find their packet", () => {
  const scene = new Scene();
  scene.waiting.add(3);
  scene.take(0x40, 2, 0, 9, 0x90, 3, 0, 8, 0x80, 0xb0, 2, 0, 6);
  scene.take(0x50, 2, 0, 3, 0x70, 2, 0, 3);
  assertEquals(scene.lines, [
    "answer 9 0",
    "answer 8 128",
    "answer 6 ",
    "send 98,2,0,3",
    "answer 3 0",
  ]);
});

Deno.test("a PUBREC that refuses is the end of a message", () => {
  const scene = new Scene(5);
  scene.take(0x50, 3, 0, 3, 0x97);
  assertEquals(scene.lines, ["answer 3 151"]);
});

Deno.test("5.0 says that an id is unknown", () => {
  const scene = new Scene(5);
  scene.take(0x62, 2, 0, 7, 0x50, 2, 0, 8);
  assertEquals(scene.lines, ["send 112,3,0,7,146", "send 98,3,0,8,146"]);
});

Deno.test("a DISCONNECT of 5.0 says why", () => {
  const scene = new Scene(5);
  scene.take(0xe0, 1, 0x8b);
  assertEquals(scene.lines, ["ended 139"]);
});

/** What is wrong, and the bytes. */
const WRONG: readonly (readonly [string, 4 | 5, readonly number[]])[] = [
  ["a second CONNACK", 4, CONNACK[4]],
  ["a DISCONNECT below 5.0", 4, [0xe0, 0]],
  ["CONNECT", 4, [0x10, 0]],
  ["SUBSCRIBE", 4, [0x82, 2, 0, 1]],
  ["PINGREQ", 4, [0xc0, 0]],
  ["AUTH, which was not begun", 5, [0xf0, 0]],
  ["PINGRESP with a body", 4, [0xd0, 1, 0]],
  ["QoS 3", 4, [0x36, 6, 0, 1, 0x61, 0, 7, 0x78]],
  ["a topic that is no UTF-8", 4, [0x30, 3, 0, 1, 0xff]],
  ["an alias that stands for nothing", 5, [0x30, 6, 0, 0, 3, 35, 0, 1]],
];

for (const [what, level, bytes] of WRONG) {
  Deno.test(`no broker sends ${what}`, () => {
    const scene = new Scene(level);
    assertThrows(() => scene.take(...bytes), ProtocolError);
  });
}

Deno.test("nothing comes before CONNACK", () => {
  const scene = new Scene(4, []);
  assertThrows(() => scene.take(...PUBLISH[0]!), ProtocolError, "PUBLISH at");
});
