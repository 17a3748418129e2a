/**
 * The normative statements of OASIS MQTT 5.0, sections 3.8 to 3.15. See
 * `statements_5_0.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const SUBSCRIBE_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-3.8.1-1",
    says: "SUBSCRIBE has flags 2; other flags are malformed and end the " +
      "connection.",
  },
  {
    number: "MQTT-3.8.3-1",
    says: "The topic filters of a SUBSCRIBE are well-formed text.",
  },
  {
    number: "MQTT-3.8.3-2",
    says: "A SUBSCRIBE has at least one topic filter with its options.",
  },
  {
    number: "MQTT-3.8.3-3",
    says: "No local 1: a message is not sent to a connection whose client id " +
      "published it.",
  },
  {
    number: "MQTT-3.8.3-4",
    says: "No local on a shared subscription is a protocol error.",
  },
  {
    number: "MQTT-3.8.3-5",
    says: "Set reserved bits of the options make a SUBSCRIBE malformed.",
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
    says: "A subscription to the same topic filter replaces the older one.",
  },
  {
    number: "MQTT-3.8.4-4",
    says: "Retain handling 0: a replaced subscription gets the retained " +
      "messages again, and no message is lost by the replacement.",
  },
  {
    number: "MQTT-3.8.4-5",
    says: "Several topic filters are handled as if each had come by itself, " +
      "with one SUBACK.",
  },
  {
    number: "MQTT-3.8.4-6",
    says: "The SUBACK has a reason code for each topic filter.",
  },
  {
    number: "MQTT-3.8.4-7",
    says: "That code is the granted QoS or says that the subscription failed.",
  },
  {
    number: "MQTT-3.8.4-8",
    says: "A message is delivered with the lower of its own QoS and the " +
      "granted one.",
  },
  {
    number: "MQTT-3.9.2-1",
    says: "A reason string that would make a SUBACK too large for the client " +
      "is left out.",
  },
  {
    number: "MQTT-3.9.2-2",
    says: "User properties that would make a SUBACK too large for the client " +
      "are left out.",
  },
  {
    number: "MQTT-3.9.3-1",
    says: "The reason codes of a SUBACK have the order of the topic filters.",
  },
  {
    number: "MQTT-3.9.3-2",
    says: "SUBACK has one of its reason codes for each topic filter.",
  },
  {
    number: "MQTT-3.10.1-1",
    says: "UNSUBSCRIBE has flags 2; other flags are malformed and end the " +
      "connection.",
  },
  {
    number: "MQTT-3.10.3-1",
    says: "The topic filters of an UNSUBSCRIBE are well-formed text.",
  },
  {
    number: "MQTT-3.10.3-2",
    says: "An UNSUBSCRIBE has at least one topic filter.",
  },
  {
    number: "MQTT-3.10.4-1",
    says: "Topic filters are compared character by character; an equal one " +
      "ends the subscription.",
  },
  {
    number: "MQTT-3.10.4-2",
    says: "From then on no new message is added for delivery.",
  },
  {
    number: "MQTT-3.10.4-3",
    says: "QoS 1 and 2 deliveries that have begun are completed.",
  },
  {
    number: "MQTT-3.10.4-4",
    says: "An UNSUBSCRIBE is answered by an UNSUBACK.",
  },
  {
    number: "MQTT-3.10.4-5",
    says: "The UNSUBACK has the packet id of the UNSUBSCRIBE, and comes even " +
      "where nothing was subscribed.",
  },
  {
    number: "MQTT-3.10.4-6",
    says: "Several topic filters are handled as if each had come by itself, " +
      "with one UNSUBACK.",
  },
  {
    number: "MQTT-3.11.2-1",
    says: "A reason string that would make an UNSUBACK too large for the " +
      "client is left out.",
  },
  {
    number: "MQTT-3.11.2-2",
    says: "User properties that would make an UNSUBACK too large for the " +
      "client are left out.",
  },
  {
    number: "MQTT-3.11.3-1",
    says: "The reason codes of an UNSUBACK have the order of the topic " +
      "filters.",
  },
  {
    number: "MQTT-3.11.3-2",
    says: "UNSUBACK has one of its reason codes for each topic filter.",
  },
  {
    number: "MQTT-3.12.4-1",
    says: "A PINGREQ is answered by a PINGRESP.",
  },
  {
    number: "MQTT-3.14.0-1",
    says: "The server sends no DISCONNECT before a CONNACK that accepts.",
  },
  {
    number: "MQTT-3.14.1-1",
    says: "DISCONNECT has flags 0; other flags are answered by DISCONNECT " +
      "0x81.",
  },
  {
    number: "MQTT-3.14.2-1",
    says: "DISCONNECT has one of its reason codes.",
  },
  {
    number: "MQTT-3.14.2-2",
    says: "The server's DISCONNECT has no session expiry interval.",
  },
  {
    number: "MQTT-3.14.2-3",
    says: "A reason string that would make a DISCONNECT too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.14.2-4",
    says: "User properties that would make a DISCONNECT too large for its " +
      "receiver are left out.",
  },
  {
    number: "MQTT-3.14.4-1",
    says: "Nothing is sent after a DISCONNECT.",
  },
  {
    number: "MQTT-3.14.4-2",
    says: "Who has sent a DISCONNECT closes the connection.",
  },
  {
    number: "MQTT-3.14.4-3",
    says: "A DISCONNECT 0x00 of the client discards its will.",
  },
  {
    number: "MQTT-3.15.1-1",
    says: "AUTH has flags 0; other flags are malformed and end the connection.",
  },
  {
    number: "MQTT-3.15.2-1",
    says: "AUTH has one of its reason codes.",
  },
  {
    number: "MQTT-3.15.2-2",
    says: "A reason string that would make an AUTH too large for its " +
      "receiver is left out.",
  },
  {
    number: "MQTT-3.15.2-3",
    says: "User properties that would make an AUTH too large for its " +
      "receiver are left out.",
  },
];
