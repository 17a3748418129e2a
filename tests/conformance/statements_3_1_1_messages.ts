/**
 * The normative statements of OASIS MQTT 3.1.1, sections 3.3 to 3.14. See
 * `statements_3_1_1.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const MESSAGE_STATEMENTS: readonly Statement[] = [
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
    says: "QoS 3 ends the connection.",
  },
  {
    number: "MQTT-3.3.1-5",
    says: "RETAIN 1 makes the server keep message and QoS for later " +
      "subscribers.",
  },
  {
    number: "MQTT-3.3.1-6",
    says: "A new subscription is sent the retained message of each topic " +
      "that it matches.",
  },
  {
    number: "MQTT-3.3.1-7",
    says: "A retained message of QoS 0 replaces what was retained before.",
  },
  {
    number: "MQTT-3.3.1-8",
    says: "What is sent because a subscription was made has RETAIN 1.",
  },
  {
    number: "MQTT-3.3.1-9",
    says: "What is sent because a subscription exists has RETAIN 0.",
  },
  {
    number: "MQTT-3.3.1-10",
    says: "An empty message with RETAIN 1 is delivered and removes the " +
      "retained message of its topic.",
  },
  {
    number: "MQTT-3.3.1-11",
    says: "An empty message is never retained.",
  },
  {
    number: "MQTT-3.3.1-12",
    says: "With RETAIN 0 a message neither becomes nor changes a retained " +
      "message.",
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
    number: "MQTT-3.3.4-1",
    says: "A PUBLISH is answered by nothing, PUBACK or PUBREC, by its QoS.",
  },
  {
    number: "MQTT-3.3.5-1",
    says: "With overlapping subscriptions the highest QoS of them counts.",
  },
  {
    number: "MQTT-3.3.5-2",
    says: "A PUBLISH that is not allowed is acknowledged as usual or ends " +
      "the connection.",
  },
  {
    number: "MQTT-3.6.1-1",
    says: "PUBREL has flags 2; other flags end the connection.",
  },
  {
    number: "MQTT-3.8.1-1",
    says: "SUBSCRIBE has flags 2; other flags end the connection.",
  },
  {
    number: "MQTT-3.8.3-1",
    says: "The topic filters of a SUBSCRIBE are well-formed text.",
  },
  {
    number: "MQTT-3.8.3-2",
    says: "A server without wildcards refuses filters that have them.",
  },
  {
    number: "MQTT-3.8.3-3",
    says: "A SUBSCRIBE without a topic filter is a protocol violation.",
  },
  {
    number: "MQTT-3.8.3-4",
    says: "A requested QoS above 2, or a reserved bit beside it, ends the " +
      "connection.",
  },
  {
    number: "MQTT-3.8.4-1",
    says: "A SUBSCRIBE is answered by a SUBACK.",
  },
  {
    number: "MQTT-3.8.4-2",
    says: "The SUBACK has the packet id of the SUBSCRIBE.",
  },
  {
    number: "MQTT-3.8.4-3",
    says: "Subscribing to the same filter again replaces the subscription, " +
      "sends retained messages again and loses nothing on the way.",
  },
  {
    number: "MQTT-3.8.4-4",
    says: "Several filters in one SUBSCRIBE act like several SUBSCRIBEs with " +
      "one SUBACK.",
  },
  {
    number: "MQTT-3.8.4-5",
    says: "The SUBACK has one return code for each filter: the granted QoS " +
      "or a failure.",
  },
  {
    number: "MQTT-3.8.4-6",
    says: "A message is delivered with the lower one of its own QoS and the " +
      "granted QoS.",
  },
  {
    number: "MQTT-3.9.3-1",
    says: "The return codes stand in the order of the filters.",
  },
  {
    number: "MQTT-3.9.3-2",
    says: "SUBACK return codes are 0, 1, 2 or 0x80.",
  },
  {
    number: "MQTT-3.10.1-1",
    says: "UNSUBSCRIBE has flags 2; other flags end the connection.",
  },
  {
    number: "MQTT-3.10.3-1",
    says: "The topic filters of an UNSUBSCRIBE are well-formed text, one " +
      "after the other.",
  },
  {
    number: "MQTT-3.10.3-2",
    says: "An UNSUBSCRIBE without a topic filter is a protocol violation.",
  },
  {
    number: "MQTT-3.10.4-1",
    says: "UNSUBSCRIBE removes the subscription whose filter is the same " +
      "text, and no other.",
  },
  {
    number: "MQTT-3.10.4-2",
    says: "After the removal no new messages are added for the client.",
  },
  {
    number: "MQTT-3.10.4-3",
    says: "Deliveries of QoS 1 and 2 that have begun are finished all the " +
      "same.",
  },
  {
    number: "MQTT-3.10.4-4",
    says: "An UNSUBSCRIBE is answered by an UNSUBACK with its packet id.",
  },
  {
    number: "MQTT-3.10.4-5",
    says: "The UNSUBACK comes even where nothing was removed.",
  },
  {
    number: "MQTT-3.10.4-6",
    says: "Several filters in one UNSUBSCRIBE act like several UNSUBSCRIBEs " +
      "with one UNSUBACK.",
  },
  {
    number: "MQTT-3.12.4-1",
    says: "A PINGREQ is answered by a PINGRESP.",
  },
  {
    number: "MQTT-3.14.1-1",
    says: "A DISCONNECT with reserved bits set ends the connection as a " +
      "violation.",
  },
  {
    number: "MQTT-3.14.4-1",
    says: "A client closes the connection after its DISCONNECT.",
    untested: "a duty of the client; that the server closes as well is " +
      "tested with MQTT-3.14.4-2",
  },
  {
    number: "MQTT-3.14.4-2",
    says: "Nothing that follows a DISCONNECT counts.",
  },
  {
    number: "MQTT-3.14.4-3",
    says: "A DISCONNECT discards the will.",
  },
];
