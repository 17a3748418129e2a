/**
 * What few connections need: it is made when it is needed first, so that an
 * idle client does not pay for it.
 *
 * @module
 */

import { ReceivedAliases, type SentAliases } from "../session/topic_aliases.ts";
import type { Login } from "./handle_auth.ts";

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
  /** Packet ids to be sent again as soon as the client has room for them. */
  resends: number[] | undefined;
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
