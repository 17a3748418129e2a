/**
 * Lets in who brings a JSON Web Token, as the password or as the user name.
 * What is no token at all is left to others, such as a password file.
 *
 * A token that nobody we trust has made is like a wrong password
 * (`bad_credentials`: return code 4, 0x86 "does not accept the User Name or
 * Password"). One that is genuine, but has expired or is for somebody else,
 * says who the client is, and that it must not come in here and now
 * (`not_authorized`: return code 5, 0x87 "is not authorized to connect").
 *
 * @module
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../auth/authenticator.ts";
import type { Rights } from "../topic/rights.ts";
import { networkOf } from "../base/network_of.ts";
import { hostOf } from "./client_host.ts";
import { isClientName } from "./client_name.ts";
import {
  type CompileRules,
  grantedRights,
  readGrantedRules,
} from "./granted_rules.ts";
import { verifyJwt } from "./jwt.ts";
import type { JwtKey } from "./jwt_key.ts";
import { type JwtToken, readJwt } from "./jwt_token.ts";
import { type JsonObject, member } from "./strict_json.ts";
import { Turnstile } from "./turnstile.ts";

/** What a {@linkcode JwtAuthenticator} is made with. */
export interface JwtOptions {
  /** The keys that may have signed. */
  readonly keys: readonly JwtKey[];
  /** Where the token is. "password". */
  readonly from?: "password" | "username";
  /** Who may have made it, by its `iss`. Anyone who has a key. */
  readonly issuers?: readonly string[];
  /**
   * Who we are, by its `aud`. A token with an `aud` has to name one of them,
   * and where there are some, each token has to. None.
   */
  readonly audiences?: readonly string[];
  /** Whether a token without `exp` is refused. True. */
  readonly requiresExpiry?: boolean;
  /** How much clocks may differ. Unit: ms. 30,000. */
  readonly leewayMs?: number;
  /** The claim that is the user name; each token has to have it. "sub". */
  readonly userNameClaim?: string;
  /**
   * The claim that is the client identifier: each token has to have it, and
   * a client with another one is refused; one without gets it. None.
   */
  readonly clientIdClaim?: string | undefined;
  /**
   * The claim that says what the client may do, see
   * `credentials/granted_rules.ts`: each token has to have it. None.
   */
  readonly rights?: RightsClaim | undefined;
  /** The time of day, since 1970. Unit: ms. The runtime's clock. */
  readonly nowMs?: () => number;
}

/** Rights that come with a token. */
export interface RightsClaim {
  /** The name of the claim. */
  readonly claim: string;
  /** Makes rights of rules: `compileRules` of `auth/access_rules.ts`. */
  readonly compile: CompileRules;
}

type Defaults = typeof DEFAULTS;
type Settings = Defaults & Omit<JwtOptions, keyof Defaults>;

const DEFAULTS = {
  from: "password" as "password" | "username",
  issuers: [] as readonly string[],
  audiences: [] as readonly string[],
  requiresExpiry: true as boolean,
  leewayMs: 30_000 as number,
  userNameClaim: "sub" as string,
  nowMs: (): number => Date.now(),
};

/** A check takes a tenth of a millisecond of another thread. */
const LIMITS = { activeMax: 4, waitingMax: 1024 };

/** Which key a client owes it to that it is in. */
class JwtProof {
  readonly fingerprint: string;

  constructor(fingerprint: string) {
    this.fingerprint = fingerprint;
  }
}

/**
 * Decides by tokens.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { JwtAuthenticator } from "./jwt_authenticator.ts";
 * import { secretKey } from "./jwt_key.ts";
 *
 * const key = await secretKey(new Uint8Array(32), undefined);
 * const tokens = new JwtAuthenticator({ keys: [key] });
 * tokens.authenticate({
 *   clientId: "phone",
 *   userName: "ada",
 *   password: new TextEncoder().encode("pencil"),
 *   address: "127.0.0.1:50000",
 *   certificate: undefined,
 * }, ({ result }) => assertEquals(result, "pass"));
 * ```
 */
