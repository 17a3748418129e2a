/**
 * What a reason code of a broker means to the person at a client.
 *
 * @module
 */

/** MQTT 5.0 section 2.4, as the end of "it was refused: ". */
const WORDS: Readonly<Record<number, string>> = {
  0x00: "success",
  0x10: "nobody has subscribed to it",
  0x11: "there was no such subscription",
  0x80: "the broker does not say why",
  0x81: "it took a packet for malformed",
  0x82: "it took a packet for a protocol error",
  0x83: "it does not do this",
  0x84: "it does not speak this version of MQTT",
  0x85: "it does not take this client id",
  0x86: "bad user name or password",
  0x87: "not authorized",
  0x88: "it is not available",
  0x89: "it is busy",
  0x8a: "this client is banned",
  0x8b: "it is shutting down",
  0x8c: "it does not know this authentication method",
  0x8d: "it has heard nothing for too long",
  0x8e: "another client has connected with the same id",
  0x8f: "it does not take this topic filter",
  0x90: "it does not take this topic name",
  0x91: "the packet id is in use",
  0x92: "there is no such packet id",
  0x93: "too many messages are in flight",
  0x94: "it does not take this topic alias",
  0x95: "a packet is too large",
  0x96: "messages come too fast",
  0x97: "a limit is reached",
  0x98: "its operator closed the connection",
  0x99: "the payload is not of the format that was announced",
  0x9a: "it does not retain messages",
  0x9b: "it does not do this QoS",
  0x9c: "another server is to be used",
  0x9d: "the server has moved",
  0x9e: "it has no shared subscriptions",
  0x9f: "connections come too fast",
  0xa0: "its time for a connection is over",
  0xa1: "it has no subscription identifiers",
  0xa2: "it has no wildcards",
};

/**
 * A reason code in words, with what the broker has to say itself.
 *
 * @param reasonString The broker's own words, of which controls are not
 * taken out here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reasonWords } from "./reason_words.ts";
 *
 * assertEquals(reasonWords(0x87), "not authorized");
 * assertEquals(reasonWords(0x97, "ask Ada"), 'a limit is reached ("ask Ada")');
 * ```
 */
export function reasonWords(reason: number, reasonString?: string): string {
  const words = WORDS[reason] ?? `reason code ${reason}`;
  return reasonString === undefined
    ? words
    : `${words} (${JSON.stringify(reasonString)})`;
}
