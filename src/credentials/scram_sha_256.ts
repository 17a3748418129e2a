/**
 * SCRAM-SHA-256, the server's side: RFC 5802 and RFC 7677 over the packets of
 * MQTT 5.0 section 4.12. The client proves that it knows the password without
 * sending it, and we prove that we know it too. Without channel binding.
 *
 * A name that nobody has is asked for a proof as any other, with a salt of
 * its own that stays the same while the process runs, so that strangers
 * can't find out which names there are.
 *
 * @module
 */

import type {
  AuthExchange,
  AuthStep,
  EnhancedAuthenticator,
} from "../auth/enhanced_authenticator.ts";
import { type Bytes, hmacSha256, isSameSecret, sha256, xor } from "./hash.ts";
import {
  type ClientFirst,
  readClientFinal,
  readClientFirst,
} from "./scram_messages.ts";
import {
  ITERATIONS_DEFAULT,
  SALT_BYTES_DEFAULT,
  type ScramUser,
} from "./scram_user.ts";

/** What a {@linkcode ScramSha256} is made with. */
export interface ScramOptions {
  /** Finds a user by its name, which is prepared by SASLprep. */
  readonly lookup: (userName: string) => ScramUser | undefined;
  /**
   * The iterations of all users: a name that nobody has gets one of them, as
   * if it were drawn. The default of `deriveScramUser`.
   */
  readonly iterations?: readonly number[];
  /** Makes our part of a nonce: text that a peer can't guess. Random. */
  readonly newNonce?: () => string;
  /**
   * Makes the salts of names that nobody has; not empty. Random. One that is
   * made from users' keys would let strangers try passwords against a salt.
   */
  readonly secret?: Uint8Array<ArrayBuffer>;
}

type Options = Required<ScramOptions>;

/** What has been said up to the challenge, and whom the proof is about. */
interface Challenge {
  readonly name: "challenged";
  readonly first: ClientFirst;
  readonly serverFirst: string;
  /** Both parts. */
  readonly nonce: string;
  readonly user: ScramUser;
  readonly isKnown: boolean;
}

/** What a client was let in by. */
interface ScramProof {
  readonly userName: string;
  readonly user: ScramUser;
}

/** `checking`: the last message has no answer yet. */
type State =
  | { readonly name: "begun" }
  | Challenge
  | { readonly name: "checking" }
  | { readonly name: "over" };

const REFUSED: AuthStep = { result: "bad_credentials" };

/** Three bytes are four characters of base64: nothing is left over. */
const NONCE_BYTES = 18;
const SECRET_BYTES = 32;

/**
 * Admits who proves by SCRAM-SHA-256 to know the password of a user.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ScramSha256 } from "./scram_sha_256.ts";
 * import { deriveScramUser } from "./scram_user.ts";
 *
 * const ada = await deriveScramUser("pencil");
 * const scram = new ScramSha256({
 *   lookup: (userName) => userName === "ada" ? ada : undefined,
 * });
 * const exchange = scram.begin();
 * const { promise, resolve } = Promise.withResolvers<string>();
 * const data = new TextEncoder().encode("n,,n=ada,r=d41d8cd98f00b204");
 * exchange.next(data, ({ result }) => resolve(result));
 * assertEquals(await promise, "continue");
 * ```
 */
export class ScramSha256 implements EnhancedAuthenticator {
  /** Its name in CONNECT. */
  readonly method: string = "SCRAM-SHA-256";
  #options: Options;

  /** Users are looked up when a client asks, so they may change. */
  constructor(options: ScramOptions) {
    this.#options = {
      lookup: options.lookup,
      iterations: iterationsOf(options.iterations),
      newNonce: options.newNonce ?? (() => random(NONCE_BYTES).toBase64()),
      secret: options.secret ?? random(SECRET_BYTES),
    };
  }

  /**
   * From now on these are the users, also for logins under way; what `lookup`
   * finds does not count any more.
   */
  replace(users: ReadonlyMap<string, ScramUser>): void {
    const iterations = Array.from(users.values(), (user) => user.iterations);
    this.#options = {
      ...this.#options,
      lookup: (userName) => users.get(userName),
      iterations: iterationsOf(iterations),
    };
  }

  /** Begins a login. */
  begin(): AuthExchange {
    const isCurrent = (proof: ScramProof) => this.stillAdmits(proof);
    return new ScramExchange(this.#options, isCurrent);
  }

  /** Whether a user is still there, with the same keys. */
  stillAdmits(proof: unknown): boolean {
    const { userName, user } = proof as ScramProof;
    const found = this.#options.lookup(userName);
    return found !== undefined && isSameSecret(found.storedKey, user.storedKey);
  }
}

