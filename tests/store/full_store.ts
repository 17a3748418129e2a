/**
 * A store that has something of everything that a store can have.
 */

import { makeMessage } from "../../src/codec/message.ts";
import type { Properties } from "../../src/codec/properties.ts";
import { Delivery } from "../../src/session/delivery.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { PLAIN_GRANTS } from "../../src/topic/subscription.ts";
import { closed, type Disk, kept } from "./disk.ts";

const NOW_MS = 1_000_000;
const DRESS: Properties = {
  payloadFormat: 1,
  messageExpirySeconds: 600,
  contentType: "text/plain",
  responseTopic: "answers/1",
  correlationData: Uint8Array.of(0, 255, 7),
  userProperties: [["a", "b"], ["a", "ü\u2028"], ["", ""]],
};

const encoder = new TextEncoder();

function text(
  topic: string,
  payload: string,
  qos: 0 | 1 | 2,
  more?: Properties,
) {
  return makeMessage(topic, encoder.encode(payload), qos, more, NOW_MS);
}

/** Fills an empty store on `disk`, ends it and returns its path. */
export async function fullStore(disk: Disk): Promise<string> {
  const store = disk.open();
  store.load();
  fill(store);
  await kept(store);
  // What is in flight at QoS 1 is written a batch later.
  await kept(store);
  await closed(store);
  return store.path;
}

function fill({ journal }: SqliteStore): void {
  journal.sessionBegan("first", 60_000);
  journal.sessionTaken("first", "ann", true, undefined);
  journal.subscribed("first", "a/+", PLAIN_GRANTS[1]);
  journal.subscribed("first", "$share/crew/jobs/#", {
    qos: 2,
    noLocal: false,
    retainAsPublished: true,
    subscriptionIds: [7, 268_435_455],
  });
  journal.subscribed("first", "ä/#", {
    qos: 0,
    noLocal: true,
    retainAsPublished: false,
    subscriptionIds: [],
  });
  journal.inFlight("first", 9, new Delivery(text("a/1", "one", 1), 1));
  journal.inFlight("first", 3, new Delivery(text("a/2", "two", 2), 2));
  journal.inFlight("first", 65_535, new Delivery(text("a/3", "three", 2), 2));
  journal.received("first", 65_535);
  journal.sessionLeft("first", 999_000, {
    topic: "will/1",
    payload: Uint8Array.of(0xc3),
    qos: 1,
    retain: true,
    properties: { willDelaySeconds: 30, messageExpirySeconds: 5 },
  });
  journal.sessionBegan("second \u2029", Infinity);
  for (const packetId of [65_535, 1, 300]) {
    journal.idReceived("second \u2029", packetId);
  }
  const both = new Delivery(text("a/4", "for both", 1, DRESS), 1);
  journal.waits("first", both);
  journal.waits("second \u2029", both);
  for (const clientId of ["first", "second \u2029"]) {
    const shared = new Delivery(
      text("jobs/1", "", 2),
      1,
      true,
      [7],
      "$share/crew/jobs/#",
    );
    journal.waits(clientId, shared);
    const large = makeMessage("a/5", new Uint8Array(5_000).fill(0xfe), 0);
    journal.waits(clientId, new Delivery(large, 0));
  }
  journal.waited("first", 1, 11);
  journal.sessionBegan("nothing", 1);
  journal.retained("a/4", text("a/4", "kept", 1, DRESS));
  journal.retained("Ω", text("Ω", "\ufeffmark\0", 0));
  journal.retained("a", makeMessage("a", Uint8Array.of(1, 0xed, 0xa0), 2));
}
