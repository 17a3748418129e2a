/**
 * What the library tells of a broker: readings, and `$SYS` where that is
 * wanted. Runs under Deno and Bun.
 */

import { Broker } from "../../src/host/broker.ts";
import { daysLeft } from "../../src/net/tls_settings.ts";
import { readTls } from "../../src/net/read_tls.ts";
import { test } from "../support/both.ts";
import { Authority } from "../support/certificates.ts";
import { assertEquals } from "../support/std_assert.ts";

const DAY_MS = 86_400_000;

test("a broker is ready while it listens", async () => {
  const broker = new Broker();
  assertEquals(broker.isReady, false);
  await broker.listen({ port: 0 });
  assertEquals(broker.isReady, true);
  const closed = broker.close();
  assertEquals(broker.isReady, false);
  await closed;
});

test("a listener is in the readings until nothing comes by it", async () => {
  await using broker = new Broker({ memoryBytes: () => 42 });
  const door = await broker.listen({ port: 0 });
  const { doors, measures, memoryBytes } = broker.readings();
  assertEquals(Object.keys(doors), [door.url]);
  assertEquals(doors[door.url]?.certificateLeftMs, undefined);
  assertEquals([measures, memoryBytes], [undefined, 42]);
  door.close();
  assertEquals(broker.readings().doors, {});
});

test("the days that a certificate has left are known", async () => {
  using authority = new Authority();
  const files = authority.issue("server", "localhost");
  const tls = await readTls(files, Date.now());
  await using broker = new Broker();
  const door = await broker.listen({ port: 0, tls });
  const daysKnown = () => {
    const { certificateLeftMs } = broker.readings().doors[door.url]!;
    return Math.floor(certificateLeftMs! / DAY_MS);
  };
  assertEquals(daysKnown(), daysLeft(tls, Date.now()));
  const validUntilMs = tls.validUntilMs - 3 * DAY_MS;
  await door.renew({ ...tls, validUntilMs });
  assertEquals(daysKnown(), daysLeft({ validUntilMs }, Date.now()));
});

test("$SYS is there where it is wanted", async () => {
  await using broker = new Broker({ statusIntervalMs: 60_000 });
  await broker.listen({ port: 0 });
  await broker.listen({ port: 0 });
  const got: string[] = [];
  broker.subscribe("$SYS/broker/clients/total", {
    onMessage: (message) => got.push(message.text()),
  });
  await Promise.resolve();
  assertEquals(got, ["0"]);
  assertEquals(broker.statistics().retained, 0);
});

test("what is measured is there where it is wanted", async () => {
  await using broker = new Broker({ measures: true });
  assertEquals(broker.readings().measures?.turn.count, 0);
});
