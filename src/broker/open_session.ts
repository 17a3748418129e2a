/**
 * The client is who it says it is: its session is found or made, and CONNACK
 * says what holds (sections 3.1.4 and 3.2 of MQTT 3.1.1 and 5.0).
 *
 * @module
 */

import { encodeConnack } from "../codec/connack.ts";
import type { Connect } from "../codec/connect.ts";
import type { Properties } from "../codec/properties.ts";
import {
  BANNED,
  CLIENT_ID_INVALID,
  CONNECTION_RATE_EXCEEDED,
  NOT_AUTHORIZED,
  PACKET_TOO_LARGE,
  QUOTA_EXCEEDED,
  SERVER_UNAVAILABLE,
  SESSION_TAKEN_OVER,
  SUCCESS,
  USE_ANOTHER_SERVER,
} from "../codec/reason_code.ts";
import {
  allowsPublish,
  dropUnreadable,
  rightsOf,
  setRights,
} from "./access.ts";
import { countClient } from "./arrival.ts";
import { clientInfo } from "./client_info.ts";
import type { Rights } from "../topic/rights.ts";
import { isBridgeState } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { clientIdFault, refuse } from "./handle_connect.ts";
import { pump, retransmit } from "./pump.ts";
import { sendBytes } from "./send.ts";
import { beginSession, endSession, setExpiry } from "./sessions.ts";
import { isStoreBroken, storeTrouble } from "./store_trouble.ts";
import { announced, expiryMsOf, type Terms, termsOf } from "./terms.ts";

/**
 * Opens the session that `connect` asks for.
 *
 * @param properties What the login adds to CONNACK.
 */
export function openSession(
  connection: Connection,
  connect: Connect,
  properties: Properties,
): void {
  const { core } = connection;
  const clientId = connect.clientId === ""
    ? unusedClientId(core)
    : connect.clientId;
  const terms = termsOf(core, connect);
  const more = announced(core, connect, clientId, terms);
  const connack = {
    sessionPresent: false,
    reason: SUCCESS,
    properties: { ...properties, ...more },
  };
  const { userName } = connect;
  const ownRights = connection.admission?.rights;
  const rights = ownRights ?? rightsOf(core, { clientId, userName });
  const connackBytes = encodeConnack(connack, connect.level).length;
  const obstacle = faultOf(connection, connect, connackBytes) ??
    obstacleTo(connection, clientId, rights, terms) ??
    quotaOf(connection, clientId, userName, terms);
  if (obstacle !== undefined) {
    refuse(connection, obstacle.reason, obstacle.detail);
    return;
  }
  takeOver(core, clientId);
  const kept = core.sessions.get(clientId);
  const { limits } = core.options;
  if (kept === undefined && core.sessions.size >= limits.sessionsMax) {
    refuseFull(connection);
    return;
  }
  const expiryMs = expiryMsOf(terms.expirySeconds);
  // What another user has left behind is not for whoever has the same id.
  const isOwn = nameOf(kept) === nameOf(connect);
  const resumes = kept !== undefined && isOwn && !connect.cleanSession;
  if (resumes) {
    core.away.get(kept)?.comeBack();
    setExpiry(core, kept, expiryMs);
  } else if (kept !== undefined) endSession(core, kept); // [MQTT-3.1.2-6]
  const session = resumes
    ? kept
    : beginSession(core, clientId, userName, expiryMs);
  session.hasOwnRights = ownRights !== undefined;
  setRights(core, session, rights);
  take(connection, session);
  connection.opened(session, terms);
  countClient(connection, 1);
  // 3.1 has no such flag. [MQTT-3.2.2-2], [MQTT-3.2.2-3]
  connack.sessionPresent = resumes && connect.level > 3;
  sendBytes(connection, encodeConnack(connack, connect.level));
  announce(connection, session);
  if (!resumes) return;
  dropUnreadable(core, session);
  retransmit(core, connection);
  pump(core, connection);
}

/** From now on it is the session of this client. */
function take(connection: Connection, session: ClientSession): void {
  const { clientId, hasOwnRights, isStored, userName } = session;
  const { core, will } = connection;
  session.connection = connection;
  if (isStored) {
    core.journal?.sessionTaken(clientId, userName, hasOwnRights, will);
  } else if (core.endings.has(clientId)) core.waitForStore();
}

/** Why a client is not let in although its login is good. */
interface Obstacle {
  readonly reason: number;
  readonly detail: string;
}

