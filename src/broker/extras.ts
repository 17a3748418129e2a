/**
 * What few connections need: it is made when it is needed first, so that an
 * idle client does not pay for it.
 *
 * @module
 */

import { SUCCESS } from "../codec/reason_code.ts";
import { ReceivedAliases, type SentAliases } from "../session/topic_aliases.ts";
import type { TokenBucket } from "../base/token_bucket.ts";
import type { Login } from "./handle_auth.ts";
import type { Refusal } from "./login.ts";

/** The rarer state of a connection. */
export class Extras {
  /** The largest packet that the client takes, bytes; `Infinity` for any. */
  packetBytesMax = Infinity;
  /** Aliases of topics towards the client, if it takes any. */
  sentAliases: SentAliases | undefined;
  /** What the client's topic aliases stand for. */
  readonly receivedAliases: ReceivedAliases = new ReceivedAliases();
  /** A login of several steps, under way or done. */
  login: Login | undefined;
  /** QoS 2 messages of former connections that the client may release. */
  receivedBefore = 0;
  /** What a client is told whose login is not good, and when. */
  refusal: { readonly refusal: Refusal; readonly atMs: number } | undefined;
  /** When it may be read from again, after it has sent too fast. */
  tooFastUntilMs = 0;
  /** Bytes a second; `undefined` without a limit. */
  bytes: TokenBucket | undefined;
  /** Messages a second; `undefined` without a limit. */
  messages: TokenBucket | undefined;
  /** Packet ids to be sent again as soon as the client has room for them. */
  resends: number[] | undefined;
  /** The reason code with which it was closed; SUCCESS for none. */
  closeCode = SUCCESS;
  #stash: Uint8Array | undefined;

  /**
   * Keeps bytes that came while a login is checked; false when there are
   * more than `bytesMax` of them.
   */
  stashAway(bytes: Uint8Array, bytesMax: number): boolean {
    const before = this.#stash ?? new Uint8Array(0);
    const length = before.length + bytes.length;
    if (length > bytesMax) return false;
    const stash = new Uint8Array(length);
    stash.set(before);
    stash.set(bytes, before.length);
    this.#stash = stash;
    return true;
  }

  /** Gives back what was kept, once. */
  takeStash(): Uint8Array | undefined {
    const stash = this.#stash;
    this.#stash = undefined;
    return stash;
  }
}

/** Those of a connection that needs none; nobody changes them. */
export const NO_EXTRAS: Extras = new Extras();
