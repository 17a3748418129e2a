/**
 * Every normative statement of OASIS MQTT 3.1.1 (29 October 2014): its number
 * and, in our own words, what it asks for. There are 141; the list was taken
 * from the standard's own text and compared with two independent copies of
 * its appendix B. Two numbers are misprinted there, `3.1.2.7` and `3-8.3-4`;
 * here they have the usual form. This is data; `coverage.ts` works with it.
 */

import type { Statement } from "./statement.ts";
import { MESSAGE_STATEMENTS } from "./statements_3_1_1_messages.ts";
import { OPERATION_STATEMENTS } from "./statements_3_1_1_operation.ts";

const FORMAT_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-1.5.3-1",
    says: "Text that is not well-formed UTF-8, surrogates included, ends " +
      "the connection.",
  },
  {
    number: "MQTT-1.5.3-2",
    says: "Text with U+0000 in it ends the connection.",
  },
  {
    number: "MQTT-1.5.3-3",
    says: "The bytes EF BB BF are the character U+FEFF and stay in the text.",
  },
  {
    number: "MQTT-2.2.2-1",
    says: "Reserved flag bits carry the values that table 2.2 lists.",
  },
  {
    number: "MQTT-2.2.2-2",
    says: "Wrong flags in a fixed header end the connection.",
  },
  {
    number: "MQTT-2.3.1-1",
    says: "SUBSCRIBE, UNSUBSCRIBE and PUBLISH above QoS 0 have a packet id " +
      "other than 0.",
  },
  {
    number: "MQTT-2.3.1-2",
    says: "A client takes an unused packet id for each new packet.",
    untested: "a duty of the client; the server's own is MQTT-2.3.1-4",
  },
  {
    number: "MQTT-2.3.1-3",
    says: "A client repeats a packet under its old id, which is free again " +
      "only after the matching acknowledgement.",
    untested: "a duty of the client; the server's own is MQTT-2.3.1-4",
  },
  {
    number: "MQTT-2.3.1-4",
    says: "The server's PUBLISH packets above QoS 0 obey the same two rules.",
  },
  {
    number: "MQTT-2.3.1-5",
    says: "A PUBLISH with QoS 0 carries no packet id.",
  },
  {
    number: "MQTT-2.3.1-6",
    says: "PUBACK, PUBREC and PUBREL repeat the packet id of the PUBLISH.",
  },
  {
    number: "MQTT-2.3.1-7",
    says: "SUBACK and UNSUBACK repeat the packet id of the request.",
  },
];

