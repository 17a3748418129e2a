/**
 * MQTT 5.0, section 4.7: topic names and topic filters. What is none is a
 * malformed packet or a protocol error: 0x8F and 0x90 are for those that are
 * "correctly formed" (table 2-6).
 */

import { assert, assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  join,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire5.ts";
import {
  ask,
  brief,
  dial,
  expectConnack,
  expectDisconnect,
  FAULTY,
  hear,
  listen,
  listener,
  messages,
  onlyMessage,
  read,
  statement,
} from "./talk5.ts";

statement("[MQTT-4.7.0-1] a topic name has no wildcards", (broker) => {
  for (const topic of ["#", "+", "a/#", "a/+/b", "a#", "a+", "/+", "+/"]) {
    for (const qos of [0, 1, 2] as const) {
      const packet = publish({ topic, qos });
      expectDisconnect(dial(broker), packet, FAULTY, topic);
    }
    expectConnack(broker, connect({ will: { topic } }), FAULTY, topic);
  }
});

statement("[MQTT-4.7.0-1] wildcards are allowed in filters", (broker) => {
  for (const filter of ["#", "+", "+/+", "a/#", "a/+/b", "+/#", "/+", "/#"]) {
    assertEquals(listen(dial(broker), filter), []);
  }
});

statement(
  "[MQTT-4.7.1-1] # stands alone or after a slash, and last",
  (broker) => {
    const filters = ["a#", "#a", "#/", "#/a", "a/#/b", "a/b#", "##", "a/##"];
    for (const filter of filters) {
      expectDisconnect(dial(broker), subscribe(1, [{ filter }]), FAULTY);
    }
    for (const filter of ["#", "/#", "a/#", "a//#", "$a/#"]) {
      listen(dial(broker), filter);
    }
  },
);

statement(
  "[MQTT-4.7.1-1] a malformed filter is none for an UNSUBSCRIBE either",
  (broker) => {
    for (const filter of ["a#", "#/a", "a+", ""]) {
      expectDisconnect(dial(broker), unsubscribe(1, [filter]), FAULTY);
    }
  },
);

statement("[MQTT-4.7.1-2] + fills a whole level", (broker) => {
  const filters = ["a+", "+a", "a/+b", "a/b+", "++", "a/++/b", "+#", "#+"];
  for (const filter of filters) {
    expectDisconnect(dial(broker), subscribe(1, [{ filter }]), FAULTY);
  }
  for (const filter of ["+", "+/", "/+", "a/+", "+/a", "+/+/+", "+/#"]) {
    listen(dial(broker), filter);
  }
});

const MATCHES: readonly [filter: string, hits: string[], misses: string[]][] = [
  ["a/b", ["a/b"], ["a", "a/b/", "a/b/c", "/a/b", "a//b"]],
  ["#", ["a", "/", "//", "a/b/c", "/a", "a/"], ["$a", "$a/b", "$"]],
  ["a/#", ["a", "a/", "a/b", "a/b/c", "a//"], ["ab", "b", "b/a", "/a"]],
  ["a/b/#", ["a/b", "a/b/c", "a/b/"], ["a", "a/c", "a/bc"]],
  ["/#", ["/", "/a", "/a/b", "//"], ["a", "a/b"]],
  ["+", ["a", "ab"], ["/", "/a", "a/", "a/b", "$a"]],
  ["+/", ["a/", "/"], ["a", "a/b", "//", "$a/"]],
  ["/+", ["/a", "/", "/$a"], ["a", "//", "a/b", "/a/"]],
  ["a/+", ["a/b", "a/", "a/$b"], ["a", "a/b/c", "a//", "b/a"]],
  ["+/b", ["a/b", "/b"], ["b", "a/b/", "a/b/c", "$a/b"]],
  ["+/+", ["a/b", "/", "/a", "a/"], ["a", "a/b/c", "$a/b"]],
  ["a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/b/c", "a/b"]],
  ["+/b/#", ["a/b", "a/b/c", "/b/"], ["b", "a/c/b", "$a/b"]],
  ["a/+/#", ["a/b", "a/b/c", "a/"], ["a", "b/b"]],
  ["+/#", ["a", "a/b", "/"], ["$a", "$a/b"]],
  ["$a/#", ["$a", "$a/b", "$a/$b"], ["a", "$b", "$ab", "/$a"]],
  ["$a/+", ["$a/b"], ["$a", "$a/b/c", "a/b"]],
  ["A", ["A"], ["a", "A/", "/A"]],
];

statement(
  "[MQTT-4.7.1-1][MQTT-4.7.1-2][MQTT-4.7.2-1] a table of matches",
  (broker) => {
    const teller = dial(broker);
    for (const [filter, hits, misses] of MATCHES) {
      const client = listener(broker, filter);
      const shared = listener(broker, `$share/g/${filter}`, 0, {
        clientId: "shared",
      });
      for (const topic of [...hits, ...misses]) {
        teller.send(publish({ topic }));
      }
      for (const one of [client, shared]) {
        assertEquals(messages(one).map(({ topic }) => topic), hits, filter);
        one.send(disconnect());
      }
    }
  },
);

