/**
 * The normative statements of OASIS MQTT 5.0, sections 3.3 to 3.7. See
 * `statements_5_0.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const PUBLISH_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-3.3.1-1",
    says: "A PUBLISH that is sent again has DUP 1.",
  },
  {
    number: "MQTT-3.3.1-2",
    says: "A PUBLISH with QoS 0 has DUP 0.",
  },
  {
    number: "MQTT-3.3.1-3",
    says: "DUP of an incoming PUBLISH is not passed on; outgoing DUP says " +
      "only whether the server repeats itself.",
  },
  {
    number: "MQTT-3.3.1-4",
    says: "QoS 3 is a malformed packet.",
  },
  {
    number: "MQTT-3.3.1-5",
    says: "RETAIN 1 makes the server keep the message in place of an older " +
      "one.",
  },
  {
    number: "MQTT-3.3.1-6",
    says: "An empty message with RETAIN 1 is delivered and removes the " +
      "retained message of its topic.",
  },
  {
    number: "MQTT-3.3.1-7",
    says: "An empty message is never retained.",
  },
  {
    number: "MQTT-3.3.1-8",
    says: "With RETAIN 0 a message neither becomes nor changes a retained " +
      "message.",
  },
  {
    number: "MQTT-3.3.1-9",
    says: "Retain handling 0: a subscription gets the matching retained " +
      "messages.",
  },
  {
    number: "MQTT-3.3.1-10",
    says: "Retain handling 1: only a new subscription gets them.",
  },
  {
    number: "MQTT-3.3.1-11",
    says: "Retain handling 2: they are not sent.",
  },
  {
    number: "MQTT-3.3.1-12",
    says: "Retain as published 0: a forwarded message has RETAIN 0.",
  },
  {
    number: "MQTT-3.3.1-13",
    says: "Retain as published 1: a forwarded message has the RETAIN of its " +
      "publisher.",
  },
  {
    number: "MQTT-3.3.2-1",
    says: "A PUBLISH begins with its topic name, in UTF-8.",
  },
  {
    number: "MQTT-3.3.2-2",
    says: "A PUBLISH has no wildcards in its topic name.",
  },
  {
    number: "MQTT-3.3.2-3",
    says: "The topic name that a subscriber gets matches its topic filter.",
  },
  {
    number: "MQTT-3.3.2-4",
    says: "The payload format indicator is passed on unaltered.",
  },
  {
    number: "MQTT-3.3.2-5",
    says: "A message whose expiry interval has passed before its delivery " +
      "began is deleted.",
  },
  {
    number: "MQTT-3.3.2-6",
    says: "The forwarded expiry interval is the received one less the time " +
      "of waiting.",
  },
  {
    number: "MQTT-3.3.2-7",
    says: "Topic aliases end with the network connection.",
  },
  {
    number: "MQTT-3.3.2-8",
    says: "A topic alias is never 0.",
  },
  {
    number: "MQTT-3.3.2-9",
    says: "A client sends no topic alias above the maximum of the CONNACK.",
  },
  {
    number: "MQTT-3.3.2-10",
    says: "A client accepts every topic alias up to its own maximum.",
    untested: "a duty of the client; the server's side is MQTT-3.3.2-12",
  },
  {
    number: "MQTT-3.3.2-11",
    says: "The server sends no topic alias above the maximum of the CONNECT.",
  },
  {
    number: "MQTT-3.3.2-12",
    says: "The server accepts every topic alias from 1 to its own maximum.",
  },
  {
    number: "MQTT-3.3.2-13",
    says: "The response topic is well-formed text.",
  },
  {
    number: "MQTT-3.3.2-14",
    says: "The response topic has no wildcards.",
  },
  {
    number: "MQTT-3.3.2-15",
    says: "The response topic is passed on unaltered.",
  },
  {
    number: "MQTT-3.3.2-16",
    says: "The correlation data are passed on unaltered.",
  },
  {
    number: "MQTT-3.3.2-17",
    says: "All user properties are passed on unaltered.",
  },
  {
    number: "MQTT-3.3.2-18",
    says: "User properties keep their order.",
  },
  {
    number: "MQTT-3.3.2-19",
    says: "The content type is well-formed text.",
  },
  {
    number: "MQTT-3.3.2-20",
    says: "The content type is passed on unaltered.",
  },
  {
    number: "MQTT-3.3.4-1",
    says: "A PUBLISH is answered by nothing, PUBACK or PUBREC, by its QoS.",
  },
  {
    number: "MQTT-3.3.4-2",
    says: "With overlapping subscriptions the highest QoS of them counts.",
  },
  {
    number: "MQTT-3.3.4-3",
    says: "The subscription identifiers of overlapping subscriptions are sent.",
  },
  {
    number: "MQTT-3.3.4-4",
    says: "A single copy carries the identifiers of all matching " +
      "subscriptions that have one.",
  },
  {
    number: "MQTT-3.3.4-5",
    says: "Where each subscription gets a copy, each copy has its own " +
      "identifier.",
  },
  {
    number: "MQTT-3.3.4-6",
    says: "A PUBLISH of a client has no subscription identifier.",
  },
  {
    number: "MQTT-3.3.4-7",
    says: "A client has no more than the server's receive maximum in flight.",
  },
  {
    number: "MQTT-3.3.4-8",
    says: "A client delays nothing but PUBLISH when it has reached that " +
      "maximum.",
    untested: "a duty of the client; the server's side is MQTT-3.3.4-10",
  },
  {
    number: "MQTT-3.3.4-9",
    says: "The server has no more than the client's receive maximum in flight.",
  },
  {
    number: "MQTT-3.3.4-10",
    says: "The server delays nothing but PUBLISH when it has reached that " +
      "maximum.",
  },
  {
    number: "MQTT-3.4.2-1",
    says: "PUBACK has one of its reason codes.",
  },
  {
    number: "MQTT-3.4.2-2",
    says: "A reason string that would make a PUBACK too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.4.2-3",
    says: "User properties that would make a PUBACK too large for its " +
      "receiver are left out.",
  },
  {
    number: "MQTT-3.5.2-1",
    says: "PUBREC has one of its reason codes.",
  },
  {
    number: "MQTT-3.5.2-2",
    says: "A reason string that would make a PUBREC too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.5.2-3",
    says: "User properties that would make a PUBREC too large for its " +
      "receiver are left out.",
  },
  {
    number: "MQTT-3.6.1-1",
    says: "PUBREL has flags 2; other flags are malformed and end the " +
      "connection.",
  },
  {
    number: "MQTT-3.6.2-1",
    says: "PUBREL has one of its reason codes.",
  },
  {
    number: "MQTT-3.6.2-2",
    says: "A reason string that would make a PUBREL too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.6.2-3",
    says: "User properties that would make a PUBREL too large for its " +
      "receiver are left out.",
  },
  {
    number: "MQTT-3.7.2-1",
    says: "PUBCOMP has one of its reason codes.",
  },
  {
    number: "MQTT-3.7.2-2",
    says: "A reason string that would make a PUBCOMP too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.7.2-3",
    says: "User properties that would make a PUBCOMP too large for its " +
      "receiver are left out.",
  },
];
