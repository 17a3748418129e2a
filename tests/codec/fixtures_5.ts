/**
 * Packets of level 5 that carry messages and subscriptions, and all of level
 * 5 together: see `login_fixtures_5.ts`.
 */

import type { QoS } from "../../src/base/qos.ts";
import type { Acknowledgement } from "../../src/codec/acknowledgement.ts";
import type { Properties } from "../../src/codec/properties.ts";
import type { Suback, Unsuback } from "../../src/codec/suback.ts";
import type { Subscribe, Unsubscribe } from "../../src/codec/subscribe.ts";
import { bytesOf, type Fixture, OPTIONS } from "./fixtures.ts";
import {
  AUTHS_5,
  CONNACKS_5,
  CONNECTS_5,
  DISCONNECTS_5,
} from "./login_fixtures_5.ts";

export * from "./login_fixtures_5.ts";

const NONE: Properties = {};

function subscribe(
  filter: string,
  qos: QoS,
  options: Partial<Subscribe["entries"][number]> = {},
): Subscribe["entries"][number] {
  return { filter, qos, ...OPTIONS, ...options };
}

export const SUBSCRIBES_5: readonly Fixture<Subscribe>[] = [
  [
    "one filter",
    "82 07 0001 00 0001'a' 02",
    { packetId: 1, entries: [subscribe("a", 2)], properties: NONE },
  ],
  [
    "every option, an identifier, user properties",
    "82 1d 000a 0a 0b ffffff7f 26 0000 0000" +
    "0001'a' 04 0001'b' 09 0001'c' 12 0001'd' 2e",
    {
      packetId: 10,
      entries: [
        subscribe("a", 0, { noLocal: true }),
        subscribe("b", 1, { retainAsPublished: true }),
        subscribe("c", 2, { retainHandling: 1 }),
        subscribe("d", 2, {
          noLocal: true,
          retainAsPublished: true,
          retainHandling: 2,
        }),
      ],
      properties: {
        subscriptionIds: [268_435_455],
        userProperties: [["", ""]],
      },
    },
  ],
];

export const SUBACKS_5: readonly Fixture<Suback>[] = [
  [
    "every reason code",
    "90 0f 000a 00 00 01 02 80 83 87 8f 91 97 9e a1 a2",
    {
      packetId: 10,
      // deno-fmt-ignore
      reasonCodes: [
        0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2,
      ],
      properties: NONE,
    },
  ],
  [
    "a reason string and a user property",
    "90 0f ffff 0b 1f 0001'r' 26 0001'k' 0001'v' 01",
    {
      packetId: 65_535,
      reasonCodes: [1],
      properties: { reasonString: "r", userProperties: [["k", "v"]] },
    },
  ],
];

export const UNSUBSCRIBES_5: readonly Fixture<Unsubscribe>[] = [
  [
    "one filter",
    "a2 06 0001 00 0001'#'",
    { packetId: 1, filters: ["#"], properties: NONE },
  ],
  [
    "two filters and a user property",
    "a2 10 0100 07 26 0001'k' 0001'v' 0001'a' 0001'b'",
    {
      packetId: 256,
      filters: ["a", "b"],
      properties: { userProperties: [["k", "v"]] },
    },
  ],
];

export const UNSUBACKS_5: readonly Fixture<Unsuback>[] = [
  [
    "every reason code",
    "b0 0a 0001 00 00 11 80 83 87 8f 91",
    {
      packetId: 1,
      reasonCodes: [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
      properties: NONE,
    },
  ],
  [
    "a reason string",
    "b0 08 0002 04 1f 0001'r' 11",
    { packetId: 2, reasonCodes: [0x11], properties: { reasonString: "r" } },
  ],
];

export const ACKNOWLEDGEMENTS_5: readonly Fixture<Acknowledgement>[] = [
  ["PUBACK", "40 02 0001", acknowledgement(4, 1, 0)],
  ["PUBACK, nobody", "40 03 0001 10", acknowledgement(4, 1, 0x10)],
  [
    "PUBREC, refused, with why",
    "50 0f ffff 97 0b 1f 0001'r' 26 0001'k' 0001'v'",
    acknowledgement(5, 65_535, 0x97, {
      reasonString: "r",
      userProperties: [["k", "v"]],
    }),
  ],
  [
    "PUBREL, not found, and a user property",
    "62 0b 0100 92 07 26 0001'k' 0001'v'",
    acknowledgement(6, 256, 0x92, { userProperties: [["k", "v"]] }),
  ],
  [
    "PUBCOMP, success, with a word on it",
    "70 08 00ff 00 04 1f 0001'r'",
    acknowledgement(7, 255, 0, { reasonString: "r" }),
  ],
];

function acknowledgement(
  type: number,
  packetId: number,
  reason: number,
  properties: Properties = NONE,
): Acknowledgement {
  return { type, packetId, reason, properties };
}

/** A PUBLISH as its parts. */
export interface PublishParts5 {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly packetId: number;
  readonly properties: Properties;
}

const PLAIN = { qos: 0, packetId: 0, properties: NONE } as const;

export const PUBLISHES_5: readonly Fixture<PublishParts5>[] = [
  ["QoS 0", "30 05 0001'a' 00 'x'", { ...PLAIN, topic: "a", payload: "x" }],
  [
    "figure 3-8",
    "32 08 0003'a/b' 000a 00",
    { ...PLAIN, topic: "a/b", payload: "", qos: 1, packetId: 10 },
  ],
  [
    "an alias for a topic that is told",
    "30 08 0001'a' 03 23 0001 'x'",
    {
      ...PLAIN,
      topic: "a",
      payload: "x",
      properties: { topicAlias: 1 },
    },
  ],
  [
    "an alias in place of a topic",
    "30 07 0000 03 23 ffff 'x'",
    {
      ...PLAIN,
      topic: "",
      payload: "x",
      properties: { topicAlias: 65_535 },
    },
  ],
  [
    "all properties that a client sends",
    "34 2f 0001'a' 0001 26 01 01 02 0000000a 03 0002 c3a4 08 0001'r'" +
    "09 0001 00 26 0001'k' 0001'v' 26 0001'k' 0002 c3a4 23 0005 'xyz'",
    {
      topic: "a",
      payload: "xyz",
      qos: 2,
      packetId: 1,
      properties: {
        payloadFormat: 1,
        messageExpirySeconds: 10,
        contentType: "ä",
        responseTopic: "r",
        correlationData: Uint8Array.of(0),
        userProperties: [["k", "v"], ["k", "ä"]],
        topicAlias: 5,
      },
    },
  ],
];

/** Subscription identifiers come from a server only. */
export const SERVER_PUBLISHES_5: readonly Fixture<PublishParts5>[] = [
  [
    "subscription identifiers",
    "30 0b 0001'a' 05 0b 01 0b 8001 'xy'",
    {
      ...PLAIN,
      topic: "a",
      payload: "xy",
      properties: { subscriptionIds: [1, 128] },
    },
  ],
];

/** Every fixture as bytes. */
export const ALL_FRAMES_5: readonly Uint8Array[] = [
  ...CONNECTS_5,
  ...CONNACKS_5,
  ...SUBSCRIBES_5,
  ...SUBACKS_5,
  ...UNSUBSCRIBES_5,
  ...UNSUBACKS_5,
  ...ACKNOWLEDGEMENTS_5,
  ...DISCONNECTS_5,
  ...AUTHS_5,
  ...PUBLISHES_5,
  ...SERVER_PUBLISHES_5,
].map(([, hex]) => bytesOf(hex));
