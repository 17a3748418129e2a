/**
 * Logins by user name and password. Hashing takes long, by intent: it is done
 * on other threads, few at a time, and what waits has a limit, so that a
 * storm of logins does not hold up messages. Where users come from is in
 * `credentials/password_file.ts`.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import type {
  Authenticator,
  LoginAnswer,
  LoginRequest,
} from "../auth/authenticator.ts";
import { networkOf } from "../base/network_of.ts";
import { hostOf } from "./client_host.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Bytes } from "./hash.ts";
import type { PasswordUsers } from "./password_file.ts";
import {
  isPassword,
  PASSWORD_ITERATIONS_DEFAULT,
  type PasswordHash,
  unknownLike,
} from "./password_hash.ts";
import { RecentKeys } from "./recent_keys.ts";

/** What a {@linkcode PasswordAuthenticator} is made with. */
export interface PasswordOptions {
  /** How many passwords are hashed at a time. 2. */
  readonly atOnceMax?: number;
  /** How many logins may wait; more are `unavailable`. 1024. */
  readonly waitingMax?: number;
  /** How many of them may be from one address. Half of them. */
  readonly waitingMaxEach?: number;
  /** After that long a wait a login is `unavailable`. 10,000. */
  readonly waitMsMax?: number;
  /** How long a password that was right is not hashed again. 60,000. */
  readonly rememberMs?: number;
  /** How many such passwords at the most. 10,000. */
  readonly rememberedMax?: number;
  /** A clock that does not jump. Unit: ms. */
  readonly nowMs?: () => number;
  /** How a password is compared with a hash. The runtime's crypto. */
  readonly isPassword?: typeof isPassword;
  /** Whether somebody else is to decide on names that no user has. No. */
  readonly passesStrangers?: boolean;
}

/** A login that waits. */
interface Job {
  readonly userName: string;
  /** A copy; overwritten when it has been looked at. */
  readonly password: Bytes;
  /** Stands for both. */
  readonly digest: string;
  readonly sinceMs: number;
  readonly answer: (decision: LoginAnswer) => void;
}

/** What a client was let in by. */
interface Proof {
  readonly userName: string;
  readonly text: string;
}

const PASS: LoginAnswer = { result: "pass" };
const REFUSED: LoginAnswer = { result: "bad_credentials" };
const UNAVAILABLE: LoginAnswer = { result: "unavailable" };

const SECRET_BYTES = 32;

/** What a guess costs where there is no user. */
const WITHOUT_USERS: PasswordHash = {
  text: "",
  method: { name: "pbkdf2", iterations: PASSWORD_ITERATIONS_DEFAULT },
  salt: new Uint8Array(12),
  hash: new Uint8Array(64),
};

/**
 * Admits who knows the password of a user.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PasswordAuthenticator } from "./password_authenticator.ts";
 * import { hashPassword } from "./password_hash.ts";
 *
 * const password = new TextEncoder().encode("pencil");
 * const ada = await hashPassword(password, 1000);
 * const passwords = new PasswordAuthenticator(new Map([["ada", ada]]));
 * const { promise, resolve } = Promise.withResolvers<string>();
 * passwords.authenticate({
 *   clientId: "ann",
 *   userName: "ada",
 *   password,
 *   address: "127.0.0.1:1",
 *   certificate: undefined,
 * }, ({ result }) => resolve(result));
 * assertEquals(await promise, "allow");
 * ```
 */
export class PasswordAuthenticator implements Authenticator {
  readonly #options: Required<PasswordOptions>;
  readonly #secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  readonly #recent: RecentKeys;
  readonly #waiting: FairQueue<Job>;
  #underWay = 0;
  #users: PasswordUsers = new Map();
  /** What a name that nobody has may stand for. */
  #hashes: readonly PasswordHash[] = [];

