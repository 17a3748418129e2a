/**
 * The normative statements of OASIS MQTT 5.0, sections 3.1 and 3.2. See
 * `statements_5_0.ts`, which joins the parts.
 */

import type { Statement } from "./statement.ts";

export const CONNECT_STATEMENTS: readonly Statement[] = [
  {
    number: "MQTT-3.1.0-1",
    says: "A client's first packet is CONNECT.",
  },
  {
    number: "MQTT-3.1.0-2",
    says: "A second CONNECT is a protocol error and ends the connection.",
  },
  {
    number: "MQTT-3.1.2-1",
    says: "A CONNECT with another protocol name is not served and ends the " +
      "connection.",
  },
  {
    number: "MQTT-3.1.2-2",
    says: "A protocol version that is not served may be answered by 0x84; " +
      "the connection ends.",
  },
  {
    number: "MQTT-3.1.2-3",
    says: "The server checks that the reserved connect flag is 0.",
  },
  {
    number: "MQTT-3.1.2-4",
    says: "Clean start 1 discards the older session and starts a new one.",
  },
  {
    number: "MQTT-3.1.2-5",
    says: "Clean start 0 resumes the session of the client id, where there " +
      "is one.",
  },
  {
    number: "MQTT-3.1.2-6",
    says: "Clean start 0 makes a session where there is none.",
  },
  {
    number: "MQTT-3.1.2-7",
    says: "An accepted will is kept with the session.",
  },
  {
    number: "MQTT-3.1.2-8",
    says: "The will is published once the connection is gone and its delay " +
      "is over or the session ends, unless DISCONNECT 0x00 or a new " +
      "connection came first.",
  },
  {
    number: "MQTT-3.1.2-9",
    says: "With the will flag come will properties, will topic and will " +
      "payload.",
  },
  {
    number: "MQTT-3.1.2-10",
    says: "A will is forgotten once it was published or a DISCONNECT 0x00 " +
      "came.",
  },
  {
    number: "MQTT-3.1.2-11",
    says: "Without the will flag the will QoS is 0.",
  },
  {
    number: "MQTT-3.1.2-12",
    says: "With the will flag the will QoS is 0, 1 or 2; 3 is malformed.",
  },
  {
    number: "MQTT-3.1.2-13",
    says: "Without the will flag will retain is 0.",
  },
  {
    number: "MQTT-3.1.2-14",
    says: "With will retain 0 the will is published as an ordinary message.",
  },
  {
    number: "MQTT-3.1.2-15",
    says: "With will retain 1 the will is published as a retained message.",
  },
  {
    number: "MQTT-3.1.2-16",
    says: "Without the user name flag there is no user name.",
  },
  {
    number: "MQTT-3.1.2-17",
    says: "With the user name flag there is a user name.",
  },
  {
    number: "MQTT-3.1.2-18",
    says: "Without the password flag there is no password.",
  },
  {
    number: "MQTT-3.1.2-19",
    says: "With the password flag there is a password.",
  },
  {
    number: "MQTT-3.1.2-20",
    says: "A client that has nothing else to send sends PINGREQ within its " +
      "keep alive.",
    untested: "a duty of the client; the server's side is MQTT-3.1.2-22",
  },
  {
    number: "MQTT-3.1.2-21",
    says: "A client uses the server keep alive of the CONNACK, where there " +
      "is one.",
    untested: "a duty of the client; the server's side is MQTT-3.2.2-21",
  },
  {
    number: "MQTT-3.1.2-22",
    says: "A client that is silent for one and a half keep alives is cut off " +
      "as if the network had failed.",
  },
  {
    number: "MQTT-3.1.2-23",
    says: "With a session expiry above 0 the session outlives the connection.",
  },
  {
    number: "MQTT-3.1.2-24",
    says: "The server sends no packet above the client's maximum packet size.",
  },
  {
    number: "MQTT-3.1.2-25",
    says: "A message that is too large for a client is dropped for it as if " +
      "it had been delivered.",
  },
  {
    number: "MQTT-3.1.2-26",
    says: "The server uses no topic alias above the client's topic alias " +
      "maximum.",
  },
  {
    number: "MQTT-3.1.2-27",
    says: "Where that maximum is 0 or absent the server uses no topic alias.",
  },
  {
    number: "MQTT-3.1.2-28",
    says: "With request response information 0 the CONNACK has no response " +
      "information.",
  },
  {
    number: "MQTT-3.1.2-29",
    says: "With request problem information 0 only PUBLISH, CONNACK and " +
      "DISCONNECT carry reason strings or user properties.",
  },
  {
    number: "MQTT-3.1.2-30",
    says: "A client that asks for an authentication method sends only AUTH " +
      "and DISCONNECT until its CONNACK came.",
  },
  {
    number: "MQTT-3.1.3-1",
    says: "The order is client id, will properties, will topic, will " +
      "payload, user name, password.",
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
    says: "Where an empty client id is accepted the server gives the client " +
      "a unique one.",
  },
  {
    number: "MQTT-3.1.3-7",
    says: "That id is returned in the CONNACK, and all goes on as if the " +
      "client had sent it.",
  },
  {
    number: "MQTT-3.1.3-8",
    says: "A refused client id may be answered by 0x85; the connection ends.",
  },
  {
    number: "MQTT-3.1.3-9",
    says: "A new connection to the session within the will delay means that " +
      "the will is not sent.",
  },
  {
    number: "MQTT-3.1.3-10",
    says: "The user properties of a will keep their order.",
  },
  {
    number: "MQTT-3.1.3-11",
    says: "The will topic is well-formed text.",
  },
  {
    number: "MQTT-3.1.3-12",
    says: "The user name is well-formed text.",
  },
  {
    number: "MQTT-3.1.4-1",
    says: "A CONNECT that breaks section 3.1 ends the connection.",
  },
  {
    number: "MQTT-3.1.4-2",
    says: "A CONNECT that fails a further check, such as a login, ends the " +
      "connection.",
  },
  {
    number: "MQTT-3.1.4-3",
    says: "A client whose id connects again gets DISCONNECT 0x8E and is cut " +
      "off.",
  },
  {
    number: "MQTT-3.1.4-4",
    says: "A valid CONNECT is followed by what clean start asks.",
  },
  {
    number: "MQTT-3.1.4-5",
    says: "A valid CONNECT is answered by a CONNACK with 0x00.",
  },
  {
    number: "MQTT-3.1.4-6",
    says: "Nothing but AUTH that follows a refused CONNECT is processed.",
  },
  {
    number: "MQTT-3.2.0-1",
    says: "Before any packet but AUTH the server sends a CONNACK with 0x00.",
  },
  {
    number: "MQTT-3.2.0-2",
    says: "The server sends one CONNACK in a connection.",
  },
  {
    number: "MQTT-3.2.2-1",
    says: "Bits 7 to 1 of the connect acknowledge flags are 0.",
  },
  {
    number: "MQTT-3.2.2-2",
    says: "After clean start 1 session present is 0.",
  },
  {
    number: "MQTT-3.2.2-3",
    says: "After clean start 0 session present is 1 if and only if there was " +
      "a session.",
  },
  {
    number: "MQTT-3.2.2-4",
    says: "A client without a session that is told of one closes the " +
      "connection.",
    untested: "a duty of the client",
  },
  {
    number: "MQTT-3.2.2-5",
    says: "A client with a session that is told of none discards its own.",
    untested: "a duty of the client",
  },
  {
    number: "MQTT-3.2.2-6",
    says: "A CONNACK that refuses has session present 0.",
  },
  {
    number: "MQTT-3.2.2-7",
    says: "A CONNACK with 0x80 or above ends the connection.",
  },
  {
    number: "MQTT-3.2.2-8",
    says: "CONNACK has one of its reason codes.",
  },
  {
    number: "MQTT-3.2.2-9",
    says: "A server without QoS 1 or 2 says so by maximum QoS.",
  },
  {
    number: "MQTT-3.2.2-10",
    says: "Even a server without QoS 1 or 2 accepts subscriptions that ask " +
      "for them.",
  },
  {
    number: "MQTT-3.2.2-11",
    says: "A client sends no PUBLISH above the maximum QoS.",
  },
  {
    number: "MQTT-3.2.2-12",
    says: "A will QoS beyond the server's own means that the connection is " +
      "refused.",
  },
  {
    number: "MQTT-3.2.2-13",
    says: "A server without retained messages refuses a will that is to be " +
      "retained.",
  },
  {
    number: "MQTT-3.2.2-14",
    says: "A client told that there are no retained messages sends none.",
  },
  {
    number: "MQTT-3.2.2-15",
    says: "A client sends no packet above the server's maximum packet size.",
  },
  {
    number: "MQTT-3.2.2-16",
    says: "An empty client id is answered by an assigned client id that no " +
      "other session has.",
  },
  {
    number: "MQTT-3.2.2-17",
    says: "A client uses no topic alias above the server's topic alias " +
      "maximum.",
  },
  {
    number: "MQTT-3.2.2-18",
    says: "Where that maximum is absent or 0 a client uses no topic alias.",
  },
  {
    number: "MQTT-3.2.2-19",
    says: "A reason string that would make the CONNACK too large for the " +
      "client is left out.",
  },
  {
    number: "MQTT-3.2.2-20",
    says: "User properties that would make the CONNACK too large for the " +
      "client are left out.",
  },
  {
    number: "MQTT-3.2.2-21",
    says: "The server keep alive of the CONNACK replaces the client's own.",
  },
  {
    number: "MQTT-3.2.2-22",
    says: "Without a server keep alive the client's keep alive holds.",
  },
];
