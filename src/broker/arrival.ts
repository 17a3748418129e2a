/**
 * Who may come in by a door, before anything is known but the address.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import type { Door } from "./door.ts";
import type { Transport } from "./transport.ts";

/** Why a new connection is not let in; `undefined` when it is. */
export function obstacleTo(
  core: Core,
  { door, host }: Transport,
): string | undefined {
  const { limits } = core.options;
  const isFull = core.connections.size >= limits.connectionsMax;
  if (isFull && !door.isForOperators) return "too many connections";
  if (door.connections >= door.connectionsMax) {
    return "too many connections of this listener";
  }
  if (door.isProxy === undefined) return obstacleToHost(core, door, host);
  return door.isProxy(host) ? undefined : "this is no proxy that is trusted";
}

/** A connection is there: it counts for its door, and for its host. */
export function arrive(connection: Connection): void {
  const { core, transport: { door, host } } = connection;
  door.connections++;
  door.connectionsOpened++;
  if (door.isProxy === undefined) connection.host = core.addresses.enter(host);
}

/** Its client is logged in (1), or is no more (−1). */
export function countClient(
  { host, session }: Connection,
  change: 1 | -1,
): void {
  if (host !== undefined && session!.userName !== undefined) {
    host.clients += change;
  }
}

/** It is there no more. */
export function depart(connection: Connection): void {
  const { core, host, transport } = connection;
  core.deadlines.remove(connection);
  core.connections.delete(connection);
  core.retainedTurns.forget(connection);
  core.longTurns.forget(connection);
  connection.extras.dropStash();
  // Nobody takes what is queued for a socket that has ended.
  if (connection.extras.goneBecause !== undefined) connection.queue.clear();
  transport.door.connections--;
  if (host !== undefined) core.addresses.leave(host);
}

/** A proxy has told who its client is. */
export function introduced(connection: Connection): void {
  const { core, phase, transport } = connection;
  if (phase === "closed") return; // too late, and nothing counts it out again
  const { door, host } = transport;
  const obstacle = obstacleToHost(core, door, host);
  if (obstacle === undefined) {
    connection.host = core.addresses.enter(host);
    return;
  }
  core.counters.connectionsRefused++;
  core.log("warn", "connection_refused", obstacle, {
    address: transport.address,
    listener: door.name,
  });
  connection.close("not_admitted", obstacle);
}

function obstacleToHost(
  core: Core,
  door: Door,
  host: string,
): string | undefined {
  if (!door.admits(host)) return "this address is not let in here";
  if (door.isForOperators) return undefined;
  const ban = core.addresses.banOf(host, core.nowMs);
  return ban === undefined ? undefined : `${ban} from this address`;
}
