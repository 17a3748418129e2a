/**
 * Who may look for retained messages now. To find what a filter matches can
 * take a look at millions of topics, for a packet of a few bytes: so all
 * clients together look at a bounded number of them in a millisecond. What
 * is found in a short while comes with the SUBACK. Who needs longer waits in
 * a line, where each has a short while in turn; other packets go between.
 *
 * @module
 */

import type { FeedBudget } from "../session/retained_feed.ts";
import { hasWildcard } from "../topic/topic.ts";
import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { pump } from "./pump.ts";
import type { Timed } from "./timed.ts";

/** Nodes of the tree for all clients in a millisecond: about 0.2 ms. */
const NODES_MAX = 10_000;
/** Nodes for one client, then it is the next one's turn. */
const TURN_NODES_MAX = 2_000;

/** The line of one broker. */
export class RetainedTurns implements Timed {
  /** See `Deadlines`. */
  deadlineMs = 0;
  /** See `Deadlines`. */
  deadlineSlot = -1;
  readonly #core: Core;
  readonly #line = new Set<Connection>();
  readonly #budget: FeedBudget = { nodesLeft: 0 };
  #nodesLeft = 0;
  /** The millisecond that has these nodes left. */
  #nowMs = -1;
  /** Whose turn it is. */
  #served: Connection | undefined;

  /** With nobody in line. */
  constructor(core: Core) {
    this.#core = core;
  }

  /** How many clients wait for their turn. */
  get length(): number {
    return this.#line.size;
  }

  /**
   * How far `connection` may go now, which has retained messages coming;
   * `undefined` when it is in line and not the one whose turn it is.
   */
  begin(connection: Connection): FeedBudget | undefined {
    if (this.#served !== connection && !this.#mayPass(connection)) {
      this.#wait(connection);
      return undefined;
    }
    this.#budget.nodesLeft = TURN_NODES_MAX;
    return this.#budget;
  }

  /** So far it went. If that was as far as it may, it waits again. */
  end(connection: Connection, { nodesLeft }: FeedBudget): void {
    this.#nodesLeft -= TURN_NODES_MAX - nodesLeft;
    const isLate = nodesLeft <= 0 && connection.session!.feedLength > 0;
    if (isLate) this.#wait(connection);
  }

  /** `connection` is closed. */
  forget(connection: Connection): void {
    this.#line.delete(connection);
  }

  /** One millisecond's work. */
  onDeadline(): void {
    this.#renew();
    for (const connection of this.#line) {
      if (this.#nodesLeft <= 0) break;
      this.#line.delete(connection);
      this.#served = connection;
      connection.guard(() => pump(this.#core, connection));
      this.#served = undefined;
    }
    if (this.#line.size === 0) return;
    this.#core.deadlines.set(this, this.#core.nowMs + 1);
  }

  /** A name costs a look; what is between costs a turn. */
  #mayPass(connection: Connection): boolean {
    if (this.#line.has(connection)) return false;
    if (!hasWildcard(connection.session!.feed.first.filter)) return true;
    this.#renew();
    return this.#line.size === 0 && this.#nodesLeft > 0;
  }

  /** Puts `connection` at the end of the line, if it is not in. */
  #wait(connection: Connection): void {
    this.#line.add(connection);
    if (this.deadlineSlot >= 0) return;
    this.#core.deadlines.set(this, this.#core.nowMs + 1);
  }

  #renew(): void {
    if (this.#nowMs === this.#core.nowMs) return;
    this.#nowMs = this.#core.nowMs;
    this.#nodesLeft = NODES_MAX;
  }
}