class ScramExchange implements AuthExchange {
  readonly #options: Options;
  readonly #isCurrent: (proof: ScramProof) => boolean;
  #state: State = { name: "begun" };

  constructor(options: Options, isCurrent: (proof: ScramProof) => boolean) {
    this.#options = options;
    this.#isCurrent = isCurrent;
  }

  next(
    data: Uint8Array | undefined,
    answer: (step: AuthStep) => void,
  ): void {
    const state = this.#state;
    if (state.name === "checking" || state.name === "over") {
      this.#state = { name: "over" };
      answer(REFUSED);
      return;
    }
    this.#state = { name: "checking" };
    const step = state.name === "begun"
      ? this.#challenge(readClientFirst(data))
      : this.#check(state, data);
    step.then(answer, () => {
      this.#state = { name: "over" };
      answer({ result: "unavailable" });
    });
  }

  /** The server-first-message. */
  async #challenge(first: ClientFirst | undefined): Promise<AuthStep> {
    if (first === undefined) return this.#refuse();
    const { lookup, newNonce } = this.#options;
    const known = lookup(first.userName);
    // Also for a name that is known: the time must not tell.
    const nobody = await makeNobody(this.#options, first.userName);
    const user = known ?? nobody;
    const nonce = first.nonce + newNonce();
    const salt = user.salt.toBase64();
    const serverFirst = `r=${nonce},s=${salt},i=${user.iterations}`;
    if (this.#state.name !== "checking") return REFUSED;
    this.#state = {
      name: "challenged",
      first,
      serverFirst,
      nonce,
      user,
      isKnown: known !== undefined,
    };
    return { result: "continue", data: encode(serverFirst) };
  }

  /** The proof, and the server-final-message. */
  async #check(
    { first, serverFirst, nonce, user, isKnown }: Challenge,
    data: Uint8Array | undefined,
  ): Promise<AuthStep> {
    const final = readClientFinal(data);
    if (final === undefined || final.nonce !== nonce) return this.#refuse();
    // Somebody between us may have changed what was said of channel binding.
    const header = encode(first.gs2Header).toBase64();
    if (final.channelBinding !== header) return this.#refuse();
    const { withoutProof, proof } = final;
    const all = encode(`${first.bare},${serverFirst},${withoutProof}`);
    const clientKey = xor(proof, await hmacSha256(user.storedKey, all));
    const isProved = isSameSecret(await sha256(clientKey), user.storedKey);
    const signature = await hmacSha256(user.serverKey, all);
    if (!isProved || !isKnown || this.#state.name !== "checking") {
      return this.#refuse();
    }
    const { userName } = first;
    const admitted = { userName, user };
    // The users may be others by now.
    if (!this.#isCurrent(admitted)) return this.#refuse();
    this.#state = { name: "over" };
    return {
      result: "allow",
      data: encode(`v=${signature.toBase64()}`),
      userName,
      proof: admitted,
    };
  }

  #refuse(): AuthStep {
    this.#state = { name: "over" };
    return REFUSED;
  }
}

function iterationsOf(given: readonly number[] = []): readonly number[] {
  return given.length > 0 ? given : [ITERATIONS_DEFAULT];
}

/** A user of which nobody knows the password. */
async function makeNobody(
  { secret, iterations }: Options,
  userName: string,
): Promise<ScramUser> {
  const hash = await hmacSha256(secret, encode(userName));
  const salt = hash.slice(0, SALT_BYTES_DEFAULT);
  const drawn = new DataView(hash.buffer).getUint32(SALT_BYTES_DEFAULT);
  return {
    salt,
    iterations: iterations[drawn % iterations.length]!,
    storedKey: hash,
    serverKey: hash,
  };
}

function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text);
}
