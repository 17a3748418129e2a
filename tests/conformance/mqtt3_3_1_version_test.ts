/**
 * MQTT 3.1.1, sections 3.1.2.1 and 3.1.2.2: the name and the level of the
 * protocol in a CONNECT.
 */

import { connect } from "../support/wire.ts";
import { dial, expectNoEntry, expectRefusal, statement } from "./talk.ts";

statement(
  "[MQTT-3.1.2-1] an unknown protocol name is not served",
  (broker) => {
    const names = ["", "M", "MQT", "mqtt", "MQTt", "MQTTT", "MQIsdq", "HTTP"];
    for (const protocolName of names) {
      expectNoEntry(broker, connect({ protocolName }), protocolName);
    }
    dial(broker, { protocolName: "MQTT" });
  },
);

statement(
  "[MQTT-3.1.2-2] an unsupported level is answered by return code 1",
  (broker) => {
    // Levels above 5 are answered in the form of 5.0: mqtt5_3_1_connect.
    for (const level of [0, 1, 2]) {
      expectRefusal(broker, connect({ level, protocolName: "MQTT" }), 1);
    }
    for (const level of [0, 2]) {
      expectRefusal(broker, connect({ level, protocolName: "MQIsdp" }), 1);
    }
    dial(broker, { level: 4 });
  },
);

statement(
  "[MQTT-3.1.2-2] neither is the level of another name supported",
  (broker) => {
    expectRefusal(broker, connect({ level: 3, protocolName: "MQTT" }), 1);
    expectRefusal(broker, connect({ level: 4, protocolName: "MQIsdp" }), 1);
  },
);

statement(
  "[MQTT-3.1.2-2] a bridge of Mosquitto is told to do without its bit",
  (broker) => {
    // It tries a level with the highest bit first, and goes on without it
    // after return code 1 and nothing else.
    expectRefusal(broker, connect({ level: 0x84, protocolName: "MQTT" }), 1);
    expectRefusal(broker, connect({ level: 0x83, protocolName: "MQIsdp" }), 1);
  },
);
