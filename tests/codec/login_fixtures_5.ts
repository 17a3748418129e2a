/**
 * Packets of level 5 that begin and end a connection, byte by byte, as the
 * tables and figures of MQTT 5.0 lay them out, with what they say. Written by
 * hand: no encoder had a part in it.
 */

import type { Auth } from "../../src/codec/auth.ts";
import type { Connack } from "../../src/codec/connack.ts";
import type { Connect } from "../../src/codec/connect.ts";
import type { Disconnect } from "../../src/codec/disconnect.ts";
import type { Sender } from "../../src/codec/packet_type.ts";
import type { Properties } from "../../src/codec/properties.ts";
import { bytesOf, type Fixture } from "./fixtures.ts";

const NONE: Properties = {};

const NOTHING: Connect = {
  level: 5,
  clientId: "",
  cleanSession: true,
  keepAliveSeconds: 0,
  will: undefined,
  userName: undefined,
  password: undefined,
  properties: NONE,
};

export const CONNECTS_5: readonly Fixture<Connect>[] = [
  ["nothing", "10 0d 0004'MQTT' 05 02 0000 00 0000", NOTHING],
  [
    "figure 3-6 and its properties",
    "10 15 0004'MQTT' 05 00 000a 05 11 0000000a 0003'abc'",
    {
      ...NOTHING,
      clientId: "abc",
      cleanSession: false,
      keepAliveSeconds: 10,
      properties: { sessionExpirySeconds: 10 },
    },
  ],
  [
    "all properties of CONNECT",
    "10 38 0004'MQTT' 05 02 0000 2a 11 ffffffff 15 0001'm' 16 0002 00ff" +
    "17 00 19 01 21 0014 22 ffff 26 0001'k' 0000 26 0001'k' 0001'v'" +
    "27 00100000 0001'c'",
    {
      ...NOTHING,
      clientId: "c",
      properties: {
        sessionExpirySeconds: 0xffff_ffff,
        authenticationMethod: "m",
        authenticationData: Uint8Array.of(0, 255),
        requestProblemInformation: false,
        requestResponseInformation: true,
        receiveMaximum: 20,
        topicAliasMaximum: 65_535,
        userProperties: [["k", ""], ["k", "v"]],
        maximumPacketSize: 1 << 20,
      },
    },
  ],
  [
    "a will with all properties, and a login",
    "10 3f 0004'MQTT' 05 f6 0000 00 0001'c'" +
    "22 01 01 02 00000e10 03 0003'a/b' 08 0001'r' 09 0002 0001" +
    "18 00000005 26 0001'k' 0001'v'" +
    "0001'w' 0002'by' 0002'me' 0001 ff",
    {
      ...NOTHING,
      clientId: "c",
      will: {
        topic: "w",
        payload: bytesOf("'by'"),
        qos: 2,
        retain: true,
        properties: {
          payloadFormat: 1,
          messageExpirySeconds: 3600,
          contentType: "a/b",
          responseTopic: "r",
          correlationData: Uint8Array.of(0, 1),
          willDelaySeconds: 5,
          userProperties: [["k", "v"]],
        },
      },
      userName: "me",
      password: Uint8Array.of(255),
    },
  ],
  [
    "a will without properties",
    "10 13 0004'MQTT' 05 06 0000 00 0000 00 0001'w' 0000",
    {
      ...NOTHING,
      will: {
        topic: "w",
        payload: new Uint8Array(),
        qos: 0,
        retain: false,
        properties: NONE,
      },
    },
  ],
  [
    "a password without a user name, which 5.0 allows",
    "10 11 0004'MQTT' 05 42 0000 00 0000 0002 0102",
    { ...NOTHING, password: Uint8Array.of(1, 2) },
  ],
];

export const CONNACKS_5: readonly Fixture<Connack>[] = [
  [
    "accepted",
    "20 03 00 00 00",
    { sessionPresent: false, reason: 0, properties: NONE },
  ],
  [
    "refused",
    "20 03 00 8a 00",
    { sessionPresent: false, reason: 0x8a, properties: NONE },
  ],
  [
    "all properties of CONNACK",
    "20 3f 01 00 3c 11 00000001 12 0001'i' 13 003c 15 0001'm' 16 0001 00" +
    "1a 0001'p' 1c 0001's' 1f 0001'r' 21 0001 22 0000 24 01 25 01" +
    "26 0001'k' 0001'v' 27 00000040 28 01 29 00 2a 01",
    {
      sessionPresent: true,
      reason: 0,
      properties: {
        sessionExpirySeconds: 1,
        assignedClientId: "i",
        serverKeepAliveSeconds: 60,
        authenticationMethod: "m",
        authenticationData: Uint8Array.of(0),
        responseInformation: "p",
        serverReference: "s",
        reasonString: "r",
        receiveMaximum: 1,
        topicAliasMaximum: 0,
        maximumQos: 1,
        retainAvailable: true,
        userProperties: [["k", "v"]],
        maximumPacketSize: 64,
        wildcardSubscriptionAvailable: true,
        subscriptionIdsAvailable: false,
        sharedSubscriptionAvailable: true,
      },
    },
  ],
];

/** A DISCONNECT or AUTH, and who sends it. */
export type Sent<T> = T & { readonly sender: Sender };

export const DISCONNECTS_5: readonly Fixture<Sent<Disconnect>>[] = [
  ["a normal end", "e0 00", { sender: "client", reason: 0, properties: NONE }],
  [
    "the will is to go out",
    "e0 01 04",
    { sender: "client", reason: 4, properties: NONE },
  ],
  [
    "another session expiry",
    "e0 07 00 05 11 00000e10",
    {
      sender: "client",
      reason: 0,
      properties: { sessionExpirySeconds: 3600 },
    },
  ],
  ["taken over", "e0 01 8e", {
    sender: "server",
    reason: 0x8e,
    properties: NONE,
  }],
  [
    "all that a server says",
    "e0 11 9d 0f 1c 0001's' 1f 0001'r' 26 0001'k' 0001'v'",
    {
      sender: "server",
      reason: 0x9d,
      properties: {
        serverReference: "s",
        reasonString: "r",
        userProperties: [["k", "v"]],
      },
    },
  ],
];

export const AUTHS_5: readonly Fixture<Sent<Auth>>[] = [
  ["success", "f0 00", { sender: "server", reason: 0, properties: NONE }],
  [
    "a step",
    "f0 0d 18 0b 15 0003'scr' 16 0002 00ff",
    {
      sender: "client",
      reason: 0x18,
      properties: {
        authenticationMethod: "scr",
        authenticationData: Uint8Array.of(0, 255),
      },
    },
  ],
  [
    "once more, with all the rest",
    "f0 11 19 0f 15 0001'm' 1f 0001'r' 26 0001'k' 0001'v'",
    {
      sender: "client",
      reason: 0x19,
      properties: {
        authenticationMethod: "m",
        reasonString: "r",
        userProperties: [["k", "v"]],
      },
    },
  ],
];
