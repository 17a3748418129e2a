/**
 * Several authenticators as one: they are asked in their order, and whoever
 * does not pass the question on decides.
 *
 * @module
 */

import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "./authenticator.ts";

/** What becomes of those for whom nobody decides; asked each time. */
export interface ChainOptions {
  /** Whether clients without user name and password are let in. */
  readonly anonymous: boolean;
}

/** Who has let a client in, and by what. */
interface Admission {
  /** `undefined` for an anonymous client. */
  readonly by: Authenticator | undefined;
  readonly proof: unknown;
}

/**
 * Asks several authenticators.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Authenticator } from "./authenticator.ts";
 * import { AuthenticatorChain } from "./authenticator_chain.ts";
 *
 * const onlyAda: Authenticator = {
 *   authenticate({ userName }, answer) {
 *     answer({ result: userName === "ada" ? "allow" : "pass" });
 *   },
 * };
 * const chain = new AuthenticatorChain([onlyAda], { anonymous: false });
 * const stranger = {
 *   clientId: "ann",
 *   userName: undefined,
 *   password: undefined,
 *   address: "127.0.0.1:1",
 *   certificate: undefined,
 * };
 * chain.authenticate(stranger, ({ result }) => {
 *   assertEquals(result, "not_authorized");
 * });
 * ```
 */
export class AuthenticatorChain implements Authenticator {
  readonly #links: readonly Authenticator[];
  readonly #options: ChainOptions;

  /** They are asked in this order. */
  constructor(
    links: readonly Authenticator[],
    options: ChainOptions,
  ) {
    this.#links = links;
    this.#options = options;
  }

  /** Answers what the first says that does not pass the question on. */
  authenticate(
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    this.#ask(0, request, answer);
  }

  /** Asks the one who has let the client in. */
  stillAdmits(proof: unknown): boolean {
    const admission = proof as Admission;
    if (admission.by === undefined) return this.#options.anonymous;
    return admission.by.stillAdmits?.(admission.proof) ?? true;
  }

  #ask(
    index: number,
    request: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    const link = this.#links[index];
    if (link === undefined) return answer(this.#lastAnswer(request));
    link.authenticate(request, (decision) => {
      const { result, proof } = decision;
      if (result === "pass") this.#ask(index + 1, request, answer);
      else if (result !== "allow") answer(decision);
      else answer({ ...decision, proof: admission(link, proof) });
    });
  }

  /** Nobody has decided. */
  #lastAnswer({ userName, password }: LoginRequest): LoginAnswer {
    const isAnonymous = userName === undefined && password === undefined;
    // MQTT 3.1.1 table 3.1: return code 4; MQTT 5.0: 0x86.
    if (!isAnonymous) return { result: "bad_credentials" };
    if (!this.#options.anonymous) return { result: "not_authorized" };
    return { result: "allow", proof: admission(undefined, undefined) };
  }
}

function admission(
  by: Authenticator | undefined,
  proof: unknown,
): Admission {
  return { by, proof };
}
