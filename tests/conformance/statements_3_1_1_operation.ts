/**
 * The normative statements of OASIS MQTT 3.1.1, chapters 4, 6 and 7 (chapter
 * 5 has none). See `statements_3_1_1.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const OPERATION_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-4.1.0-1",
    says: "Session state is kept for as long as the session lasts.",
  },
  {
    number: "MQTT-4.1.0-2",
    says: "A session lasts at least as long as its network connection.",
  },
  {
    number: "MQTT-4.3.1-1",
    says: "QoS 0, sender: PUBLISH with QoS 0 and DUP 0.",
  },
  {
    number: "MQTT-4.3.2-1",
    says: "QoS 1, sender: an unused packet id, DUP 0 at first, and " +
      "unacknowledged until the PUBACK.",
  },
  {
    number: "MQTT-4.3.2-2",
    says: "QoS 1, receiver: PUBACK with the same id; after it the id stands " +
      "for a new message, whatever DUP says.",
  },
  {
    number: "MQTT-4.3.3-1",
    says: "QoS 2, sender: an unused packet id, DUP 0 at first, PUBREL on " +
      "PUBREC, and from then on never the PUBLISH again.",
  },
  {
    number: "MQTT-4.3.3-2",
    says: "QoS 2, receiver: PUBREC for each PUBLISH of an id but one message " +
      "passed on; PUBCOMP on PUBREL; after it the id is new.",
  },
  {
    number: "MQTT-4.4.0-1",
    says: "On return to a session what is unacknowledged, PUBLISH and " +
      "PUBREL, is sent again under its packet id.",
  },
  {
    number: "MQTT-4.5.0-1",
    says: "A message that the server took over is added to every session " +
      "with a matching subscription.",
  },
  {
    number: "MQTT-4.5.0-2",
    says: "A client acknowledges what it receives, even what it ignores.",
    untested: "a duty of the client",
  },
  {
    number: "MQTT-4.6.0-1",
    says: "PUBLISH packets are repeated in the order of their first sending.",
  },
  {
    number: "MQTT-4.6.0-2",
    says: "PUBACK packets come in the order of the PUBLISH packets.",
  },
  {
    number: "MQTT-4.6.0-3",
    says: "PUBREC packets come in the order of the PUBLISH packets.",
  },
  {
    number: "MQTT-4.6.0-4",
    says: "PUBREL packets come in the order of the PUBREC packets.",
  },
  {
    number: "MQTT-4.6.0-5",
    says: "Each topic is ordered by default.",
  },
  {
    number: "MQTT-4.6.0-6",
    says: "The server keeps these orders for each subscriber, and passes on " +
      "one client's messages of a topic and QoS in their order.",
  },
  {
    number: "MQTT-4.7.1-1",
    says: "Wildcards belong in filters, never in topic names.",
  },
  {
    number: "MQTT-4.7.1-2",
    says: "`#` stands alone or after a separator, and always last.",
  },
  {
    number: "MQTT-4.7.1-3",
    says: "`+` may stand at any level and fills the whole level.",
  },
  {
    number: "MQTT-4.7.2-1",
    says: "A filter that begins with a wildcard does not match a topic name " +
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
    number: "MQTT-4.8.0-1",
    says: "A protocol violation ends the connection that it came from.",
  },
  {
    number: "MQTT-4.8.0-2",
    says: "A transient error at work on a packet ends its connection.",
    untested: "a client cannot cause such an error; failing storage is " +
      "played in the simulation",
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
  {
    number: "MQTT-7.0.0-1",
    says: "A server that connects to other servers is a conforming client " +
      "as well.",
    untested: "concerns bridges, not the server's side of a connection",
  },
  {
    number: "MQTT-7.0.0-2",
    says: "Nothing beyond the standard is needed to work together.",
  },
  {
    number: "MQTT-7.1.1-1",
    says: "A server works over a transport that carries ordered bytes both " +
      "ways without loss.",
  },
  {
    number: "MQTT-7.1.2-1",
    says: "A client works over such a transport.",
    untested: "a duty of the client",
  },
];
