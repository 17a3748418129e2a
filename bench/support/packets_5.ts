/**
 * Sample PUBLISH packets of MQTT 5.0, in our form and in that of
 * `mqtt-packet`: without properties, with user properties, with an alias in
 * place of the topic.
 */

import { Buffer } from "node:buffer";
import {
  encodeProperties,
  type Properties,
} from "../../src/codec/properties.ts";
import {
  publishFirstByte,
  writePublishHead5,
} from "../../src/codec/publish.ts";
import { type Sample, SAMPLE_PACKETS, topicField } from "./packets.ts";

const PAYLOAD_BYTES = 64;
const USER_PROPERTIES = 5;

/** All at QoS 0 with 64 bytes of payload. */
export function samples5(): Sample[] {
  return [
    sample("no properties", topicOf, () => ({})),
    sample("5 user properties", topicOf, (id) => ({
      userProperties: Array.from(
        { length: USER_PROPERTIES },
        (_, at) => [`name-${at}`, `value-${id * at}`] as const,
      ),
    })),
    sample("an alias", () => "", (id) => ({ topicAlias: 1 + id % 32 })),
  ];
}

function topicOf(id: number): string {
  return `site/${id % 97}/device/${id}/sensor/${id % 7}`;
}

/** Ours forwards: topic and properties are at hand as bytes. */
function sample(
  what: string,
  topicOf: (id: number) => string,
  propertiesOf: (id: number) => Properties,
): Sample {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(0x61);
  const ids = Array.from({ length: SAMPLE_PACKETS }, (_, at) => 1 + at * 1009);
  const ours = ids.map((id) => ({
    topic: topicField(topicOf(id)),
    block: encodeProperties(propertiesOf(id)),
  }));
  const packets = ids.map((id) => ({
    cmd: "publish",
    topic: topicOf(id),
    payload: Buffer.from(payload),
    qos: 0,
    retain: false,
    dup: false,
    properties: theirs(propertiesOf(id)),
  }));
  const first = publishFirstByte(0, 0);
  return {
    name: `PUBLISH 5.0 QoS 0, ${PAYLOAD_BYTES} B, ${what}`,
    level: 5,
    packets,
    write: (out, at, index) => {
      const { topic, block } = ours[index]!;
      at = writePublishHead5(
        out,
        at,
        first,
        topic,
        0,
        topic.length,
        0,
        block.length,
        PAYLOAD_BYTES,
      );
      out.set(block, at);
      out.set(payload, at + block.length);
      return at + block.length + PAYLOAD_BYTES;
    },
  };
}

function theirs({ userProperties, topicAlias }: Properties): object {
  return {
    ...(topicAlias !== undefined && { topicAlias }),
    ...(userProperties !== undefined && {
      userProperties: Object.fromEntries(userProperties),
    }),
  };
}
