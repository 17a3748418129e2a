/**
 * CONNECT: sections 3.1 and 3.2 of MQTT 3.1.1 and 5.0, in their order: what is
 * sent is checked, then who sent it; the session is `broker/open_session.ts`.
 *
 * @module
 */

import { utf8Length } from "../base/utf8.ts";
import { encodeConnack, returnCodeOf } from "../codec/connack.ts";
import {
  type Connect,
  peekLevel,
  readConnect,
  type Will,
} from "../codec/connect.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import {
  CLIENT_ID_INVALID,
  PAYLOAD_FORMAT_INVALID,
  QOS_NOT_SUPPORTED,
  QUOTA_EXCEEDED,
  RETAIN_NOT_SUPPORTED,
  SERVER_UNAVAILABLE,
} from "../codec/reason_code.ts";
import { isUtf8 } from "../codec/text.ts";
import { checkTopicName } from "../router/topic_name.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { beginLogin } from "./handle_auth.ts";
import { askWho } from "./login.ts";
import { sendExplained } from "./send.ts";
import { PACKET_BYTES_MOST } from "./limit_table.ts";
import { dropWill, keepWill } from "./wills.ts";

/** MQTT 3.1, section "CONNECT": 1 to 23 characters. */
const CLIENT_ID_CHARACTERS_3_1 = 23;
/** Of a protocol level. */
const BRIDGE_BIT = 0x80;

/** Reads CONNECT and asks the authenticator; the rest is `openSession`. */
export function handleConnect(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { core } = connection;
  core.counters.connectsReceived++;
  const level = peekLevel(bytes, at, end) ?? 0;
  // A bridge of Mosquitto sets the highest bit at first. Once it is refused in
  // the form of its version it does without.
  connection.level = level & ~BRIDGE_BIT;
  connection.isV5 = level === 5;
  const connect = readConnect(bytes, at, end);
  const { maximumPacketSize, requestProblemInformation } = connect.properties;
  connection.tellsProblems = requestProblemInformation !== false;
  if (
    maximumPacketSize !== undefined && maximumPacketSize < PACKET_BYTES_MOST
  ) {
    connection.ownExtras.packetBytesMax = maximumPacketSize;
  }
  const fault = clientIdFault(core, connect);
  if (fault !== undefined) {
    refuse(connection, CLIENT_ID_INVALID, fault);
    return;
  }
  if (connect.will !== undefined && !takeWill(connection, connect.will)) {
    const reason = connection.isV5 ? QUOTA_EXCEEDED : SERVER_UNAVAILABLE;
    refuse(connection, reason, "the wills of all clients take too much");
    return;
  }
  if (connect.properties.authenticationMethod !== undefined) {
    beginLogin(connection, connect);
    return;
  }
  askWho(connection, connect);
}

/** What is wrong with a client id; `undefined` when nothing is. */
export function clientIdFault(
  core: Core,
  connect: Connect,
): string | undefined {
  const { limits, strictClientIdLength } = core.options;
  const { clientId, level } = connect;
  if (clientId === "" && (level === 3 || !connect.cleanSession) && level < 5) {
    // [MQTT-3.1.3-8]; 3.1 wants at least one character of all; 5.0 none.
    return "an empty client id with a session to keep";
  }
  if (clientId.includes("\0")) return "U+0000 in a client id";
  if (utf8Length(clientId) > limits.clientIdBytesMax) {
    return `a client id above the limit of ${limits.clientIdBytesMax}`;
  }
  const isStrict = level === 3 && strictClientIdLength;
  if (isStrict && clientId.length > CLIENT_ID_CHARACTERS_3_1) {
    return "a client id of more than 23 characters";
  }
  return undefined;
}

/** False when there is no room for it. */
function takeWill(connection: Connection, will: Will): boolean {
  const { core: { options }, mountPoint } = connection;
  const { features, limits, checksPayloadFormat } = options;
  if (mountPoint !== undefined && will.topic !== "") {
    will.topic = mountPoint.text + will.topic;
  }
  checkTopicName(will.topic, limits);
  if (will.qos > features.maximumQos) {
    // [MQTT5-3.2.2-12]
    throw new ProtocolError(QOS_NOT_SUPPORTED, "will: a QoS above the maximum");
  }
  if (will.retain && !features.retain) {
    // [MQTT5-3.2.2-13]
    throw new ProtocolError(
      RETAIN_NOT_SUPPORTED,
      "will: RETAIN is switched off",
    );
  }
  const { payload, properties } = will;
  const isText = properties.payloadFormat === 1;
  if (checksPayloadFormat && isText && !isUtf8(payload, 0, payload.length)) {
    throw new ProtocolError(
      PAYLOAD_FORMAT_INVALID,
      "will: a payload that is not the UTF-8 it says it is",
    );
  }
  return keepWill(connection, will);
}

/**
 * Refuses a CONNECT: CONNACK says why, and the connection ends.
 *
 * @param more What goes into CONNACK beside the reason string.
 */
export function refuse(
  connection: Connection,
  reason: number,
  detail: string,
  more: Properties = NO_PROPERTIES,
): void {
  const { core } = connection;
  core.counters.loginsRefused++;
  core.log("warn", "connection_refused", detail, {
    address: connection.transport.address,
    return_code: connection.level >= 5 ? reason : returnCodeOf(reason),
  });
  const connack = { sessionPresent: false, reason };
  sendExplained(connection, detail, (explained) => {
    const properties = { ...more, ...explained };
    return encodeConnack({ ...connack, properties }, connection.level);
  });
  dropWill(connection);
  connection.close("login_refused", detail); // [MQTT-3.2.2-5] (5.0: 3.2.2-7)
}
