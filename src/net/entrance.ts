/**
 * The edge's side of a door: how the bytes of its peers become MQTT.
 *
 * @module
 */

import type { Connection } from "../broker/connection.ts";
import { type Door, plainDoor } from "../broker/door.ts";
import type { Driver } from "./driver.ts";
import { type Link, PlainLink } from "./link.ts";
import type { Socket } from "./socket.ts";

/** A door, and what is behind it. */
export interface Entrance extends Door {
  /** When TLS begins: with the connection, when `Socket.secure` says, never. */
  readonly security: "at once" | "later" | "none";
  /** Joins a socket and its connection. */
  join(driver: Driver, connection: Connection, socket: Socket): Link;
}

/** The edge's part of a door of plain MQTT. */
export function plainEntrance(
  name: string,
  given: Partial<Door> = {},
): Entrance {
  return {
    ...plainDoor(name, given),
    security: "none",
    join: (driver, connection) => new PlainLink(driver, connection),
  };
}
