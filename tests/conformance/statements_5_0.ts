/**
 * Every normative statement of OASIS MQTT 5.0 (7 March 2019): its number and,
 * in our own words, what it asks for. There are 251; the list was taken from
 * a copy of the standard's appendix B and compared with the numbers in two
 * other public lists. `2.2.1-1` was never given out, and `4.2.0-1` is called
 * `4.2-1` in the standard's body. This is data; `coverage.ts` works with it.
 */

import type { Statement } from "./statement.ts";
import { CONNECT_STATEMENTS } from "./statements_5_0_connect.ts";
import { OPERATION_STATEMENTS } from "./statements_5_0_operation.ts";
import { PUBLISH_STATEMENTS } from "./statements_5_0_publish.ts";
import { SUBSCRIBE_STATEMENTS } from "./statements_5_0_subscribe.ts";

const FORMAT_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-1.5.4-1",
    says: "Text is well-formed UTF-8 without surrogates; ill-formed text is " +
      "a malformed packet.",
  },
  {
    number: "MQTT-1.5.4-2",
    says: "Text with U+0000 in it is a malformed packet.",
  },
  {
    number: "MQTT-1.5.4-3",
    says: "The bytes EF BB BF are the character U+FEFF and stay in the text.",
  },
  {
    number: "MQTT-1.5.5-1",
    says: "A variable byte integer is encoded in as few bytes as possible.",
  },
  {
    number: "MQTT-1.5.7-1",
    says: "Both strings of a string pair are well-formed text.",
  },
  {
    number: "MQTT-2.1.3-1",
    says: "Reserved flag bits of a fixed header carry the values that table " +
      "2-2 lists.",
  },
  {
    number: "MQTT-2.2.1-2",
    says: "A PUBLISH with QoS 0 carries no packet id.",
  },
  {
    number: "MQTT-2.2.1-3",
    says: "A client takes an unused packet id other than 0 for each new " +
      "packet.",
  },
  {
    number: "MQTT-2.2.1-4",
    says: "The server takes an unused packet id other than 0 for each new " +
      "PUBLISH above QoS 0.",
  },
  {
    number: "MQTT-2.2.1-5",
    says: "PUBACK, PUBREC, PUBREL and PUBCOMP repeat the packet id of the " +
      "PUBLISH.",
  },
  {
    number: "MQTT-2.2.1-6",
    says: "SUBACK and UNSUBACK repeat the packet id of the request.",
  },
  {
    number: "MQTT-2.2.2-1",
    says: "A packet without properties says so by a property length of 0.",
  },
];

/** In the order of their numbers. */
export const STATEMENTS_5_0: readonly Statement[] = [
  ...FORMAT_STATEMENTS,
  ...CONNECT_STATEMENTS,
  ...PUBLISH_STATEMENTS,
  ...SUBSCRIBE_STATEMENTS,
  ...OPERATION_STATEMENTS,
];
