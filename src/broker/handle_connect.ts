/**
 * CONNECT: MQTT 3.1.1 sections 3.1 and 3.2, in their order: what is sent is
 * checked, then who sent it, then the session is found or made.
 *
 * @module
 */

import type { LoginAnswer } from "../auth/authenticator.ts";
import { returnCodeOf } from "../codec/connack.ts";
import { type Connect, readConnect } from "../codec/connect.ts";
import { makeMessage } from "../codec/message.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import {
  BAD_CREDENTIALS,
  CLIENT_ID_INVALID,
  NOT_AUTHORIZED,
  SERVER_UNAVAILABLE,
  TOPIC_NAME_INVALID,
  UNSUPPORTED_PROTOCOL_VERSION,
} from "../codec/reason_code.ts";
import { Session } from "../session/session.ts";
import { topicNameFault, utf8Length } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import type { ClientSession, Core } from "./core.ts";
import { pump, retransmit } from "./pump.ts";
import { sendConnack } from "./send.ts";

/** MQTT 3.1, section "CONNECT": 1 to 23 characters. */
const CLIENT_ID_CHARACTERS_3_1 = 23;

/** Reads CONNECT and asks the authenticator; the rest is `answerLogin`. */
export function handleConnect(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { core } = connection;
  const connect = readConnect(bytes, at, end);
  if (connect.level !== 3 && connect.level !== 4) {
    // [MQTT-3.1.2-2]
    refuse(
      connection,
      UNSUPPORTED_PROTOCOL_VERSION,
      `protocol level ${connect.level} is not spoken here`,
    );
    return;
  }
  const fault = clientIdFault(core, connect);
  if (fault !== undefined) {
    refuse(connection, CLIENT_ID_INVALID, fault);
    return;
  }
  takeWill(connection, connect);
  connection.authenticating();
  let isLater = false;
  core.options.authenticator.authenticate(
    {
      clientId: connect.clientId,
      userName: connect.userName,
      password: connect.password,
      address: connection.transport.address,
    },
    (answer) => {
      if (!isLater) {
        answerLogin(connection, connect, answer);
        return;
      }
      // The answer comes on its own: it is a turn.
      connection.guard(() => answerLogin(connection, connect, answer));
      connection.receiveStashed();
      core.endTurn();
    },
  );
  isLater = true;
  if (connection.phase === "authenticating") connection.transport.pause();
}

function clientIdFault(core: Core, connect: Connect): string | undefined {
  const { limits, strictClientIdLength } = core.options;
  const { clientId, level } = connect;
  if (clientId === "" && (level === 3 || !connect.cleanSession)) {
    // [MQTT-3.1.3-8]; 3.1 wants at least one character of all.
    return "an empty client id with a session to keep";
  }
  if (utf8Length(clientId) > limits.clientIdBytesMax) {
    return `a client id above the limit of ${limits.clientIdBytesMax}`;
  }
  const isStrict = level === 3 && strictClientIdLength;
  if (isStrict && clientId.length > CLIENT_ID_CHARACTERS_3_1) {
    return "a client id of more than 23 characters";
  }
  return undefined;
}

function takeWill(connection: Connection, connect: Connect): void {
  const { will } = connect;
  if (will === undefined) return;
  const fault = topicNameFault(will.topic, connection.core.options.limits);
  if (fault !== undefined) {
    throw new ProtocolError(TOPIC_NAME_INVALID, `will: ${fault}`);
  }
  connection.will = makeMessage(will.topic, will.payload, will.qos);
  connection.willRetain = will.retain;
}

function refuse(
  connection: Connection,
  reason: number,
  detail: string,
): void {
  const { core } = connection;
  core.counters.loginsRefused++;
  core.log("warn", "connection_refused", detail, {
    address: connection.transport.address,
    return_code: returnCodeOf(reason),
  });
  sendConnack(connection, false, returnCodeOf(reason));
  connection.will = undefined;
  connection.close(detail); // [MQTT-3.2.2-5]
}

const REFUSALS: Readonly<
  Record<Exclude<LoginAnswer["result"], "allow">, [number, string]>
> = {
  bad_credentials: [BAD_CREDENTIALS, "bad user name or password"],
  not_authorized: [NOT_AUTHORIZED, "not authorized"],
  unavailable: [SERVER_UNAVAILABLE, "the login can't be checked now"],
};

function answerLogin(
  connection: Connection,
  connect: Connect,
  { result }: LoginAnswer,
): void {
  // The client may have gone while its password was checked.
  if (connection.phase !== "authenticating") return;
  if (result !== "allow") {
    const [reason, detail] = REFUSALS[result];
    refuse(connection, reason, detail);
    return;
  }
  const { core } = connection;
  const clientId = connect.clientId === ""
    ? core.options.newClientId() // [MQTT-3.1.3-6]
    : connect.clientId;
  takeOver(core, clientId);
  const kept = core.sessions.get(clientId);
  if (
    kept === undefined &&
    core.sessions.size >= core.options.limits.sessionsMax
  ) {
    refuse(connection, SERVER_UNAVAILABLE, "too many sessions");
    return;
  }
  const resumes = kept !== undefined && !connect.cleanSession;
  if (kept !== undefined && !resumes) core.endSession(kept); // [MQTT-3.1.2-6]
  const session = resumes ? kept : beginSession(core, clientId, connect);
  session.connection = connection;
  connection.opened(session, connect);
  // 3.1 has no such flag. [MQTT-3.2.2-2], [MQTT-3.2.2-3]
  sendConnack(connection, resumes && connect.level > 3, 0);
  announce(connection, session);
  if (!resumes) return;
  retransmit(connection);
  pump(core, connection);
}

/** [MQTT-3.1.4-2]: the client that has this id now is disconnected. */
function takeOver(core: Core, clientId: string): void {
  const connection = core.sessions.get(clientId)?.connection;
  if (connection === undefined || connection === null) return;
  core.counters.takeOvers++;
  connection.close("another connection took over this client id");
}

function beginSession(
  core: Core,
  clientId: string,
  connect: Connect,
): ClientSession {
  const session: ClientSession = new Session(
    clientId,
    !connect.cleanSession,
    core.totals,
  );
  core.sessions.set(clientId, session);
  if (session.persistent) core.journal?.sessionBegan(clientId);
  return session;
}

function announce(connection: Connection, session: ClientSession): void {
  const { core } = connection;
  core.log("info", "client_connected", "connected", {
    client_id: session.clientId,
    address: connection.transport.address,
    protocol: connection.level === 3 ? "3.1" : "3.1.1",
    clean_session: !session.persistent,
  });
  core.options.hooks.onConnect?.({
    clientId: session.clientId,
    userName: connection.userName,
    address: connection.transport.address,
  });
}
