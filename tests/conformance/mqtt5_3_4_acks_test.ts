/**
 * MQTT 5.0, sections 3.4 to 3.7: PUBACK, PUBREC, PUBREL and PUBCOMP, their
 * reason codes and properties. The flows are in `mqtt5_4_3_qos_test.ts`.
 */

import { assert, assertEquals } from "@std/assert";
import type { TestBroker } from "../support/test_broker.ts";
import {
  frame,
  type Properties,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  u16,
  withFlags,
} from "../support/wire5.ts";
import {
  answersWithinLimits,
  ask,
  brief,
  dial,
  expectAlive,
  expectDisconnect,
  FAULTY,
  hear,
  listener,
  onlyMessage,
  PAIRS,
  statement,
  tell,
} from "./talk5.ts";

type Ack = (id: number, reason?: number, properties?: Properties) => Uint8Array;

/** Without 0x10, which is sent by servers only. */
const ACKS: readonly (readonly [Ack, reasons: readonly number[]])[] = [
  [puback, [0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]],
  [pubrec, [0, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]],
  [pubrel, [0, 0x92]],
  [pubcomp, [0, 0x92]],
];

statement(
  "[MQTT-3.4.2-1] PUBACK is 0x00, or 0x10 where nobody listens",
  (broker) => {
    const client = listener(broker, "a");
    const teller = dial(broker);
    const answers = ["a", "b"].map((topic) =>
      hear(teller, publish({ topic, qos: 1, packetId: 8 }))
    );
    assertEquals(answers, [["puback 8 00"], ["puback 8 10"]]);
    expectAlive(teller);
    client.drop();
  },
);

statement(
  "[MQTT-3.5.2-1] PUBREC is 0x00, or 0x10 where nobody listens",
  (broker) => {
    const teller = listener(broker, "a");
    const answers = ["a", "b"].map((topic, at) =>
      ask(teller, publish({ topic, qos: 2, packetId: 8 + at }))
        .map(brief).filter((one) => one.startsWith("pubrec"))
    );
    assertEquals(answers, [["pubrec 8 00"], ["pubrec 9 10"]]);
    // 0x10 is no refusal: the flow goes on.
    assertEquals(hear(teller, pubrel(9)), ["pubcomp 9 00"]);
  },
);

statement(
  "[MQTT-3.6.2-1] a PUBREL of the server is 0x00, of an unknown id 0x92",
  (broker) => {
    const client = listener(broker, "a", 2);
    tell(dial(broker), { topic: "a", qos: 2 });
    const { packetId } = onlyMessage(client);
    const known = hear(client, pubrec(packetId));
    assertEquals(known, [`pubrel ${packetId} 00`]);
    const unknown = hear(client, pubrec(packetId + 7));
    const both = [[], [`pubrel ${packetId + 7} 92`]];
    assert(both.some((one) => `${one}` === `${unknown}`), `${unknown}`);
    expectAlive(client);
  },
);

statement(
  "[MQTT-3.7.2-1] PUBCOMP is 0x00, of an unknown id 0x92",
  (broker) => {
    const client = dial(broker);
    ask(client, publish({ topic: "a", qos: 2, packetId: 8 }));
    assertEquals(hear(client, pubrel(8)), ["pubcomp 8 00"]);
    assertEquals(hear(client, pubrel(8)), ["pubcomp 8 92"]);
    assertEquals(hear(client, pubrel(9)), ["pubcomp 9 92"]);
    expectAlive(client);
  },
);

statement(
  "[MQTT-3.4.2-1][MQTT-3.5.2-1] each reason code of a client is understood",
  (broker) => {
    const client = dial(broker);
    for (const [ack, reasons] of ACKS) {
      for (const reason of reasons) {
        // Of an id that nobody knows: answered or not, it is no fault.
        client.send(ack(7, reason));
        client.bytes();
        expectAlive(client, `${ack.name} ${reason}`);
      }
    }
  },
);

statement(
  "[MQTT-3.6.2-1][MQTT-3.7.2-1] a reason code of no table is a fault",
  (broker) => {
    for (const [ack, reasons] of ACKS) {
      for (let reason = 0; reason < 256; reason++) {
        if (reason === 0x10 || reasons.includes(reason)) continue;
        const what = `${ack.name} ${reason}`;
        expectDisconnect(dial(broker), ack(7, reason), FAULTY, what);
      }
    }
  },
  { reconnectsMax: 2000 },
);