const CONNECT_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-3.1.0-1",
    says: "A client's first packet is CONNECT.",
  },
  {
    number: "MQTT-3.1.0-2",
    says: "A second CONNECT is a protocol violation and ends the connection.",
  },
  {
    number: "MQTT-3.1.2-1",
    says: "A CONNECT with another protocol name is not served as MQTT 3.1.1.",
  },
  {
    number: "MQTT-3.1.2-2",
    says: "An unsupported protocol level is answered by return code 1, then " +
      "the connection ends.",
  },
  {
    number: "MQTT-3.1.2-3",
    says: "A set reserved connect flag ends the connection.",
  },
  {
    number: "MQTT-3.1.2-4",
    says: "Clean session 0 continues the stored session, or starts one that " +
      "outlives the connection.",
  },
  {
    number: "MQTT-3.1.2-5",
    says: "While such a session is offline it collects matching messages of " +
      "QoS 1 and 2.",
  },
  {
    number: "MQTT-3.1.2-6",
    says: "Clean session 1 drops the older session and starts one that ends " +
      "with the connection and leaves nothing behind.",
  },
  {
    number: "MQTT-3.1.2-7",
    says: "Retained messages are no part of a session and survive its end.",
  },
  {
    number: "MQTT-3.1.2-8",
    says: "An accepted will is kept and published when the connection ends " +
      "without a DISCONNECT.",
  },
  {
    number: "MQTT-3.1.2-9",
    says: "With the will flag come a will topic, a will message and the " +
      "use of will QoS and will retain.",
  },
  {
    number: "MQTT-3.1.2-10",
    says: "A will is forgotten once it was published or a DISCONNECT came.",
  },
  {
    number: "MQTT-3.1.2-11",
    says: "Without the will flag, will QoS and will retain are 0 and no will " +
      "fields are sent.",
  },
  {
    number: "MQTT-3.1.2-12",
    says: "Without the will flag no will is published.",
  },
  {
    number: "MQTT-3.1.2-13",
    says: "Without the will flag the will QoS is 0.",
  },
  {
    number: "MQTT-3.1.2-14",
    says: "With the will flag the will QoS is 0, 1 or 2, never 3.",
  },
  {
    number: "MQTT-3.1.2-15",
    says: "Without the will flag will retain is 0.",
  },
  {
    number: "MQTT-3.1.2-16",
    says: "With will retain 0 the will is published as an ordinary message.",
  },
  {
    number: "MQTT-3.1.2-17",
    says: "With will retain 1 the will is published as a retained message.",
  },
  {
    number: "MQTT-3.1.2-18",
    says: "Without the user name flag there is no user name.",
  },
  {
    number: "MQTT-3.1.2-19",
    says: "With the user name flag there is a user name.",
  },
  {
    number: "MQTT-3.1.2-20",
    says: "Without the password flag there is no password.",
  },
  {
    number: "MQTT-3.1.2-21",
    says: "With the password flag there is a password.",
  },
  {
    number: "MQTT-3.1.2-22",
    says: "The password flag needs the user name flag.",
  },
  {
    number: "MQTT-3.1.2-23",
    says: "A client never stays silent for longer than its keep alive.",
    untested: "a duty of the client; the server's side is MQTT-3.1.2-24",
  },
  {
    number: "MQTT-3.1.2-24",
    says: "A client that is silent for one and a half keep alives is cut " +
      "off as if the network had failed.",
  },
  {
    number: "MQTT-3.1.3-1",
    says: "The order is client id, will topic, will message, user name, " +
      "password.",
  },
  {
    number: "MQTT-3.1.3-2",
    says: "State belongs to a client id.",
  },
  {
    number: "MQTT-3.1.3-3",
    says: "The client id is there and is the first field of the payload.",
  },
  {
    number: "MQTT-3.1.3-4",
    says: "The client id is well-formed text.",
  },
  {
    number: "MQTT-3.1.3-5",
    says: "Client ids of 1 to 23 letters and digits are accepted.",
  },
  {
    number: "MQTT-3.1.3-6",
    says: "Where an empty client id is accepted, the server gives the client " +
      "an id of its own and goes on as usual.",
  },
  {
    number: "MQTT-3.1.3-7",
    says: "An empty client id goes together with clean session 1.",
  },
  {
    number: "MQTT-3.1.3-8",
    says: "An empty client id with clean session 0 is answered by return " +
      "code 2, then the connection ends.",
  },
  {
    number: "MQTT-3.1.3-9",
    says: "A refused client id is answered by return code 2, then the " +
      "connection ends.",
  },
  {
    number: "MQTT-3.1.3-10",
    says: "The will topic is well-formed text.",
  },
  {
    number: "MQTT-3.1.3-11",
    says: "The user name is well-formed text.",
  },
  {
    number: "MQTT-3.1.4-1",
    says: "A CONNECT that breaks section 3.1 ends the connection without a " +
      "CONNACK.",
  },
  {
    number: "MQTT-3.1.4-2",
    says: "A client that connects under the id of another replaces it.",
  },
  {
    number: "MQTT-3.1.4-3",
    says: "A valid CONNECT is followed by what its clean session flag asks.",
  },
  {
    number: "MQTT-3.1.4-4",
    says: "A valid CONNECT is answered by a CONNACK with return code 0.",
  },
  {
    number: "MQTT-3.1.4-5",
    says: "Nothing that follows a refused CONNECT is processed.",
  },
  {
    number: "MQTT-3.2.0-1",
    says: "The server's first packet is CONNACK.",
  },
  {
    number: "MQTT-3.2.2-1",
    says: "After clean session 1 session present is 0.",
  },
  {
    number: "MQTT-3.2.2-2",
    says: "After clean session 0 session present is 1 where a session was " +
      "stored.",
  },
  {
    number: "MQTT-3.2.2-3",
    says: "Where no session was stored session present is 0.",
  },
  {
    number: "MQTT-3.2.2-4",
    says: "A refusal has session present 0.",
  },
  {
    number: "MQTT-3.2.2-5",
    says: "A refusal ends the connection.",
  },
  {
    number: "MQTT-3.2.2-6",
    says: "Where no return code fits, the connection ends without a CONNACK.",
  },
];

/** In the order of the standard. */
export const STATEMENTS_3_1_1: readonly Statement[] = [
  ...FORMAT_STATEMENTS,
  ...CONNECT_STATEMENTS,
  ...MESSAGE_STATEMENTS,
  ...OPERATION_STATEMENTS,
];
