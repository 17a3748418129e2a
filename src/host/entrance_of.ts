/**
 * From the options of a listener to its door.
 *
 * @module
 */

import { TokenBucket } from "../base/token_bucket.ts";
import type { Door } from "../broker/door.ts";
import { MountPoint } from "../broker/mount_point.ts";
import { CidrSet } from "../net/cidr.ts";
import { type Entrance, plainEntrance } from "../net/entrance.ts";
import {
  type Beginning,
  type Opening,
  OpeningLink,
} from "../net/opening_link.ts";
import { formatAddress } from "../net/peer.ts";
import type { ListenOptions } from "./listen_options.ts";

/** Where WebSocket is unless another path is given. */
const PATH = "/mqtt";

type Join = Entrance["join"];

/**
 * The door of a listener.
 *
 * @param nowMs The time of the broker.
 * @throws {RangeError} When a range of addresses is none.
 */
export async function entranceOf(
  options: ListenOptions,
  nowMs: number,
): Promise<Entrance> {
  const { any = false, http, proxies = [], tls, webSocket } = options;
  const isLookedAt = any || proxies.length > 0;
  const plain: Entrance = {
    ...plainEntrance(urlOf(options), await doorOf(options, nowMs)),
    isForOperators: http !== undefined && !any,
    security: tls === undefined ? "none" : isLookedAt ? "later" : "at once",
  };
  const isWeb = webSocket !== undefined || http !== undefined;
  const joinWeb = any || isWeb ? await webJoin(options) : undefined;
  if (!isLookedAt) return isWeb ? { ...plain, join: joinWeb! } : plain;
  const spoken = any ? undefined : isWeb ? "http" : "mqtt";
  const joins: Readonly<Record<Beginning, Join | undefined>> = {
    mqtt: plain.join,
    http: joinWeb,
    tls: undefined,
  };
  const opening: Opening = {
    hasProxy: proxies.length > 0,
    hasTls: tls !== undefined,
    only: !any && tls !== undefined ? "tls" : spoken,
    inTls: spoken,
    become: (beginning, ...ends) => joins[beginning]?.(...ends),
  };
  return {
    ...plain,
    join: (...ends) => new OpeningLink(...ends, opening),
  };
}

/** What begins as HTTP does: WebSocket, HTTP itself, or either of them. */
async function webJoin(options: ListenOptions): Promise<Join> {
  const { any = false, http, webSocket = {} } = options;
  if (http === undefined) return await webSocketJoin(options);
  const { LateLink } = await import("../net/late_link.ts");
  const joinHttp: Join = (...ends) => new LateLink(...ends, http);
  if (!any) return joinHttp;
  const { WebChoiceLink } = await import("../net/web_choice_link.ts");
  const joinWebSocket = await webSocketJoin(options);
  const { path = PATH } = webSocket;
  return (...ends) =>
    new WebChoiceLink(ends[2], {
      path,
      webSocket: () => joinWebSocket(...ends),
      http: () => joinHttp(...ends),
    });
}

/** Loaded when somebody wants it: it costs time at the start. */
async function webSocketJoin(
  { webSocket = {} }: ListenOptions,
): Promise<Join> {
  const { WebSocketLink } = await import("../net/web_socket_link.ts");
  const { path = PATH, origins = [] } = webSocket;
  return (driver, connection) =>
    new WebSocketLink(driver, connection, { path, origins });
}

async function doorOf(
  options: ListenOptions,
  nowMs: number,
): Promise<Partial<Door>> {
  const { authenticator, connectionsMax, mountPoint } = options;
  const bucket = (perSecond: number | undefined) =>
    perSecond === undefined
      ? undefined
      : new TokenBucket(perSecond, perSecond, nowMs);
  const allowed = await setOf(options.allow);
  const denied = await setOf(options.deny);
  const trusted = await setOf(options.proxies);
  return {
    ...(connectionsMax !== undefined && { connectionsMax }),
    authenticator,
    // Who decides on a door alone has no others beside.
    enhancedAuthenticators: options.enhancedAuthenticators ??
      (authenticator && []),
    mountPoint: mountPoint ? new MountPoint(mountPoint) : undefined,
    bytes: bucket(options.bytesPerSecond),
    messages: bucket(options.messagesPerSecond),
    admits: (host) =>
      (allowed === undefined || allowed.has(host)) && !denied?.has(host),
    isProxy: trusted && ((host) => trusted.has(host)),
  };
}

async function setOf(
  ranges: readonly string[] = [],
): Promise<CidrSet | undefined> {
  return ranges.length === 0 ? undefined : await CidrSet.of(ranges);
}

/** How people would write the door. */
export function urlOf(options: ListenOptions): string {
  const { any, hostname = "", http, port = 0, tls, unix, webSocket } = options;
  if (unix !== undefined) return `unix://${unix.file}`;
  const address = formatAddress(hostname, port);
  const path = webSocket?.path ?? PATH;
  if (any) return `any://${address}${path}`;
  if (http !== undefined) return `${tls ? "https" : "http"}://${address}`;
  if (webSocket === undefined) return `${tls ? "mqtts" : "mqtt"}://${address}`;
  return `${tls ? "wss" : "ws"}://${address}${path}`;
}