/**
 * Fails unless a refusal of this packet is told to clients that take little,
 * each time, and says why to those that take more.
 */
function expectFitting(
  broker: TestBroker,
  packet: Uint8Array,
  expected: string,
): void {
  const answers = answersWithinLimits(broker, packet);
  const explained = answers.map((answer) => {
    assertEquals(brief(answer), expected);
    return answer.type === "puback" || answer.type === "pubrec"
      ? answer.properties.reasonString !== undefined
      : undefined;
  });
  assertEquals(explained, explained.toSorted(), "less room, and more words");
  assertEquals(new Set(explained), new Set([false, true]));
}

statement(
  "[MQTT-3.4.2-2][MQTT-3.4.2-3] a PUBACK fits its receiver",
  (broker) => {
    const packet = publish({ topic: "$SYS/a", qos: 1, packetId: 8 });
    expectFitting(broker, packet, "puback 8 87");
  },
);

statement(
  "[MQTT-3.5.2-2][MQTT-3.5.2-3] a PUBREC fits its receiver",
  (broker) => {
    const packet = publish({ topic: "$SYS/a", qos: 2, packetId: 8 });
    expectFitting(broker, packet, "pubrec 8 87");
  },
);

statement(
  "[MQTT-3.6.2-2][MQTT-3.6.2-3] a PUBREL fits its receiver",
  (broker) => {
    const answers = answersWithinLimits(broker, pubrec(8)).map(brief);
    assert(answers.every((one) => one === "pubrel 8 92"), `${answers}`);
  },
);

statement(
  "[MQTT-3.7.2-2][MQTT-3.7.2-3] a PUBCOMP fits its receiver",
  (broker) => {
    const answers = answersWithinLimits(broker, pubrel(8)).map(brief);
    assertEquals(new Set(answers), new Set(["pubcomp 8 92"]));
  },
);

statement(
  "[MQTT-3.6.1-1] a PUBREL with other flags than 2 is malformed",
  (broker) => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const packet = withFlags(pubrel(1), flags);
      expectDisconnect(dial(broker), packet, 0x81, `flags ${flags}`);
    }
  },
);

statement(
  "MQTT 5.0: reason code and properties may be left out (3.4.2.1)",
  (broker) => {
    const full: Properties = { reasonString: "why", userProperties: PAIRS };
    for (const ending of [[], [0], [0, {}], [0, full]] as const) {
      const [reason, properties] = ending;
      const end = (ack: Ack, id: number) => ack(id, reason, properties);
      const client = listener(broker, "a", 2);
      const teller = dial(broker);
      tell(teller, { topic: "a", qos: 1 });
      assertEquals(ask(client, end(puback, onlyMessage(client).packetId)), []);
      tell(teller, { topic: "a", qos: 2 });
      const { packetId } = onlyMessage(client);
      const released = hear(client, end(pubrec, packetId));
      assertEquals(released, [`pubrel ${packetId} 00`]);
      assertEquals(ask(client, end(pubcomp, packetId)), []);
      ask(client, publish({ topic: "b", qos: 2, packetId: 9 }));
      assertEquals(hear(client, end(pubrel, 9)), ["pubcomp 9 00"]);
    }
  },
);

statement(
  "MQTT 5.0: an acknowledgement that is not whole is malformed",
  (broker) => {
    const firsts = [0x40, 0x50, 0x62, 0x70];
    const head = [u16(1), 0, 6];
    const twice = [[0x1f, 0, 0], [0x1f, 0, 0]];
    for (const first of firsts) {
      const cases: [string, Uint8Array, readonly number[]][] = [
        ["no packet id", frame(first), [0x81]],
        ["half a packet id", frame(first, 1), [0x81]],
        ["packet id 0", frame(first, u16(0)), FAULTY],
        ["cut properties", frame(first, u16(1), 0, 5, 0x1f), [0x81]],
        ["unknown property", frame(first, u16(1), 0, 2, 0x7f, 0), [0x81]],
        ["of a PUBLISH", frame(first, u16(1), 0, 2, 0x01, 0), [0x81]],
        ["two strings", frame(first, ...head, ...twice), [0x82]],
        ["bytes behind", frame(first, u16(1), 0, 0, 0), [0x81]],
      ];
      for (const [what, packet, reasons] of cases) {
        expectDisconnect(dial(broker), packet, reasons, `${first}: ${what}`);
      }
    }
  },
);