export class JwtAuthenticator implements Authenticator {
  readonly #settings: Settings;
  readonly #turnstile = new Turnstile(LIMITS);
  #keys: readonly JwtKey[];

  /** `options.keys` may be replaced later. */
  constructor(options: JwtOptions) {
    this.#settings = { ...DEFAULTS, ...options };
    this.#keys = options.keys;
  }

  /** From now on these keys count, and no others. */
  replaceKeys(keys: readonly JwtKey[]): void {
    this.#keys = keys;
  }

  /** Whether the key that let a client in is still one of ours. */
  stillAdmits(proof: unknown): boolean {
    return proof instanceof JwtProof &&
      this.#keys.some(({ fingerprint }) => fingerprint === proof.fingerprint);
  }

  /** Answers at once what is no token, and else when it is checked. */
  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    const reading = readJwt(textIn(request, this.#settings.from) ?? "");
    if (reading.kind === "other") return answer({ result: "pass" });
    if (reading.kind === "fault") {
      return answer({ result: "bad_credentials", detail: reading.fault });
    }
    const { token } = reading;
    const work = () => this.#decide(token, request.clientId);
    const decided = this.#turnstile.admit(
      networkOf(hostOf(request.address)),
      work,
    );
    if (decided === undefined) {
      return answer({ result: "unavailable", detail: "too many tokens" });
    }
    decided.then(answer, () => {
      answer({ result: "unavailable", detail: "a token can't be checked" });
    });
  }

  async #decide(token: JwtToken, clientId: string): Promise<LoginAnswer> {
    const settings = this.#settings;
    const nowMs = settings.nowMs();
    const verdict = await verifyJwt(token, this.#keys, settings, nowMs);
    if (verdict.result !== "valid") {
      return verdict.result === "forged"
        ? { result: "bad_credentials", detail: verdict.why }
        : refusal(verdict.why);
    }
    const client = clientOf(token.claims, clientId, settings);
    if (typeof client === "string") return refusal(client);
    const { untilMs, key } = verdict;
    const proof = new JwtProof(key.fingerprint);
    // The keys may be others by now.
    if (!this.stillAdmits(proof)) return refusal("the token's key has gone");
    const isForever = untilMs === Infinity;
    return {
      result: "allow",
      ...client,
      validMs: isForever ? undefined : untilMs - nowMs,
      proof,
    };
  }
}

interface Client {
  readonly userName: string;
  readonly clientId: string | undefined;
  readonly rights: Rights | undefined;
}

/** Who the claims say it is, or why they don't let it in. */
function clientOf(
  claims: JsonObject,
  sentClientId: string,
  { userNameClaim, clientIdClaim, rights }: Settings,
): Client | string {
  const userName = nameIn(claims, userNameClaim);
  if (userName === undefined) return `the token has no "${userNameClaim}"`;
  let clientId: string | undefined;
  if (clientIdClaim !== undefined) {
    clientId = nameIn(claims, clientIdClaim);
    if (clientId === undefined) return `the token has no "${clientIdClaim}"`;
    if (sentClientId !== "" && sentClientId !== clientId) {
      return "the token is for another client id";
    }
  }
  if (rights === undefined) return { userName, clientId, rights };
  const { claim, compile } = rights;
  const granted = readGrantedRules(member(claims, claim));
  if (granted.rules === undefined) {
    return `the token's "${claim}" ${granted.fault}`;
  }
  const identity = { clientId: clientId ?? sentClientId, userName };
  const made = grantedRights(granted.rules, identity, compile);
  return { userName, clientId, rights: made };
}

function nameIn(claims: JsonObject, claim: string): string | undefined {
  const name = member(claims, claim);
  return isClientName(name) ? name : undefined;
}

/** Tokens are ASCII; a text in other letters is none. */
function textIn(
  { password, userName }: LoginRequest,
  from: "password" | "username",
): string | undefined {
  if (from === "username") return userName;
  if (password === undefined) return undefined;
  return new TextDecoder("latin1").decode(password);
}

function refusal(detail: string): LoginAnswer {
  return { result: "not_authorized", detail };
}
