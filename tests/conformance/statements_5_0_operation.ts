/**
 * The normative statements of OASIS MQTT 5.0, chapters 4 and 6. See
 * `statements_5_0.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const OPERATION_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-4.1.0-1",
    says: "A session is not discarded while its connection is open.",
  },
  {
    number: "MQTT-4.1.0-2",
    says: "A session is discarded once its connection is closed and its " +
      "expiry interval has passed.",
  },
  {
    number: "MQTT-4.2.0-1",
    says: "Server and client work over a transport that carries ordered " +
      "bytes both ways without loss.",
  },
  {
    number: "MQTT-4.3.1-1",
    says: "QoS 0 is sent with QoS 0 and DUP 0.",
  },
  {
    number: "MQTT-4.3.2-1",
    says: "A sender of QoS 1 takes an unused packet id for each new message.",
  },
  {
    number: "MQTT-4.3.2-2",
    says: "It sends a PUBLISH with this id, QoS 1 and DUP 0.",
  },
  {
    number: "MQTT-4.3.2-3",
    says: "It holds that PUBLISH open until its PUBACK came.",
  },
  {
    number: "MQTT-4.3.2-4",
    says: "A receiver of QoS 1 answers by a PUBACK with the packet id.",
  },
  {
    number: "MQTT-4.3.2-5",
    says: "After its PUBACK it takes the same id for a new message, whatever " +
      "DUP says.",
  },
  {
    number: "MQTT-4.3.3-1",
    says: "A sender of QoS 2 takes an unused packet id for each new message.",
  },
  {
    number: "MQTT-4.3.3-2",
    says: "It sends a PUBLISH with this id, QoS 2 and DUP 0.",
  },
  {
    number: "MQTT-4.3.3-3",
    says: "It holds that PUBLISH open until its PUBREC came.",
  },
  {
    number: "MQTT-4.3.3-4",
    says: "It answers a PUBREC below 0x80 by a PUBREL with the same packet id.",
  },
  {
    number: "MQTT-4.3.3-5",
    says: "It holds that PUBREL open until its PUBCOMP came.",
  },
  {
    number: "MQTT-4.3.3-6",
    says: "It never repeats a PUBLISH after its PUBREL.",
  },
  {
    number: "MQTT-4.3.3-7",
    says: "It does not let a message expire once its PUBLISH was sent.",
  },
  {
    number: "MQTT-4.3.3-8",
    says: "A receiver of QoS 2 answers by a PUBREC with the packet id.",
  },
  {
    number: "MQTT-4.3.3-9",
    says: "After a PUBREC of 0x80 or above it takes the same id for a new " +
      "message.",
  },
  {
    number: "MQTT-4.3.3-10",
    says: "Until PUBREL it answers the same id by PUBREC again and delivers " +
      "nothing twice.",
  },
  {
    number: "MQTT-4.3.3-11",
    says: "It answers PUBREL by a PUBCOMP with the same packet id.",
  },
  {
    number: "MQTT-4.3.3-12",
    says: "After its PUBCOMP it takes the same id for a new message.",
  },
  {
    number: "MQTT-4.3.3-13",
    says: "It goes on with the acknowledgements even of a message that has " +
      "expired.",
  },
  {
    number: "MQTT-4.4.0-1",
    says: "A resumed session repeats open PUBLISH and PUBREL packets under " +
      "their ids; nothing is repeated at another time.",
  },
  {
    number: "MQTT-4.4.0-2",
    says: "A PUBACK or PUBREC of 0x80 or above settles the message; it is " +
      "not repeated.",
  },
  {
    number: "MQTT-4.5.0-1",
    says: "An incoming message is added to the session of every client whose " +
      "subscription matches.",
  },
  {
    number: "MQTT-4.5.0-2",
    says: "A client acknowledges what it receives, even what it ignores.",
    untested: "a duty of the client",
  },
  {
    number: "MQTT-4.6.0-1",
    says: "Messages are repeated in the order of their first sending.",
  },
  {
    number: "MQTT-4.6.0-2",
    says: "PUBACK packets come in the order of their PUBLISH packets.",
  },
  {
    number: "MQTT-4.6.0-3",
    says: "PUBREC packets come in the order of their PUBLISH packets.",
  },
  {
    number: "MQTT-4.6.0-4",
    says: "PUBREL packets come in the order of their PUBREC packets.",
  },
  {
    number: "MQTT-4.6.0-5",
    says: "Messages of one client with the same topic and QoS reach a " +
      "consumer in their order.",
  },
  {
    number: "MQTT-4.6.0-6",
    says: "Every topic is ordered so for subscriptions that are not shared.",
  },
  {
    number: "MQTT-4.7.0-1",
    says: "Wildcards have no place in a topic name.",
  },
  {
    number: "MQTT-4.7.1-1",
    says: "`#` is the whole last level of a topic filter.",
  },
  {
    number: "MQTT-4.7.1-2",
    says: "`+` is a whole level of a topic filter.",
  },
  {
    number: "MQTT-4.7.2-1",
    says: "A topic filter that begins with a wildcard matches no topic name " +
      "that begins with `$`.",
  },
  {
    number: "MQTT-4.7.3-1",
    says: "Topic names and filters have at least one character.",
  },
  {
    number: "MQTT-4.7.3-2",
    says: "Topic names and filters do not contain U+0000.",
  },
  {
    number: "MQTT-4.7.3-3",
    says: "Topic names and filters have at most 65,535 bytes.",
  },
  {
    number: "MQTT-4.7.3-4",
    says: "Names and filters are compared as they are, without any " +
      "normalization.",
  },
  {
    number: "MQTT-4.8.2-1",
    says: "A shared filter begins with `$share/` and a share name of at " +
      "least one character.",
  },
  {
    number: "MQTT-4.8.2-2",
    says: "The share name has none of `/`, `+` and `#`; a `/` and a topic " +
      "filter follow it.",
  },
  {
    number: "MQTT-4.8.2-3",
    says: "Each member of a group gets messages with the QoS that it was " +
      "granted.",
  },
  {
    number: "MQTT-4.8.2-4",
    says: "A QoS 2 delivery to a member that goes away is completed when it " +
      "is back.",
  },
  {
    number: "MQTT-4.8.2-5",
    says: "If that member's session ends instead, the message goes to no " +
      "other member.",
  },
  {
    number: "MQTT-4.8.2-6",
    says: "A message that a member refuses by 0x80 or above goes to no other " +
      "member.",
  },
  {
    number: "MQTT-4.9.0-1",
    says: "The first send quota is not 0 and not above the receive maximum.",
  },
  {
    number: "MQTT-4.9.0-2",
    says: "Each PUBLISH above QoS 0 takes from the quota; at 0 no more are " +
      "sent.",
  },
  {
    number: "MQTT-4.9.0-3",
    says: "At quota 0 all other packets are processed and answered all the " +
      "same.",
  },
  {
    number: "MQTT-4.12.0-1",
    says: "An authentication method that is not supported is refused by 0x8C " +
      "or 0x87, and the connection ends.",
  },
  {
    number: "MQTT-4.12.0-2",
    says: "The server asks on by an AUTH with 0x18.",
  },
  {
    number: "MQTT-4.12.0-3",
    says: "The client answers by an AUTH with 0x18.",
  },
  {
    number: "MQTT-4.12.0-4",
    says: "The server may refuse at any step by a CONNACK of 0x80 or above; " +
      "the connection ends.",
  },
  {
    number: "MQTT-4.12.0-5",
    says: "Every AUTH and the CONNACK that accepts repeat the authentication " +
      "method of the CONNECT.",
  },
  {
    number: "MQTT-4.12.0-6",
    says: "Without a method in the CONNECT the server sends no AUTH and no " +
      "method in the CONNACK.",
  },
  {
    number: "MQTT-4.12.0-7",
    says: "Without a method in the CONNECT the client sends no AUTH.",
  },
  {
    number: "MQTT-4.12.1-1",
    says: "A client authenticates again by an AUTH with 0x19 and its first " +
      "method.",
  },
  {
    number: "MQTT-4.12.1-2",
    says: "If that fails a DISCONNECT says why, and the connection ends.",
  },
  {
    number: "MQTT-4.13.1-1",
    says: "A malformed packet or a protocol error ends the connection it " +
      "came from.",
  },
  {
    number: "MQTT-4.13.2-1",
    says: "A reason code of 0x80 or above in CONNACK or DISCONNECT ends the " +
      "connection.",
  },
  {
    number: "MQTT-6.0.0-1",
    says: "Control packets travel in binary WebSocket frames; other data " +
      "frames end the connection.",
  },
  {
    number: "MQTT-6.0.0-2",
    says: "Control packets need not fit the borders of WebSocket frames.",
  },
  {
    number: "MQTT-6.0.0-3",
    says: "A WebSocket client offers the sub-protocol `mqtt`.",
    untested: "a duty of the client",
  },
  {
    number: "MQTT-6.0.0-4",
    says: "The server selects the WebSocket sub-protocol `mqtt`.",
  },
];
