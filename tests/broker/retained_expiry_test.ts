/**
 * Retained messages that have an end: they go when it comes, whether somebody
 * asks for them or not (MQTT 5.0 section 3.3.2.3.3).
 */

import { assertEquals } from "@std/assert";
import { dial, tell } from "../conformance/talk5.ts";
import { TestBroker } from "../support/test_broker.ts";

function retaining() {
  const broker = new TestBroker();
  const teller = dial(broker, { clientId: "teller" });
  const retain = (topic: string, seconds?: number, payload = "x") => {
    const properties = seconds === undefined
      ? {}
      : { messageExpirySeconds: seconds };
    tell(teller, { topic, retain: true, payload, properties });
  };
  return { broker, retain };
}

Deno.test("a retained message is let go of when its time is over", () => {
  const { broker, retain } = retaining();
  retain("a", 10);
  retain("b", 20);
  retain("c");
  broker.advance(9_999);
  assertEquals(broker.core.retained.size, 3);
  broker.advance(1);
  assertEquals(broker.core.retained.size, 2);
  broker.advance(10_000);
  assertEquals(broker.core.retained.size, 1);
  assertEquals(broker.core.counters.droppedExpired, 2);
  assertEquals(broker.core.retainedExpiries.size, 0);
});

Deno.test("what takes its place has a time of its own", () => {
  const { broker, retain } = retaining();
  retain("a", 10);
  retain("a", 30);
  retain("b", 10);
  retain("b");
  retain("c", 10);
  retain("c", undefined, "");
  assertEquals(broker.core.retainedExpiries.size, 1);
  broker.advance(20_000);
  assertEquals(broker.core.retained.size, 2);
  broker.advance(20_000);
  assertEquals(broker.core.retained.size, 1);
  assertEquals(broker.core.counters.droppedExpired, 1);
});
