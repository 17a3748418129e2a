/**
 * A login that was good: who the client is, what it may do, for how long.
 * What is asked before is `broker/handle_connect.ts` and
 * `broker/handle_auth.ts`; what follows is `broker/open_session.ts`.
 *
 * @module
 */

import type { Authenticator, LoginAnswer } from "../auth/authenticator.ts";
import type { EnhancedAuthenticator } from "../auth/enhanced_authenticator.ts";
import type { Connect } from "../codec/connect.ts";
import { NO_PROPERTIES, type Properties } from "../codec/properties.ts";
import type { Rights } from "../topic/rights.ts";

/** Who let a client in, and on what ground. */
export interface Admission {
  /** Who. */
  readonly by: Authenticator | EnhancedAuthenticator;
  /** What it goes by: see {@linkcode LoginAnswer.proof}. */
  readonly proof: unknown;
  /** What the client may do, when that has come with the login. */
  readonly rights: Rights | undefined;
  /** When its right to be here ends; `Infinity` for never. */
  readonly untilMs: number;
}

/** `connect` with what the login has made of it. */
export function connectAs(connect: Connect, answer: LoginAnswer): Connect {
  const { userName = connect.userName, clientId = connect.clientId } = answer;
  return { ...connect, userName, clientId };
}

/** What CONNACK has to say of an answer. */
export function assigned(
  { clientId }: Connect,
  { clientId: given = "" }: LoginAnswer,
): Properties {
  // [MQTT5-3.2.2-16]
  if (clientId !== "" || given === "") return NO_PROPERTIES;
  return { assignedClientId: given };
}

/** The admission of an answer; `undefined` when it says nothing special. */
export function admissionOf(
  by: Authenticator | EnhancedAuthenticator,
  { proof, rights, validMs }: Omit<LoginAnswer, "result">,
  nowMs: number,
): Admission | undefined {
  if (proof === undefined && rights === undefined && validMs === undefined) {
    return undefined;
  }
  return { by, proof, rights, untilMs: nowMs + (validMs ?? Infinity) };
}
