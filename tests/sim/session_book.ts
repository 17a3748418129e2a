/**
 * Which sessions have to be there when a client comes back, and which must
 * not: from what the client was told, and how long it was away. Where a
 * CONNACK or the end of a connection has got lost both may be true.
 */

import { type Clock, type Course, KEPT_MS_MAX, LIFE_MS_MAX } from "./book.ts";
import type { SimLink } from "./sim_link.ts";
import { FOREVER_SECONDS, type Terms } from "./tongue.ts";

/** Clocks are rounded, in the file and elsewhere. */
const SLACK_MS = 20;
/** Longer than CONNECT needs to get to the broker. */
const WAY_MS_MAX = 200;

/** What is known of one session. */
class Belief {
  /** Whether it was there when the client was told last, to be kept. */
  isKept = false;
  /** Whether there may be one at all. */
  mayBe = false;
  /** How long it outlives its connection, at least and at most. */
  leastMs = 0;
  mostMs = 0;
  /** Since when it is away, at the earliest. */
  leftMs: number | undefined;
  /** The connections that it has had since the client was told. */
  links = new Set<SimLink>();
  attempt: Attempt | undefined;
}

/** A CONNECT without an answer. */
interface Attempt {
  readonly terms: Terms;
  readonly link: SimLink;
  /** What was known before. */
  readonly before: Pick<Belief, "mayBe" | "leastMs" | "mostMs">;
  /** Whether the session is there when it comes, whatever else. */
  readonly isSure: boolean;
  /** When it came to the broker, and what was there. */
  arrivedMs: number;
  wasThere: boolean;
}

export class SessionBook {
  readonly #clock: Clock;
  readonly #course: Course;
  readonly #beliefs = new Map<string, Belief>();

  constructor(clock: Clock, course: Course) {
    this.#clock = clock;
    this.#course = course;
  }

  /** A CONNECT goes out. */
  connecting(clientId: string, terms: Terms, link: SimLink): void {
    const belief = this.#of(clientId);
    const { leastMs, mostMs, mayBe, isKept, leftMs = 0 } = belief;
    const latestMs = this.#clock.nowMs + WAY_MS_MAX;
    belief.attempt = {
      terms,
      link,
      before: { leastMs, mostMs, mayBe },
      isSure: isKept && !terms.isClean && latestMs < leftMs + leastMs,
      arrivedMs: Infinity,
      wasThere: false,
    };
    const expiryMs = msOf(terms.expirySeconds);
    belief.leastMs = Math.min(leastMs, expiryMs);
    belief.mostMs = Math.max(mostMs, expiryMs);
    belief.mayBe ||= expiryMs > 0;
  }

  /**
   * It has come to the broker. "stale": behind one that was sent later, and
   * of the session nobody knows.
   */
  arrived(
    clientId: string,
    link: SimLink,
    isThere: boolean,
  ): "stale" | "in order" {
    const belief = this.#of(clientId);
    const { attempt } = belief;
    if (attempt?.link === link) {
      attempt.arrivedMs = this.#clock.nowMs;
      attempt.wasThere = isThere;
    } else if (attempt?.arrivedMs !== Infinity) {
      belief.isKept = false;
      belief.mayBe = true;
      belief.mostMs = Infinity;
      if (attempt !== undefined) {
        Object.assign(attempt.before, { mayBe: true, mostMs: Infinity });
      }
      return "stale";
    }
    return "in order";
  }

  /** CONNACK has come; returns whether the session goes on. */
  connected(clientId: string, told: boolean | undefined): boolean {
    const belief = this.#of(clientId);
    const attempt = belief.attempt!;
    const { terms: { isClean, expirySeconds }, link, arrivedMs } = attempt;
    const isPresent = told ?? (attempt.wasThere && !isClean);
    if (isPresent && isClean) throw new Error(`${clientId}: clean, and kept`);
    if (isPresent && !this.#mayBe(belief, attempt)) {
      throw new Error(`${clientId}: a session beyond its end`);
    }
    const { isKept, leftMs = 0 } = belief;
    const endMs = leftMs + attempt.before.leastMs - SLACK_MS;
    if (!isPresent && !isClean && isKept && arrivedMs < endMs) {
      throw new Error(`${clientId}: a session is lost before its end`);
    }
    const expiryMs = msOf(expirySeconds);
    belief.isKept = belief.mayBe = expiryMs > 0;
    belief.leastMs = belief.mostMs = expiryMs;
    belief.leftMs = belief.attempt = undefined;
    belief.links = new Set([link]);
    return isPresent;
  }

  /** The broker does not let it in. */
  refused(clientId: string): void {
    const belief = this.#of(clientId);
    Object.assign(belief, belief.attempt!.before, { attempt: undefined });
  }

  /** DISCONNECT says how long the session is to be kept. */
  changes(clientId: string, expirySeconds: number): void {
    const belief = this.#of(clientId);
    const expiryMs = msOf(expirySeconds);
    belief.leastMs = Math.min(belief.leastMs, expiryMs);
    belief.mostMs = Math.max(belief.mostMs, expiryMs);
  }

  /**
   * A connection has ended. "unknown": what became of the session nobody
   * knows. "ended": it was not to be kept.
   */
  lost(clientId: string, link: SimLink): "unknown" | "ended" | "kept" {
    const belief = this.#of(clientId);
    const { attempt } = belief;
    if (attempt?.link === link) {
      belief.attempt = undefined;
      belief.links.add(link);
      return attempt.isSure ? "kept" : "unknown";
    }
    if (!belief.links.has(link)) return "kept"; // it was refused
    belief.leftMs ??= Math.min(this.#clock.nowMs, link.closedMs);
    return belief.isKept ? "kept" : "ended";
  }

  /** Whether it may be there when `attempt` comes to the broker. */
  #mayBe(
    { leftMs, links }: Belief,
    { arrivedMs, before }: Attempt,
  ): boolean {
    const course = this.#course;
    let latestMs = leftMs ?? 0;
    for (const { closedMs } of links) {
      latestMs = Math.max(latestMs, closedMs);
      if (course.wasWell(closedMs, closedMs + KEPT_MS_MAX)) continue;
      // Where that is not kept, it is away since the broker's end, about.
      const endMs = course.endedMs(closedMs) + LIFE_MS_MAX;
      latestMs = Math.max(latestMs, Math.min(course.startedMs, endMs));
    }
    return before.mayBe && arrivedMs <= latestMs + before.mostMs + SLACK_MS;
  }

  #of(clientId: string): Belief {
    let belief = this.#beliefs.get(clientId);
    if (belief === undefined) {
      this.#beliefs.set(clientId, belief = new Belief());
    }
    return belief;
  }
}

function msOf(seconds: number): number {
  return seconds === FOREVER_SECONDS ? Infinity : seconds * 1000;
}
