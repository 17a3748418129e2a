/**
 * The flags that say who may connect and who may do what. They are in the
 * list of all flags, `cli/flags.ts`, and have a help page of their own.
 *
 * @module
 */

import type { Flag, LoginSettings } from "./settings.ts";
import { parseQuantity } from "./quantity.ts";
import { parseChoice, parseSwitch, parseText } from "./words.ts";

const CERTIFICATE_USERS = ["cn", "subject"] as const;
const TOKEN_PLACES = ["password", "username"] as const;
const METHODS = ["POST", "GET", "PUT"] as const;
const TIMES = { least: 1, most: 600_000, unit: "ms" };
const CACHE_TIMES = { least: 0, most: 86_400_000, unit: "ms" };

/** In the order of the help. */
export const LOGIN_FLAGS: readonly Flag[] = [
  file(
    "password-file",
    "passwordFile",
    "Admit the users in FILE, by password; Mosquitto's format.",
  ),
  file(
    "acl-file",
    "aclFile",
    "Who may publish and read what; Mosquitto's format, or JSON.",
  ),
  file(
    "scram-file",
    "scramFile",
    "Admit the users in FILE, by SCRAM-SHA-256 of MQTT 5.0.",
  ),
  {
    name: "cert-user",
    group: "login",
    value: "PART",
    words: CERTIFICATE_USERS,
    initial: "none",
    says: "Admit clients with a certificate; its common name (cn) or subject " +
      "is the user name.",
    set: (to, text, label) =>
      to.logins.certUser = parseChoice(text, CERTIFICATE_USERS, label),
  },
  file(
    "jwt-key",
    "jwtKey",
    "Admit clients with a token that a key in FILE has signed: a PEM public " +
      "key, a JWKS, or a secret.",
  ),
  {
    name: "jwt-from",
    group: "login",
    needs: "jwt-key",
    value: "FIELD",
    words: TOKEN_PLACES,
    initial: "password",
    says: "Where the token is: password or username.",
    set: (to, text, label) =>
      to.logins.jwtFrom = parseChoice(text, TOKEN_PLACES, label),
  },
  {
    name: "jwt-issuer",
    group: "login",
    needs: "jwt-key",
    value: "NAME",
    repeats: true,
    initial: "any",
    says: "Who may have made the token (iss); may be repeated.",
    set: (to, text) => to.logins.jwtIssuers.push(text),
  },
  {
    name: "jwt-audience",
    group: "login",
    needs: "jwt-key",
    value: "NAME",
    repeats: true,
    initial: "any",
    says: "For whom the token has to be (aud); may be repeated.",
    set: (to, text) => to.logins.jwtAudiences.push(text),
  },
  claim("jwt-user-claim", "jwtUserClaim", "sub", "that is the user name"),
  claim(
    "jwt-client-id-claim",
    "jwtClientIdClaim",
    "none",
    "that has to be the client id",
  ),
  claim(
    "jwt-rights-claim",
    "jwtRightsClaim",
    "none",
    "that says what the client may do, in place of the ACL file",
  ),
  {
    name: "jwt-without-expiry",
    group: "login",
    needs: "jwt-key",
    initial: "no",
    says: "Admit tokens that never expire, too.",
    set: (to, text, label) =>
      to.logins.jwtWithoutExpiry = parseSwitch(text, label),
  },
  {
    name: "http-login",
    group: "login",
    value: "URL",
    shown: withoutSecrets,
    initial: "none",
    says: "Ask the server at URL who may connect.",
    set: (to, text, label) => to.logins.httpUrl = parseText(text, label),
  },
  {
    name: "http-login-method",
    group: "login",
    needs: "http-login",
    value: "METHOD",
    words: METHODS,
    initial: "POST",
    says: "How to ask: POST, PUT or GET.",
    set: (to, text, label) =>
      to.logins.httpMethod = parseChoice(text, METHODS, label),
  },
  file(
    "http-login-body",
    "httpBodyFile",
    "What to ask, as JSON with %c, %u, %p, %a, %n for client id, user name, " +
      "password, address, certificate.",
    "http-login",
  ),
  file(
    "http-login-headers",
    "httpHeadersFile",
    "Headers to ask with, one a line: in a file, as they may be secret.",
    "http-login",
  ),
  file(
    "http-login-ca",
    "httpCaFile",
    "Authorities that vouch for the server, in PEM.",
    "http-login",
  ),
  time(
    "http-login-timeout-ms",
    "httpTimeoutMs",
    TIMES,
    "3s",
    "an answer of the server is waited for",
  ),
  time(
    "http-login-cache-ms",
    "httpCacheMs",
    CACHE_TIMES,
    "30s",
    "a yes of the server holds; 0 asks each time",
  ),
];

/** What stands in a URL beside the place may be a key. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//***@").replace(/[?#].*$/s, "?***");
}

type FileField = {
  [Field in keyof LoginSettings]: Field extends `${string}File` | "jwtKey"
    ? Field
    : never;
}[keyof LoginSettings];

function file(
  name: string,
  field: FileField,
  says: string,
  needs?: string,
): Flag {
  return {
    name,
    group: "login",
    ...(needs !== undefined && { needs }),
    value: "FILE",
    initial: "none",
    says,
    set: (to, text) => to.logins[field] = text,
  };
}

function claim(
  name: string,
  field: "jwtUserClaim" | "jwtClientIdClaim" | "jwtRightsClaim",
  initial: string,
  what: string,
): Flag {
  return {
    name,
    group: "login",
    needs: "jwt-key",
    value: "CLAIM",
    initial,
    says: `The claim of the token ${what}.`,
    set: (to, text, label) => to.logins[field] = parseText(text, label),
  };
}

function time(
  name: string,
  field: "httpTimeoutMs" | "httpCacheMs",
  range: { least: number; most: number; unit: string },
  initial: string,
  what: string,
): Flag {
  return {
    name,
    group: "login",
    needs: "http-login",
    value: "TIME",
    range,
    initial,
    says: `How long ${what}.`,
    set: (to, text, label) =>
      to.logins[field] = parseQuantity(text, range, label),
  };
}
