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

/** Memory that a piece takes beside its bytes, about. */
const PIECE_BYTES = 128;

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
  /** Messages for the client that were lost. */
  dropped = 0;
  /** Whether the rest of a chunk waits: see `broker/long_turns.ts`. */
  isPutOff = false;
  /** How its socket has ended meanwhile, in words. */
  goneBecause: string | undefined;
  /** What came while a login is checked or a turn awaited, bytes. */
  stashBytes = 0;
  #stash: Uint8Array[] = [];

  /** What the aliases take, bytes. */
  get aliasBytes(): number {
    return this.receivedAliases.bytes + (this.sentAliases?.bytes ?? 0);
  }

  /**
   * Keeps bytes that are handled later; returns what all that is kept
   * takes, bytes.
   */
  stashAway(bytes: Uint8Array): number {
    this.#stash.push(bytes.slice());
    this.stashBytes += bytes.length;
    return this.stashBytes + this.#stash.length * PIECE_BYTES;
  }

  /** Gives back what was kept, once. */
  takeStash(): Uint8Array | undefined {
    const pieces = this.#stash;
    if (pieces.length === 0) return undefined;
    const stash = new Uint8Array(this.stashBytes);
    let at = 0;
    for (const piece of pieces) {
      stash.set(piece, at);
      at += piece.length;
    }
    this.dropStash();
    return stash;
  }

  /** Drops what was kept. */
  dropStash(): void {
    if (this.#stash.length > 0) this.#stash = [];
    this.stashBytes = 0;
  }
}

/** Those of a connection that needs none; nobody changes them. */
export const NO_EXTRAS: Extras = new Extras();