/** What can't be: a client id that the login has given, a CONNACK. */
function faultOf(
  { core, extras }: Connection,
  connect: Connect,
  connackBytes: number,
): Obstacle | undefined {
  const fault = clientIdFault(core, connect);
  if (fault !== undefined) return { reason: CLIENT_ID_INVALID, detail: fault };
  if (connackBytes <= extras.packetBytesMax) return undefined;
  // [MQTT5-3.1.2-24]
  const detail = "a CONNACK larger than the client takes";
  return { reason: PACKET_TOO_LARGE, detail };
}

/** What must not be. */
function obstacleTo(
  { core, isV5, will }: Connection,
  clientId: string,
  rights: Rights,
  { expirySeconds }: Terms,
): Obstacle | undefined {
  // A bridge is let in without a right to say that it is gone.
  const isWanted = will !== undefined && !isBridgeState(will.topic);
  if (isWanted && !allowsPublish(rights, will.topic)) {
    const detail = "no right to publish the will";
    return { reason: NOT_AUTHORIZED, detail };
  }
  if (core.bans.has(clientId, core.nowMs)) {
    return { reason: BANNED, detail: "an operator keeps this client out" };
  }
  const trouble = expirySeconds > 0 ? storeTrouble(core) : undefined;
  if (trouble !== undefined) {
    const isBroken = isStoreBroken(core);
    // Who has a session may come for what waits there: that makes room.
    if (isBroken || !core.sessions.get(clientId)?.persistent) {
      core.counters.storeRefused++;
      const reason = isBroken || !isV5 ? SERVER_UNAVAILABLE : QUOTA_EXCEEDED;
      return { reason, detail: trouble };
    }
  }
  const { reconnectsMax } = core.options.limits;
  if (core.reconnects.lately(clientId, core.nowMs) > reconnectsMax) {
    const detail = "this client id comes and goes too often";
    return { reason: CONNECTION_RATE_EXCEEDED, detail };
  }
  return undefined;
}

/** Whether the user has as many sessions to be kept as there may be. */
function quotaOf(
  { core }: Connection,
  clientId: string,
  userName: string | undefined,
  { expirySeconds }: Terms,
): Obstacle | undefined {
  if (expirySeconds === 0) return undefined;
  const { options: { limits }, sessions, userSessions } = core;
  if (userSessions.of(userName) < limits.sessionsPerUserMax) return undefined;
  const kept = sessions.get(clientId);
  // It goes on, or another one takes its place.
  const isOwn = kept?.persistent && nameOf(kept) === nameOf({ userName });
  if (isOwn) return undefined;
  const detail = "too many sessions of this user";
  return { reason: QUOTA_EXCEEDED, detail };
}

/** An empty user name is none, as in `auth/access_rules.ts`. */
function nameOf(who?: { readonly userName: string | undefined }): string {
  return who?.userName ?? "";
}

/** [MQTT-3.1.3-6], [MQTT5-3.2.2-16]: one that nobody has. */
function unusedClientId(core: Core): string {
  for (;;) {
    const clientId = core.options.newClientId();
    if (!core.sessions.has(clientId)) return clientId;
  }
}

/** [MQTT-3.1.4-2]: the client that has this id now is disconnected. */
function takeOver(core: Core, clientId: string): void {
  const connection = core.sessions.get(clientId)?.connection;
  if (connection === undefined || connection === null) return;
  core.counters.takeOvers++;
  const detail = "another connection took over this client id";
  // [MQTT5-3.1.4-3]
  connection.close("taken_over", detail, SESSION_TAKEN_OVER);
}

function refuseFull(connection: Connection): void {
  const { serverReference } = connection.core.options;
  const detail = "too many sessions";
  if (!connection.isV5) refuse(connection, SERVER_UNAVAILABLE, detail);
  else if (serverReference === "") refuse(connection, QUOTA_EXCEEDED, detail);
  else refuse(connection, USE_ANOTHER_SERVER, detail, { serverReference });
}

const VERSIONS: Readonly<Record<number, string>> = {
  3: "3.1",
  4: "3.1.1",
  5: "5.0",
};

function announce(connection: Connection, session: ClientSession): void {
  const { core } = connection;
  core.log("info", "client_connected", "connected", {
    client_id: session.clientId,
    address: connection.transport.address,
    protocol: VERSIONS[connection.level],
    clean_session: !session.persistent,
  });
  core.options.hooks.onConnect?.(clientInfo(connection));
}
