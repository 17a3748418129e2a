/** What Mosquitto is told, as the text of its configuration file. */

import type { Place } from "./contenders.ts";
import { isSecure, isWebSocket } from "./doors.ts";
import { certificateOf, type Equipment } from "./equipment.ts";

/** Without these it keeps 1,000 messages for a session, and drops others. */
const ROOM_FOR_QUEUES = ["max_queued_messages 0", "max_queued_bytes 0"];

/**
 * Its defaults, but for what a broker on loopback needs. Nagle's algorithm
 * stays on: without it Mosquitto delivers a third less. Where state is to be
 * kept it is as Debian has it set up: written when it stops, and each half
 * hour, and what it has acknowledged since is nowhere but in memory.
 */
export function mosquittoConfig(
  { port, door, setting }: Place,
  equipment: Equipment,
  folder: string,
): string {
  // Mosquitto 2.0 gives up where WebSocket is all that it is to listen for.
  const other = isWebSocket(door.transport)
    ? [`listener 0 ${folder}/unused`]
    : [];
  const lines = [
    ...other,
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${!door.isGuarded}`,
    `persistence ${setting.isDurable}`,
    "log_type error",
  ];
  if (setting.isDurable) {
    lines.push(`persistence_location ${folder}/`, ...ROOM_FOR_QUEUES);
  }
  if (isWebSocket(door.transport)) lines.push("protocol websockets");
  if (isSecure(door.transport)) {
    const { certFile, keyFile, caFile } = certificateOf(equipment);
    lines.push(`certfile ${certFile}`, `keyfile ${keyFile}`);
    lines.push(`cafile ${caFile}`);
  }
  if (door.isGuarded && equipment.guard !== undefined) {
    const { passwordFile, aclFile } = equipment.guard;
    lines.push(`password_file ${passwordFile}`, `acl_file ${aclFile}`);
  }
  // Started by root it would become a user who can't read the files.
  if (Deno.uid() === 0) lines.push("user root");
  return lines.join("\n") + "\n";
}