  /** Admits these users, until others take their place. */
  constructor(users: PasswordUsers, options: PasswordOptions = {}) {
    const { waitingMax = 1024 } = options;
    const filled = {
      atOnceMax: options.atOnceMax ?? 2,
      waitingMax,
      waitingMaxEach: options.waitingMaxEach ?? Math.ceil(waitingMax / 2),
      waitMsMax: options.waitMsMax ?? 10_000,
      rememberMs: options.rememberMs ?? 60_000,
      rememberedMax: options.rememberedMax ?? 10_000,
      nowMs: options.nowMs ?? (() => performance.now()),
      isPassword: options.isPassword ?? isPassword,
      passesStrangers: options.passesStrangers ?? false,
    };
    this.#options = filled;
    this.#waiting = new FairQueue(filled);
    this.#recent = new RecentKeys({
      keysMax: filled.rememberedMax,
      keepMs: filled.rememberMs,
    });
    this.replace(users);
  }

  /** How many logins wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many passwords are being hashed. */
  get underWay(): number {
    return this.#underWay;
  }

  /** From now on these are the users, also for logins that wait. */
  replace(users: PasswordUsers): void {
    this.#users = users;
    this.#hashes = [...users.values()];
  }

  /** Passes on who gives no user name: others may let strangers in. */
  authenticate(
    { userName, password, address }: LoginRequest,
    answer: (decision: LoginAnswer) => void,
  ): void {
    if (userName === undefined) return answer(PASS);
    if (password === undefined) return answer(REFUSED);
    const digest = this.#digestOf(userName, password);
    const known = this.#knownAnswer(userName, digest);
    if (known !== undefined) return answer(known);
    const job = {
      userName,
      password: Uint8Array.from(password),
      digest,
      sinceMs: this.#options.nowMs(),
      answer,
    };
    const owner = networkOf(hostOf(address));
    if (!this.#waiting.push(owner, job)) return answer(UNAVAILABLE);
    this.#goOn();
  }

  /** Whether a user is still there, with the same password. */
  stillAdmits(proof: unknown): boolean {
    const { userName, text } = proof as Proof;
    return this.#users.get(userName)?.text === text;
  }

  /** Takes up as many of those who wait as may be under way. */
  #goOn(): void {
    while (this.#underWay < this.#options.atOnceMax) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const answer = this.#quickAnswer(job);
      if (answer === undefined) void this.#check(job);
      else this.#end(job, answer);
    }
  }

  /** The answer to who has waited too long, or need not be hashed again. */
  #quickAnswer({ userName, digest, sinceMs }: Job): LoginAnswer | undefined {
    const { nowMs, waitMsMax } = this.#options;
    // The client has most likely gone, and hashing would keep others waiting.
    if (nowMs() - sinceMs > waitMsMax) return UNAVAILABLE;
    return this.#knownAnswer(userName, digest);
  }

  async #check(job: Job): Promise<void> {
    this.#underWay++;
    const answer = await this.#verdict(job).catch(() => UNAVAILABLE);
    this.#underWay--;
    try {
      this.#end(job, answer);
    } finally {
      this.#goOn();
    }
  }

  async #verdict({ userName, password, digest }: Job): Promise<LoginAnswer> {
    const user = this.#users.get(userName);
    // Also for a name that nobody has: the time must not tell.
    const hash = user ?? this.#nobody(userName);
    const isRight = await this.#options.isPassword(password, hash);
    if (user === undefined) {
      return this.#options.passesStrangers ? PASS : REFUSED;
    }
    if (!isRight) return REFUSED;
    const admitted = admittedBy(userName, user);
    // The users may be others by now.
    if (!this.stillAdmits(admitted.proof)) return REFUSED;
    this.#recent.add(digest + user.text, this.#options.nowMs());
    return admitted;
  }

  #end({ password, answer }: Job, decision: LoginAnswer): void {
    password.fill(0);
    answer(decision);
  }

  #knownAnswer(userName: string, digest: string): LoginAnswer | undefined {
    const user = this.#users.get(userName);
    if (user === undefined) return undefined;
    const isKnown = this.#recent.has(digest + user.text, this.#options.nowMs());
    return isKnown ? admittedBy(userName, user) : undefined;
  }

  /**
   * Neither a password nor, without what is in memory, something to try one
   * against. For all names alike: the time must not tell.
   */
  #digestOf(userName: string, password: Uint8Array): string {
    return createHmac("sha256", this.#secret)
      .update(JSON.stringify(userName))
      .update(password)
      .digest("base64");
  }

  /** As if drawn from the users, and the same each time. */
  #nobody(userName: string): PasswordHash {
    const hash = createHmac("sha256", this.#secret).update(userName).digest();
    const drawn = hash.readUInt32BE(0);
    return unknownLike(
      this.#hashes[drawn % this.#hashes.length] ?? WITHOUT_USERS,
    );
  }
}

function admittedBy(
  userName: string,
  { text }: PasswordHash,
): LoginAnswer & { readonly proof: Proof } {
  return { result: "allow", proof: { userName, text } };
}
