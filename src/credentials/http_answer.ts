/**
 * What a login server's answer means. A status in the two hundreds lets the
 * client in, 401 and 403 don't, and anything else is no answer: who does not
 * say yes in these words has not said yes.
 *
 * ```json
 * {
 *   "result": "allow",
 *   "username": "ada",
 *   "client_id": "phone",
 *   "valid_seconds": 3600,
 *   "rights": { "publish": ["sensors/%c/#"], "subscribe": ["rooms/#"] }
 * }
 * ```
 *
 * @module
 */

import { isClientName } from "./client_name.ts";
import { type GrantedRule, readGrantedRules } from "./granted_rules.ts";
import type { HttpReply } from "./http_send.ts";
import { isJsonObject, type JsonObject, member } from "./strict_json.ts";
import { readStrictJson } from "./strict_json.ts";

/** A server's decision. */
export type HttpAnswer =
  | HttpAllowance
  | { readonly result: "pass" | "bad_credentials" | "not_authorized" }
  | {
    /** None. */
    readonly result: "fault";
    /** Why, as the rest of a sentence about the server. */
    readonly why: string;
  };

/** The client may come in. */
export interface HttpAllowance {
  /** It may. */
  readonly result: "allow";
  /** Who it is, when that is not the name it gave. */
  readonly userName: string | undefined;
  /** Its client identifier, when that is not the one it gave. */
  readonly clientId: string | undefined;
  /** For how long. Unit: ms. */
  readonly validMs: number | undefined;
  /** What it may do, when the server says so. */
  readonly rules: readonly GrantedRule[] | undefined;
}

/** The words of `result`, and what they are to us. */
const RESULTS: Readonly<
  Record<string, "allow" | "pass" | "not_authorized">
> = { allow: "allow", ignore: "pass", deny: "not_authorized" };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads an answer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHttpAnswer } from "./http_answer.ts";
 *
 * const body = new Uint8Array(0);
 * const reply = { status: 403, contentType: "text/html", body };
 * assertEquals(readHttpAnswer(reply), { result: "not_authorized" });
 * ```
 */
export function readHttpAnswer(reply: HttpReply): HttpAnswer {
  const { status, contentType, body } = reply;
  if (status === 401) return { result: "bad_credentials" };
  if (status === 403) return { result: "not_authorized" };
  if (status < 200 || status > 299) {
    return fault(`answers with the status ${status}`);
  }
  if (body.length === 0) {
    return {
      result: "allow",
      userName: undefined,
      clientId: undefined,
      validMs: undefined,
      rules: undefined,
    };
  }
  // A page of a proxy or of a portal has the status 200 too.
  if (!JSON_TYPE.test(contentType)) {
    return fault("answers with a body that is not application/json");
  }
  const answer = readStrictJson(body);
  if (!isJsonObject(answer)) return fault("answers with unsound JSON");
  return decisionIn(answer);
}

function decisionIn(answer: JsonObject): HttpAnswer {
  const word = member(answer, "result");
  const result = typeof word === "string" ? member(RESULTS, word) : undefined;
  if (result === undefined) {
    return fault('answers without "result": allow, deny or ignore');
  }
  if (result !== "allow") {
    return { result: result as "pass" | "not_authorized" };
  }
  const names = ["username", "client_id"].map((key) => member(answer, key));
  if (!names.every((name) => isNothing(name) || isClientName(name))) {
    return fault("answers with a name that can't be one");
  }
  const [userName, clientId] = names.map((name) =>
    isNothing(name) ? undefined : name as string
  );
  const seconds = member(answer, "valid_seconds");
  if (!isNothing(seconds) && !isDuration(seconds)) {
    return fault('answers with a "valid_seconds" that is no duration');
  }
  const validMs = isNothing(seconds) ? undefined : seconds as number * 1000;
  const rights = member(answer, "rights");
  if (isNothing(rights)) {
    return { result: "allow", userName, clientId, validMs, rules: undefined };
  }
  const granted = readGrantedRules(rights);
  if (granted.rules === undefined) {
    return fault(`answers with "rights" that ${granted.fault}`);
  }
  const { rules } = granted;
  return { result: "allow", userName, clientId, validMs, rules };
}

/** Many a server writes what it has not got as `null`. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value > 0 && Number.isFinite(value);
}

function fault(why: string): HttpAnswer {
  return { result: "fault", why };
}
