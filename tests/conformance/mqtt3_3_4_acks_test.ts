/**
 * MQTT 3.1.1, sections 3.4 to 3.7: the acknowledgements as packets. The flows
 * they belong to are in `mqtt3_4_3_qos_test.ts`.
 */

import { assertEquals } from "@std/assert";
import {
  frame,
  longer,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  shorter,
  withFlags,
} from "../support/wire.ts";
import {
  ask,
  dial,
  expectAlive,
  expectEnd,
  listener,
  messages,
  onlyMessage,
  statement,
  tell,
} from "./talk.ts";

statement("[MQTT-3.6.1-1] PUBREL has flags 2", (broker) => {
  for (let flags = 0; flags < 16; flags++) {
    const client = dial(broker);
    ask(client, publish({ topic: "a", qos: 2, packetId: 3 }));
    const packet = withFlags(pubrel(3), flags);
    if (flags !== 2) {
      expectEnd(client, packet, `flags ${flags}`);
      continue;
    }
    assertEquals(ask(client, packet), [{ type: "pubcomp", packetId: 3 }]);
    expectAlive(client);
  }
});

statement(
  "[MQTT-4.8.0-1] an acknowledgement of another length is a violation",
  (broker) => {
    for (const packet of [puback(1), pubrec(1), pubrel(1), pubcomp(1)]) {
      expectEnd(dial(broker), shorter(packet, 1));
      expectEnd(dial(broker), shorter(packet, 2));
      expectEnd(dial(broker), longer(packet, 0));
      expectEnd(dial(broker), longer(packet, 0, 0));
    }
  },
);

statement(
  "[MQTT-4.8.0-1] an acknowledgement with packet id 0 is a violation",
  (broker) => {
    for (const packet of [puback(0), pubrec(0), pubrel(0), pubcomp(0)]) {
      expectEnd(dial(broker), packet);
    }
  },
);

statement(
  "[MQTT-4.3.3-2] PUBREL for an unknown id is answered by PUBCOMP",
  (broker) => {
    const client = dial(broker);
    for (const packetId of [1, 4000]) {
      const expected = [{ type: "pubcomp" as const, packetId }];
      assertEquals(ask(client, pubrel(packetId)), expected);
      assertEquals(ask(client, pubrel(packetId)), expected);
    }
    expectAlive(client);
  },
);

statement(
  "[MQTT-4.3.2-1][MQTT-4.3.3-1] acknowledgements of unknown ids do nothing",
  (broker) => {
    const client = listener(broker, "a", 2);
    for (const packet of [puback(9), pubcomp(9)]) {
      assertEquals(ask(client, packet), []);
    }
    // PUBREL is an answer too, for it lets the client go on; or nothing.
    const answers = ask(client, pubrec(9));
    if (answers.length > 0) {
      assertEquals(answers, [{ type: "pubrel", packetId: 9 }]);
    }
    expectAlive(client);
    tell(dial(broker), { topic: "a", qos: 1 });
    const { packetId } = onlyMessage(client);
    assertEquals(ask(client, puback(packetId)), []);
    assertEquals(ask(client, puback(packetId)), []);
    assertEquals(messages(client), []);
    expectAlive(client);
  },
);

statement(
  "[MQTT-2.3.1-6] PUBACK and PUBREC are four bytes with the id",
  (broker) => {
    const client = dial(broker);
    client.send(publish({ topic: "a", qos: 1, packetId: 0x1234 }));
    assertEquals(client.bytes(), frame(0x40, 0x12, 0x34));
    client.send(publish({ topic: "a", qos: 2, packetId: 0xfedc }));
    assertEquals(client.bytes(), frame(0x50, 0xfe, 0xdc));
    client.send(pubrel(0xfedc));
    assertEquals(client.bytes(), frame(0x70, 0xfe, 0xdc));
  },
);
