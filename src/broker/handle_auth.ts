/**
 * Logins of several steps, and logging in again: AUTH, MQTT 5.0 sections 3.15
 * and 4.12. What the steps mean is the matter of an
 * {@linkcode EnhancedAuthenticator}.
 *
 * @module
 */

import type {
  AuthExchange,
  AuthStep,
  EnhancedAuthenticator,
} from "../auth/enhanced_authenticator.ts";
import { encodeAuth, readAuth } from "../codec/auth.ts";
import type { Connect } from "../codec/connect.ts";
import type { Properties } from "../codec/properties.ts";
import { ProtocolError } from "../codec/protocol_error.ts";
import {
  BAD_AUTHENTICATION_METHOD,
  CONTINUE_AUTHENTICATION,
  NOT_AUTHORIZED,
  PROTOCOL_ERROR,
  RE_AUTHENTICATE,
  SUCCESS,
} from "../codec/reason_code.ts";
import type { Connection } from "./connection.ts";
import { admissionOf } from "./admission.ts";
import { refuse } from "./handle_connect.ts";
import { askLogin, askOpen, refuseLogin } from "./login.ts";
import { openSession } from "./open_session.ts";
import { sendBytes } from "./send.ts";

/** A login of several steps. */
export interface Login {
  /** What the client has asked for. */
  readonly connect: Connect;
  /** The method, as in CONNECT. */
  readonly method: string;
  /** The steps; `undefined` while none is under way. */
  exchange: AuthExchange | undefined;
  /** Whether the client's last data is being looked at. */
  isAsked: boolean;
}

/** CONNECT has an Authentication Method. */
export function beginLogin(connection: Connection, connect: Connect): void {
  const { authenticationMethod: method, authenticationData: data } =
    connect.properties;
  const exchange = beginExchange(connection, connect, method!);
  if (exchange === undefined) {
    const detail = "an authentication method that is not known here";
    refuse(connection, BAD_AUTHENTICATION_METHOD, detail); // 4.12
    return;
  }
  const login = { connect, method: method!, exchange, isAsked: false };
  connection.ownExtras.login = login;
  takeData(connection, login, data);
}

/** AUTH from the client, in a login or to log in again. */
export function handleAuth(
  connection: Connection,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { reason, properties } = readAuth(bytes, at, end);
  const { login } = connection.extras;
  if (login === undefined) {
    // [MQTT5-4.12.0-6]
    fault("AUTH without an authentication method in CONNECT");
  }
  if (properties.authenticationMethod !== login.method) {
    fault("another authentication method than in CONNECT"); // [MQTT5-4.12.0-5]
  }
  if (login.isAsked) fault("AUTH while the last one is looked at");
  if (reason === RE_AUTHENTICATE) {
    if (connection.phase !== "open" || login.exchange !== undefined) {
      fault("AUTH that begins a login in a login");
    }
    const { connect, method } = login;
    login.exchange = beginExchange(connection, connect, method);
  } else if (reason !== CONTINUE_AUTHENTICATION || !login.exchange) {
    fault("AUTH that continues no login");
  }
  takeData(connection, login, properties.authenticationData);
}

function fault(detail: string): never {
  throw new ProtocolError(PROTOCOL_ERROR, detail);
}

function authenticatorOf(
  { core, transport }: Connection,
  method: string,
): EnhancedAuthenticator | undefined {
  const { enhancedAuthenticators } = transport.door;
  return (enhancedAuthenticators ?? core.options.enhancedAuthenticators)
    .find((one) => one.method === method);
}

function beginExchange(
  connection: Connection,
  { clientId }: Connect,
  method: string,
): AuthExchange | undefined {
  const { address } = connection.transport;
  return authenticatorOf(connection, method)?.begin({ clientId, address });
}

function takeData(
  connection: Connection,
  login: Login,
  data: Uint8Array | undefined,
): void {
  login.isAsked = true;
  const isLogin = connection.phase !== "open";
  const take = (step: AuthStep) => {
    login.isAsked = false;
    if (connection.phase === "closed") return;
    if (isLogin) goOn(connection, login, step);
    else goOnAgain(connection, login, step);
  };
  const exchange = login.exchange!;
  const ask = isLogin ? askLogin : askOpen;
  ask<AuthStep>(connection, (answer) => exchange.next(data, answer), take);
}

/** A step of the first login. */
function goOn(connection: Connection, login: Login, step: AuthStep): void {
  if (step.result === "continue") {
    sendAuth(connection, login, CONTINUE_AUTHENTICATION, step.data);
    connection.challenged();
    return;
  }
  login.exchange = undefined;
  if (step.result !== "allow") {
    refuseLogin(connection, step.result);
    return;
  }
  const by = authenticatorOf(connection, login.method)!;
  connection.admission = admissionOf(by, step, connection.core.nowMs);
  const properties = propertiesOf(login, step.data);
  // What CONNECT says of a user name nobody has proved.
  const connect = { ...login.connect, userName: step.userName };
  openSession(connection, connect, properties);
}

/** A step of a later one: MQTT 5.0 section 4.12.1. */
function goOnAgain(
  connection: Connection,
  login: Login,
  step: AuthStep,
): void {
  if (step.result === "continue") {
    sendAuth(connection, login, CONTINUE_AUTHENTICATION, step.data);
    return;
  }
  login.exchange = undefined;
  const { core, transport } = connection;
  // 5.0 section 4.12.1: whoever it is, it is not somebody else now.
  const { userName } = connection.session!;
  const isSame = step.result === "allow" &&
    (step.userName ?? userName) === userName;
  if (isSame) {
    const by = authenticatorOf(connection, login.method)!;
    connection.admission = admissionOf(by, step, core.nowMs);
    sendAuth(connection, login, SUCCESS, step.data);
  } else {
    core.counters.loginsRefused++;
    core.addresses.loginFailed(transport.host, core.nowMs);
    const detail = "the client could not prove again who it is";
    connection.close("login_refused", detail, NOT_AUTHORIZED);
  }
}

function sendAuth(
  connection: Connection,
  login: Login,
  reason: number,
  data: Uint8Array | undefined,
): void {
  const properties = propertiesOf(login, data);
  sendBytes(connection, encodeAuth({ reason, properties }));
}

function propertiesOf(
  { method }: Login,
  data: Uint8Array | undefined,
): Properties {
  const named = { authenticationMethod: method };
  return data === undefined ? named : { ...named, authenticationData: data };
}
