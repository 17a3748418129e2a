/**
 * How the clients of a run speak: the protocol level, and what properties
 * their messages have. A scenario is measured in several of them in turn, so
 * that their rows can be set against each other. Only names and numbers.
 *
 * @module
 */

import type { ProtocolLevel } from "../codec/connect.ts";
import type { Properties } from "../codec/properties.ts";

/** A way to speak. */
export interface Dialect {
  /** Stands behind a contender's name: `deno@5+alias`. */
  readonly name: string;
  /** The protocol level: 3.1.1 is 4. */
  readonly level: ProtocolLevel;
  /** Of every message; at level 4 there are none. */
  readonly properties: Properties;
}

const USER_PROPERTIES = 5;

/** MQTT 3.1.1. */
export const MQTT_4: Dialect = { name: "4", level: 4, properties: {} };

/** MQTT 5.0. */
export const MQTT_5: Dialect = { name: "5", level: 5, properties: {} };

/** Each takes 20 bytes of a message, so all five 100. */
export const WITH_USER_PROPERTIES: Dialect = {
  name: "5+props",
  level: 5,
  properties: {
    userProperties: Array.from(
      { length: USER_PROPERTIES },
      (_, index) => [`name${index}`, "some-value"] as const,
    ),
  },
};

/** Only a publisher's first message names the topic that it stands for. */
export const WITH_TOPIC_ALIAS: Dialect = {
  name: "5+alias",
  level: 5,
  properties: { topicAlias: 1 },
};