statement(
  "[MQTT-4.7.2-1] a wildcard at the front does not reach $ topics",
  (broker) => {
    const client = dial(broker);
    const wanted = ["#", "+/b", "+/#", "+"].map((filter) => ({ filter }));
    hear(client, subscribe(1, wanted));
    for (const topic of ["$a", "$a/b", "$SYS/x", "$"]) {
      client.send(publish({ topic, payload: "x", retain: true }));
    }
    broker.advance(120_000);
    assertEquals(messages(client), []);
    assertEquals(hear(client, subscribe(2, wanted)), ["suback 2 00 00 00 00"]);
  },
);

statement(
  "[MQTT-4.7.3-1] a topic name or filter has a character",
  (broker) => {
    for (const qos of [0, 1, 2] as const) {
      const packet = publish({ topic: "", qos });
      expectDisconnect(dial(broker), packet, FAULTY);
    }
    expectDisconnect(dial(broker), subscribe(1, [{ filter: "" }]), FAULTY);
    expectConnack(broker, connect({ will: { topic: "" } }), FAULTY);
    const client = listener(broker, "/");
    client.send(join(publish({ topic: "/" }), publish({ topic: "x" })));
    assertEquals(onlyMessage(client).topic, "/");
  },
);

statement(
  "[MQTT-4.7.3-2] a topic name or filter has no U+0000",
  (broker) => {
    for (const text of ["\0", "a\0", "\0a", "a/\0/b"]) {
      const packets = [
        publish({ topic: text }),
        publish({ topic: text, qos: 1 }),
        subscribe(1, [{ filter: text }]),
        unsubscribe(1, [text]),
      ];
      for (const packet of packets) {
        expectDisconnect(dial(broker), packet, 0x81);
      }
      expectConnack(broker, connect({ will: { topic: text } }), 0x81);
    }
    const client = listener(broker, "\u0001");
    client.send(publish({ topic: "\u0001" }));
    assertEquals(messages(client).length, 1);
  },
);

statement(
  "[MQTT-4.7.3-3] a topic name may have 65,535 bytes",
  (broker) => {
    const client = dial(broker);
    for (const unit of ["x", "é", "x/"]) {
      const most = Math.floor(65_535 / new TextEncoder().encode(unit).length);
      const topic = unit.repeat(most);
      listen(client, topic);
      client.send(publish({ topic, payload: "p" }));
      assertEquals(onlyMessage(client).topic, topic);
    }
  },
  { topicBytesMax: 65_535, topicLevelsMax: 65_535 },
);

statement(
  "[MQTT-4.7.3-4] names and filters are compared as they are",
  (broker) => {
    // Each differs from its neighbours in a way that someone could lose.
    const names = [
      "a/b",
      "a/b/",
      "/a/b",
      "a//b",
      "A/b",
      "a/B",
      " a/b",
      "a/b ",
      "a/ b",
      "a\u200b/b",
      "a%2Fb",
      "a\\b",
      "a/./b",
      "a/../b",
      "\u00e9",
      "e\u0301",
      "\u212b",
      "\u00c5",
      "\ufb01",
      "fi",
      "\u{1f600}",
      "\ufffd",
      "\ue000",
    ];
    const client = dial(broker, { clientId: "listener" });
    const teller = dial(broker);
    for (const filter of names) {
      hear(client, subscribe(1, [{ filter }]));
      for (const topic of names) teller.send(publish({ topic }));
      assertEquals(messages(client).map(({ topic }) => topic), [filter]);
      ask(client, unsubscribe(1, [filter]));
    }
    // The same where the filters are known before the topics.
    broker.core.router.forgetRoutes();
    const clients = names.map((filter, at) =>
      listener(broker, filter, 0, { clientId: `${at}` })
    );
    for (const topic of names) teller.send(publish({ topic }));
    const got = clients.map((one) => messages(one).map(({ topic }) => topic));
    assertEquals(got, names.map((topic) => [topic]));
  },
);

statement(
  "MQTT 5.0: a topic above the broker's own limit is said to be invalid",
  (broker) => {
    const topic = "x".repeat(31);
    const packets = [
      publish({ topic }),
      publish({ topic, qos: 1 }),
    ];
    for (const packet of packets) {
      const client = dial(broker);
      client.send(packet);
      const got = read(client).map(brief);
      assertEquals(got.length, 1, `${got}`);
      assert(/^(puback 1|disconnect) (90|97)$/.test(got[0]!), `${got}`);
    }
    const answer = hear(dial(broker), subscribe(1, [{ filter: topic }]));
    assert(/^suback 1 (8f|97)$/.test(`${answer}`), `${answer}`);
  },
  { topicBytesMax: 30 },
);
