/**
 * Sockets that come in floods, go with a reset in the middle of anything, or
 * stay and say nothing; client ids that flap; pings without end; and garbage
 * at the doors that look at first bytes.
 */

import { assert, assertEquals } from "@std/assert";
import { Random } from "../fuzz/random.ts";
import { Attacker, manyTimes, sendAndReset } from "../support/attacker.ts";
import { testBroker, testRuntime } from "../support/e2e.ts";
import { beside, MIB, SCALE } from "../support/healthy.ts";
import { BrokerProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { BINARY, clientFrame, upgradeRequest } from "../support/web_socket.ts";
import { connect, join, pingreq, publish, subscribe } from "../support/wire.ts";

const FLOOD = Math.round(4000 * SCALE);
const RESETS = Math.round(400 * SCALE);
const HALF_OPEN = Math.round(200 * SCALE);
const FLAPS = Math.round(1000 * SCALE);
const PINGS = Math.round(6_000_000 * SCALE);
const GARBAGE = Math.round(400 * SCALE);
const ABREAST = 20;

testBroker("a flood of connections", async (broker) => {
  await beside(broker, async () => {
    await manyTimes(FLOOD, ABREAST, async (index) => {
      // Some say nothing, some are let in, some leave in the middle of that.
      if (index % 3 === 0) return await sendAndReset(broker.port, connect());
      using attacker = await Attacker.open(broker.port);
      if (index % 3 === 1) return;
      await attacker.send(connect({ clientId: `flood ${index}` }));
      await attacker.swallow(4);
    });
  });
});

/** What is cut off, and how much of an answer is waited for before. */
const CUT: readonly (readonly [bytes: Uint8Array, answerBytes: number])[] = [
  [new Uint8Array(0), 0],
  [connect().subarray(0, 7), 0],
  [connect({ clientId: "" }), 0],
  [connect({ clientId: "" }), 1],
  [join(connect({ clientId: "" }), [0x30, 0xff, 0x7f, 0, 1, 0x61]), 4],
  [join(connect({ clientId: "" }), subscribe(1, ["flood", 0])), 100],
  [join(connect({ clientId: "" }), subscribe(1, ["flood", 1])), 30_000],
];

const CUT_WEB_SOCKET: typeof CUT = [
  [upgradeRequest().subarray(0, 50), 0],
  [upgradeRequest(), 0],
  [upgradeRequest(), 20],
  [
    join(
      upgradeRequest(),
      clientFrame(BINARY, connect({ clientId: "" }), { length: 1000 }),
    ),
    1,
  ],
];

testRuntime("resets in the middle of anything", async (runtime) => {
  const doors = ["mqtt", "ws"].map((it) => ["--listen", `${it}://127.0.0.1:0`]);
  await using broker = await BrokerProcess.startBare({
    runtime,
    addressCount: doors.length,
    args: doors.flat(),
  });
  const [tcp, ws] = broker.ports;
  const flood = publish({ topic: "flood", payload: new Uint8Array(10_000) });
  let isOver = false;
  // Those who are cut off in the middle of a delivery need deliveries.
  const flooding = (async () => {
    using flooder = await RawClient.connected(tcp!, { clientId: "flooder" });
    while (!isOver) {
      await flooder.send(flood);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const cutting = beside(broker, async () => {
    await manyTimes(RESETS, ABREAST, async (index) => {
      const isPlain = index % 2 === 0;
      const all = isPlain ? CUT : CUT_WEB_SOCKET;
      const [bytes, answerBytes] = all[(index >> 1) % all.length]!;
      await sendAndReset(isPlain ? tcp! : ws!, bytes, answerBytes);
    });
  });
  await cutting.finally(() => isOver = true);
  await flooding;
});

testBroker("sockets whose clients have vanished", async (broker) => {
  using vanished = new DisposableStack();
  await beside(broker, async () => {
    await manyTimes(HALF_OPEN, ABREAST, async (index) => {
      const fields = { clientId: `vanished ${index}`, keepAliveS: 1 };
      const client = vanished.use(
        await RawClient.connected(broker.port, fields),
      );
      await client.send(subscribe(1, ["healthy/#", 1]));
      await client.packet("suback");
    });
    await broker.logged(
      "lines_held_back",
      ({ message }) => message.includes("`client_disconnected`"),
    );
  });
  using last = await RawClient.connected(broker.port, { clientId: "last" });
  assertEquals(await last.packetsBeforePong(), []);
});

testBroker("two clients with one id", async (broker) => {
  let refused = 0;
  await beside(broker, async () => {
    await manyTimes(FLAPS, 2, async () => {
      using client = await RawClient.open(broker.port);
      await client.send(connect({ clientId: "twin" }));
      try {
        if ((await client.packet("connack")).returnCode === 3) refused++;
      } catch {
        // The other one was there before the answer.
      }
    });
  });
  assert(refused > 0, "who flaps has to wait");
  // It is this client id that has to wait, and nobody else.
  using other = await RawClient.connected(broker.port, { clientId: "other" });
  assertEquals(await other.packetsBeforePong(), []);
});

testBroker(
  "pings without end, and nobody reads the answers",
  async (broker) => {
    const pings = new Uint8Array(64 << 10);
    for (let at = 0; at < pings.length; at += 2) pings.set(pingreq(), at);
    await beside(broker, async () => {
      using attacker = await Attacker.open(broker.port);
      await attacker.send(connect({ clientId: "pings" }));
      const sending = (async () => {
        for (let sent = 0; sent < PINGS; sent += pings.length / 2) {
          if (!await attacker.send(pings)) return;
        }
      })();
      // Until the sockets between the two are full, and then all is read.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await Promise.all([sending, attacker.swallow(PINGS)]);
      assert(attacker.receivedBytes >= PINGS, "each ping is answered");
    }, { growthBytesMax: 64 * MIB });
  },
);

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10];
const ascii = (text: string) => new TextEncoder().encode(text);

/** Beginnings of every kind, each wrong in its own way. */
const BEGINNINGS: readonly Uint8Array[] = [
  ascii("PROXY TCP4 1.2.3.4 5.6.7.8 1 99999\r\n"),
  ascii("PROXY TCP6 :::: :: 1 2\r\n"),
  ascii(`PROXY ${"U".repeat(500)}`),
  ascii("PROXY UNKNOWN\r\n\r\n\r\n"),
  join(SIGNATURE, 0x21, 0x11, 0xff, 0xff, new Uint8Array(70_000)),
  join(SIGNATURE, 0x2f, 0x11, 0, 12, new Uint8Array(12)),
  join(SIGNATURE, 0x21, 0x11, 0, 12, new Uint8Array(12), SIGNATURE),
  join(SIGNATURE, 0x21, 0x11, 0, 15, new Uint8Array(12), 3, 0xff, 0xff),
  ascii("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  ascii("SSH-2.0-OpenSSH_9.2\r\n"),
  join([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0], new Uint8Array(100)),
  join(0x10, [0xff, 0xff, 0xff, 0xff, 0x7f]),
];

function garbage(random: Random): Uint8Array {
  const bytes = random.bytes(random.between(1, 2000));
  if (random.chance(40)) return bytes;
  const beginning = random.pick(BEGINNINGS);
  const cut = beginning.subarray(0, random.between(1, beginning.length));
  return random.chance(50) ? beginning : join(cut, bytes);
}

testRuntime("garbage where first bytes are looked at", async (runtime) => {
  const local = "127.0.0.1";
  const doors = [
    `mqtt://${local}:0`,
    `any://${local}:0`,
    `mqtt://${local}:0?anonymous=yes&proxy=${local}`,
    `any://${local}:0?anonymous=yes&proxy=${local}`,
  ];
  await using broker = await BrokerProcess.startBare({
    runtime,
    addressCount: doors.length,
    args: doors.flatMap((door) => ["--listen", door]),
  });
  const [, ...ports] = broker.ports;
  await beside(broker, async () => {
    await manyTimes(GARBAGE, ABREAST, async (index) => {
      using attacker = await Attacker.open(ports[index % ports.length]!);
      const random = new Random(index);
      await attacker.send(garbage(random));
      // Some wait for more of it, until their time is over.
      if (random.chance(80)) return;
      await attacker.finish();
      await attacker.untilHungUp();
    });
  });
});
