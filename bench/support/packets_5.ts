/**
 * Sample PUBLISH packets of MQTT 5.0, in our form and in that of
 * `mqtt-packet`: without properties, with user properties, with an alias in
 * place of the topic.
 */

import { Buffer } from "node:buffer";
import { OutgoingPublish } from "../../src/codec/outgoing_publish.ts";
import type { Properties } from "../../src/codec/properties.ts";
import { viewOf, writePublish } from "../../tests/codec/encode_publish.ts";
import { type Sample, SAMPLE_PACKETS } from "./packets.ts";

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

/** Ours forwards a message that it has. */
function sample(
  what: string,
  topicOf: (id: number) => string,
  propertiesOf: (id: number) => Properties,
): Sample {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(0x61);
  const ids = Array.from({ length: SAMPLE_PACKETS }, (_, at) => 1 + at * 1009);
  const ours = ids.map((id) => ({
    view: viewOf({
      topic: topicOf(id),
      payload,
      qos: 0,
      properties: propertiesOf(id),
    }),
    alias: propertiesOf(id).topicAlias ?? 0,
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
  const outgoing = new OutgoingPublish();
  return {
    name: `PUBLISH 5.0 QoS 0, ${PAYLOAD_BYTES} B, ${what}`,
    level: 5,
    packets,
    write: (out, at, index) => {
      const { view, alias } = ours[index]!;
      outgoing.begin(true, 0, 0, 0);
      outgoing.topicAlias = alias;
      outgoing.omitsTopic = alias > 0;
      return writePublish(outgoing, out, at, view);
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
