/**
 * MQTT 3.1.1, section 4.7: topic names and topic filters, through the wire.
 */

import { assertEquals } from "@std/assert";
import {
  connect,
  disconnect,
  join,
  publish,
  subscribe,
  unsubscribe,
} from "../support/wire.ts";
import {
  ask,
  dial,
  expectEnd,
  expectNoEntry,
  listen,
  listener,
  messages,
  onlyMessage,
  statement,
} from "./talk.ts";

statement(
  "[MQTT-4.7.1-1] wildcards are allowed in filters",
  (broker) => {
    for (const filter of ["#", "+", "+/+", "a/#", "a/+/b", "+/#", "/+", "/#"]) {
      assertEquals(listen(dial(broker), filter), []);
    }
  },
);

statement(
  "[MQTT-4.7.1-1] a will topic with a wildcard is a violation",
  (broker) => {
    for (const topic of ["#", "+", "a/#", "a/+/b", "a#", "a+"]) {
      expectNoEntry(broker, connect({ will: { topic } }), topic);
    }
  },
);

statement(
  "[MQTT-4.7.1-2] # stands alone or after a slash, and last",
  (broker) => {
    const filters = ["a#", "#a", "#/", "#/a", "a/#/b", "a/b#", "##", "a/##"];
    for (const filter of filters) {
      expectEnd(dial(broker), subscribe(1, [filter, 0]), filter);
    }
    for (const filter of ["#", "/#", "a/#", "a//#", "$a/#"]) {
      listen(dial(broker), filter);
    }
  },
);

statement(
  "[MQTT-4.7.1-2] a malformed filter ends an UNSUBSCRIBE as well",
  (broker) => {
    for (const filter of ["a#", "#/a", "a+", ""]) {
      expectEnd(dial(broker), unsubscribe(1, filter), filter);
    }
  },
);

statement("[MQTT-4.7.1-3] + fills a whole level", (broker) => {
  const filters = ["a+", "+a", "a/+b", "a/b+", "++", "a/++/b", "+#", "#+"];
  for (const filter of filters) {
    expectEnd(dial(broker), subscribe(1, [filter, 0]), filter);
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
  "[MQTT-4.7.1-2][MQTT-4.7.1-3][MQTT-4.7.2-1] a table of matches",
  (broker) => {
    const teller = dial(broker);
    for (const [filter, hits, misses] of MATCHES) {
      const client = listener(broker, filter);
      for (const topic of [...hits, ...misses]) {
        teller.send(publish({ topic }));
      }
      assertEquals(messages(client).map(({ topic }) => topic), hits, filter);
      client.send(disconnect());
    }
  },
);

statement(
  "[MQTT-4.7.1-2][MQTT-4.7.1-3][MQTT-4.7.2-1] retained messages match alike",
  (broker) => {
    const client = dial(broker);
    for (const [filter, hits, misses] of MATCHES) {
      const all = [...hits, ...misses];
      for (const topic of all) {
        client.send(publish({ topic, payload: "x", retain: true }));
      }
      const got = listen(client, filter).map(({ topic }) => topic);
      assertEquals(got.sort(), [...hits].sort(), filter);
      ask(client, unsubscribe(2, filter));
      for (const topic of all) client.send(publish({ topic, retain: true }));
    }
  },
);

statement(
  "[MQTT-4.7.2-1] a wildcard at the front does not reach $ topics",
  (broker) => {
    const client = dial(broker);
    ask(client, subscribe(1, ["#", 0], ["+/b", 0], ["+/#", 0], ["+", 0]));
    for (const topic of ["$a", "$a/b", "$SYS/x", "$"]) {
      client.send(publish({ topic, payload: "x", retain: true }));
    }
    broker.advance(120_000);
    assertEquals(messages(client), []);
    const got = ask(client, subscribe(2, ["#", 0], ["+/#", 0]));
    assertEquals(got.map(({ type }) => type), ["suback"]);
  },
);

statement(
  "[MQTT-4.7.3-1] an empty topic name or filter is a violation",
  (broker) => {
    for (const qos of [0, 1, 2] as const) {
      expectEnd(dial(broker), publish({ topic: "", qos }));
    }
    expectEnd(dial(broker), subscribe(1, ["", 0]));
    expectEnd(dial(broker), subscribe(1, ["a", 0], ["", 0]));
    expectEnd(dial(broker), unsubscribe(1, ""));
    expectNoEntry(broker, connect({ will: { topic: "" } }));
    const client = listener(broker, "/");
    client.send(join(publish({ topic: "/" }), publish({ topic: "x" })));
    assertEquals(onlyMessage(client).topic, "/");
  },
);

statement(
  "[MQTT-4.7.3-2] U+0000 in a topic name or filter is a violation",
  (broker) => {
    for (const text of ["\0", "a\0", "\0a", "a/\0/b"]) {
      expectEnd(dial(broker), publish({ topic: text }));
      expectEnd(dial(broker), publish({ topic: text, qos: 1 }));
      expectEnd(dial(broker), subscribe(1, [text, 0]));
      expectEnd(dial(broker), unsubscribe(1, text));
      expectNoEntry(broker, connect({ will: { topic: text } }));
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
      ask(client, subscribe(1, [filter, 0]));
      for (const topic of names) teller.send(publish({ topic }));
      assertEquals(messages(client).map(({ topic }) => topic), [filter]);
      ask(client, unsubscribe(1, filter));
    }
  },
);

statement(
  "[MQTT-4.7.3-4] retained names are kept as they are",
  (broker) => {
    const client = dial(broker);
    for (const topic of ["a/b", "a/b/", "/a/b", "a//b", "A/b", "\u00e9"]) {
      client.send(publish({ topic, payload: topic, retain: true }));
    }
    for (const topic of ["a/b", "a/b/", "/a/b", "a//b", "A/b", "\u00e9"]) {
      const got = listen(client, topic).map((message) => message.topic);
      assertEquals(got, [topic]);
    }
    assertEquals(listen(client, "e\u0301"), []);
  },
);
