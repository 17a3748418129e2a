/**
 * The metrics of each listener. They are in the list of all metrics,
 * `metrics/table.ts`.
 *
 * @module
 */

import type { Labelled, LabelledMetric } from "./metric.ts";
import type { DoorReadings, Readings } from "./readings.ts";

/** In the order of the README. */
export const LISTENER_METRICS: readonly LabelledMetric[] = [
  {
    name: "mqtt_listener_connections",
    type: "gauge",
    unit: "",
    says: "Network connections of a listener.",
    ...perDoor((door) => door.connections),
  },
  {
    name: "mqtt_listener_connections_opened",
    type: "counter",
    unit: "",
    says: "Network connections accepted by a listener.",
    ...perDoor((door) => door.connectionsOpened),
  },
  {
    name: "mqtt_listener_received_bytes",
    type: "counter",
    unit: "bytes",
    says: "Bytes received by a listener, without those of TLS and WebSocket.",
    ...perDoor((door) => door.bytesReceived),
  },
  {
    name: "mqtt_listener_sent_bytes",
    type: "counter",
    unit: "bytes",
    says: "Bytes sent by a listener, counted likewise.",
    ...perDoor((door) => door.bytesSent),
  },
  {
    name: "mqtt_listener_publish_received",
    type: "counter",
    unit: "",
    says: "PUBLISH packets received by a listener.",
    ...perDoor((door) => door.publishReceived),
  },
  {
    name: "mqtt_listener_certificate_left_seconds",
    type: "gauge",
    unit: "seconds",
    says: "For how long the certificate of a listener is good: a day is " +
      "86,400; negative when it has expired.",
    ...perDoor(({ certificateLeftMs: leftMs }) =>
      leftMs === undefined ? undefined : leftMs / 1000
    ),
  },
];

/** The value of each listener that has one. */
function perDoor(
  read: (door: DoorReadings) => number | undefined,
): Pick<LabelledMetric, "label" | "read"> {
  return {
    label: "listener",
    read: ({ doors }: Readings): Labelled => {
      const values: Record<string, number> = {};
      for (const [url, door] of Object.entries(doors)) {
        const value = read(door);
        if (value !== undefined) values[url] = value;
      }
      return values;
    },
  };
}
