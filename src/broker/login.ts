/**
 * Logins: an authenticator is asked, at once or with an answer that comes
 * later, and its answer is carried out. Who fails too often waits for it.
 *
 * @module
 */

import type { LoginAnswer } from "../auth/authenticator.ts";
import type { Connect } from "../codec/connect.ts";
import {
  BAD_CREDENTIALS,
  BANNED,
  NOT_AUTHORIZED,
  SERVER_UNAVAILABLE,
} from "../codec/reason_code.ts";
import { admissionOf, assigned, connectAs } from "./admission.ts";
import type { Connection } from "./connection.ts";
import { refuse } from "./handle_connect.ts";
import { openSession } from "./open_session.ts";

/** A login that is not good. */
export type Refusal = Exclude<LoginAnswer["result"], "allow">;

/** Asks who the client is that sent `connect`, by user name and password. */
export function askWho(connection: Connection, connect: Connect): void {
  const { core, transport } = connection;
  const { address, certificate, door } = transport;
  const authenticator = door.authenticator ?? core.options.authenticator;
  const { clientId, userName, password } = connect;
  const request = { clientId, userName, password, address, certificate };
  askLogin<LoginAnswer>(
    connection,
    (answer) => authenticator.authenticate(request, answer),
    (answer) => {
      if (answer.result !== "allow") {
        refuseLogin(connection, answer.result, answer.detail);
        return;
      }
      connection.admission = admissionOf(authenticator, answer, core.nowMs);
      const properties = assigned(connect, answer);
      openSession(connection, connectAs(connect, answer), properties);
    },
  );
}

/**
 * Asks something on which the login depends; until the answer is here the
 * client's further packets wait. One that comes on its own is a turn.
 *
 * Who has connected before its address was banned is not asked, and does not
 * get an answer, be it good: it would be one guess for each connection.
 */
export function askLogin<T>(
  connection: Connection,
  ask: (answer: (value: T) => void) => void,
  take: (value: T) => void,
): void {
  connection.authenticating();
  if (isBanned(connection)) return refuseBanned(connection);
  const decide = (value: T) =>
    isBanned(connection) ? refuseBanned(connection) : take(value);
  let isLater = false;
  let isAnswered = false;
  ask((value) => {
    // Another word may not undo a refusal that waits to be told.
    if (isAnswered) return;
    isAnswered = true;
    // The client may have gone meanwhile.
    if (!isLater) decide(value);
    else if (connection.phase === "authenticating") {
      connection.guard(() => decide(value));
      // Unless the answer has to wait.
      if (connection.phase !== "authenticating") connection.receiveStashed();
      connection.core.endTurn();
    }
  });
  isLater = true;
  if (connection.phase === "authenticating") connection.transport.pause();
}

/** The same while the client is served. */
export function askOpen<T>(
  connection: Connection,
  ask: (answer: (value: T) => void) => void,
  take: (value: T) => void,
): void {
  let isLater = false;
  ask((value) => {
    if (!isLater) return take(value);
    connection.guard(() => take(value));
    connection.core.endTurn();
  });
  isLater = true;
}

const REFUSALS: Readonly<Record<Refusal, [number, string]>> = {
  pass: [NOT_AUTHORIZED, "nobody vouches for this client"],
  bad_credentials: [BAD_CREDENTIALS, "bad user name or password"],
  not_authorized: [NOT_AUTHORIZED, "not authorized"],
  unavailable: [SERVER_UNAVAILABLE, "the login can't be checked now"],
};

/**
 * An authenticator does not let the client in.
 *
 * @param detail What the authenticator has to say, for the log only: it may
 * help who tries to get in.
 */
export function refuseLogin(
  connection: Connection,
  refusal: Refusal,
  detail = "",
): void {
  const { core, transport } = connection;
  if (detail !== "") {
    core.log("warn", "login_refused", detail, { address: transport.address });
  }
  const delayMs = refusal === "unavailable"
    ? 0
    : core.addresses.loginFailed(transport.host, core.nowMs);
  if (delayMs === 0) return refuseNow(connection, refusal);
  connection.ownExtras.refusal = { refusal, atMs: core.nowMs + delayMs };
  connection.schedule();
}

function isBanned({ core, transport }: Connection): boolean {
  return core.addresses.isBanned(transport.host, core.nowMs);
}

function refuseBanned(connection: Connection): void {
  refuse(connection, BANNED, "too many failed logins from this address");
}

/** The client is told. */
export function refuseNow(connection: Connection, refusal: Refusal): void {
  const [reason, detail] = REFUSALS[refusal];
  refuse(connection, reason, detail);
}
