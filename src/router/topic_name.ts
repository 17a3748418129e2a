/**
 * Topic names that peers send. What is none breaks the protocol; what is one,
 * and above a limit of this broker, has a reason code of its own.
 *
 * @module
 */

import { ProtocolError } from "../codec/protocol_error.ts";
import { PROTOCOL_ERROR, TOPIC_NAME_INVALID } from "../codec/reason_code.ts";
import { type TopicLimits, topicNameFault } from "../topic/topic.ts";

const NO_LIMITS: TopicLimits = {
  topicBytesMax: Infinity,
  topicLevelsMax: Infinity,
};

/**
 * Checks a topic name.
 *
 * @throws {ProtocolError} When it is malformed or above a limit.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkTopicName } from "./topic_name.ts";
 *
 * const limits = { topicBytesMax: 100, topicLevelsMax: 8 };
 * checkTopicName("room/1", limits);
 * assertThrows(() => checkTopicName("room/+", limits));
 * ```
 */
export function checkTopicName(topic: string, limits: TopicLimits): void {
  const fault = topicNameFault(topic, limits);
  if (fault === undefined) return;
  const isName = topicNameFault(topic, NO_LIMITS) === undefined;
  // 5.0 table 2-6: 0x90 is for those that are "correctly formed".
  throw new ProtocolError(isName ? TOPIC_NAME_INVALID : PROTOCOL_ERROR, fault);
}
