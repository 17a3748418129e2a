/**
 * What happens in one world that is switched off now and then, as a list of
 * acts that is drawn from a seed before anything happens: so acts can be
 * left out, and what is left is the same world.
 */

import { Random } from "../fuzz/random.ts";
import {
  FOREVER_SECONDS,
  type Level,
  type Publish,
  type Qos,
  type Terms,
} from "./tongue.ts";

/** How long it takes from act to act, at most: one of these. */
const HURRIED_MS = [...Array(15).fill(12), 400, 400, 400, 8_000] as number[];
const UNHURRIED_MS = [12, 12, 12, 400, 400, 8_000, 8_000, 90_000];

/** How long it is off, at most. */
const OFF_MS = [50, 50, 50, 50, 50, 50, 20_000, 100_000, 4_000_000] as const;

export const CLIENTS = ["c0", "c1", "c2", "c3"] as const;
const TOPICS = ["a", "a/b", "b", "b/c"] as const;
const FILTERS = ["a", "a/b", "a/#", "+/c", "b", "#", "b/+"] as const;
const SHARED = ["$share/g/a/#", "$share/g/b"] as const;

/** At which moment the power goes; `count` says at the how manieth. */
export type Moment =
  | "now"
  | "bytes leave"
  | "commit begins"
  | "committed"
  | "told";

/** What is done, in words that a person can read when it has failed. */
export type Deed =
  | { do: "publish"; messages: readonly Publish[] }
  | { do: "subscribe"; filter: string; qos: Qos }
  | { do: "unsubscribe"; filter: string }
  | { do: "connect" }
  | { do: "leave"; reason: 0 | 4; expirySeconds: number | undefined }
  | { do: "hang up" | "vanish" | "break" }
  | { do: "answer"; most: number }
  | { do: "be lazy" | "be diligent" }
  | { do: "slow disk"; ms: number }
  | { do: "failing disk"; ms: number }
  | {
    do: "power cut";
    at: Moment;
    count: number;
    offMs: number;
    /** More than 1: it goes again as soon as the broker has started. */
    times: number;
  }
  | { do: "stop"; offMs: number };

export type Act = {
  /** How long after the last one. */
  readonly afterMs: number;
  readonly who: string;
  /** How the client connects if it is not connected. */
  readonly terms: Terms;
  /** For what chance decides meanwhile. */
  readonly seed: number;
} & Deed;

/** What holds in a world. */
export interface Setting {
  readonly inflightOutMax: number;
  readonly queueQos0: boolean;
  readonly strategy:
    | "round-robin"
    | "least-inflight"
    | "hash-client-id"
    | "hash-topic";
}

export interface Plot {
  readonly seed: number;
  readonly setting: Setting;
  readonly acts: readonly Act[];
}

type Draw = (plotter: Plotter) => Deed;

const DEEDS: readonly (readonly [weight: number, draw: Draw])[] = [
  [34, (p) => ({ do: "publish", messages: p.messages() })],
  [14, (p) => ({ do: "subscribe", filter: p.filter(), qos: p.qos() })],
  [5, (p) => ({ do: "unsubscribe", filter: p.filter() })],
  [7, () => ({ do: "connect" })],
  [4, (p) => p.leave()],
  [2, () => ({ do: "hang up" })],
  [3, () => ({ do: "vanish" })],
  [2, () => ({ do: "break" })],
  [6, (p) => ({ do: "answer", most: p.random.between(1, 5) })],
  [3, () => ({ do: "be lazy" })],
  [3, () => ({ do: "be diligent" })],
  [2, (p) => ({ do: "slow disk", ms: p.random.pick([0, 0, 30, 200]) })],
  [1, (p) => ({ do: "failing disk", ms: p.random.between(10, 4000) })],
  [7, (p) => p.powerCut()],
  [1, (p) => ({ do: "stop", offMs: p.offMs() })],
];
const WEIGHTS = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

class Plotter {
  readonly random: Random;
  /** Whether all sessions are kept for ever: then more is owed. */
  readonly #isFaithful: boolean;
  /** How many of a hundred connections leave a will. */
  readonly percentOfWills: number;
  readonly #pausesMs: readonly number[];
  #sequence = 0;

  constructor(random: Random) {
    this.random = random;
    this.#isFaithful = random.chance(40);
    this.percentOfWills = random.pick([5, 5, 80]);
    this.#pausesMs = random.chance(55) ? HURRIED_MS : UNHURRIED_MS;
  }

  /** All listen to all. */
  prologue(): Act[] {
    return CLIENTS.map((who) =>
      this.#one(who, 0, { do: "subscribe", filter: "#", qos: 2 })
    );
  }

  /** All go, then the power does; and they come back when time has passed. */
  epilogue(): Act[] {
    const { random } = this;
    const offMs = random.pick([50, 20_000, 100_000, 1_000_000, 4_000_000]);
    const cut = {
      do: "power cut",
      at: "now",
      count: 1,
      offMs,
      times: 1,
    } as const;
    const restMs = random.pick([0, 10_000, 700_000]);
    return [
      ...CLIENTS.map((who) =>
        this.#one(who, random.below(2_000), { do: "hang up" })
      ),
      this.#one("c0", 1_500 + random.below(3_000), cut),
      this.#one("c0", offMs + restMs, { do: "connect" }),
    ];
  }

  act(): Act {
    const { random } = this;
    const afterMs = random.below(random.pick(this.#pausesMs));
    return this.#one(random.pick(CLIENTS), afterMs, this.#deed());
  }

  qos(): Qos {
    return this.random.pick([0, 1, 1, 2, 2] as const);
  }

  filter(): string {
    return this.random.pick(this.random.chance(12) ? SHARED : FILTERS);
  }

  messages(): Publish[] {
    const { random } = this;
    const roll = random.below(100);
    if (roll < 70) return [this.#message(300)];
    if (roll < 98) return random.list(2, 6, () => this.#message(20));
    return random.list(70, 90, () => this.#message(5));
  }

  leave(): Deed {
    const { random } = this;
    const reason = random.chance(30) ? 4 : 0;
    const isChanged = !this.#isFaithful && random.chance(20);
    const expirySeconds = isChanged ? random.pick([0, 5, 60]) : undefined;
    return { do: "leave", reason, expirySeconds };
  }

  powerCut(): Deed {
    const { random } = this;
    const at = random.pick(
      ["now", "bytes leave", "commit begins", "committed", "told"] as const,
    );
    const count = random.between(1, 4);
    const times = random.chance(15) ? random.between(2, 3) : 1;
    return { do: "power cut", at, count, offMs: this.offMs(), times };
  }

  offMs(): number {
    const { random } = this;
    return random.below(random.pick(OFF_MS));
  }

  #one(who: string, afterMs: number, deed: Deed): Act {
    const terms = this.#terms(who);
    return { afterMs, who, terms, seed: this.random.below(1e9), ...deed };
  }

  #deed(): Deed {
    let left = this.random.below(WEIGHTS);
    for (const [weight, draw] of DEEDS) {
      left -= weight;
      if (left < 0) return draw(this);
    }
    throw new Error("weights that do not add up");
  }

  #message(paddingMost: number): Publish {
    const { random } = this;
    const retain = random.chance(12);
    const isClear = retain && random.chance(20);
    const roll = random.below(1000);
    const padding = roll < 8 ? 20_000 : roll < 30 ? 2_000 : paddingMost;
    const text = ".".repeat(random.below(padding + 1));
    return {
      topic: random.pick(TOPICS),
      // Whose it is is put before when it is published.
      payload: isClear ? "" : `:${++this.#sequence}:${text}`,
      qos: this.qos(),
      retain,
      expirySeconds: random.chance(15)
        ? random.pick([1, 5, 30, 10_000])
        : undefined,
    };
  }

  #terms(who: string): Terms {
    const { random } = this;
    const isFaithful = this.#isFaithful;
    const expirySeconds = isFaithful
      ? FOREVER_SECONDS
      : random.pick([0, 3, 30, 600, 600, FOREVER_SECONDS, FOREVER_SECONDS]);
    return {
      level: random.pick([3, 4, 5, 5, 5] as const) satisfies Level,
      isClean: !isFaithful && random.chance(15),
      expirySeconds,
      keepAliveS: random.pick([0, 0, 5, 20]),
      receiveMaximum: random.pick([1, 2, 10, 65_535]),
      will: !random.chance(this.percentOfWills) ? undefined : {
        topic: random.pick(TOPICS),
        payload: `${who}:w${++this.#sequence}:`,
        qos: this.qos(),
        delaySeconds: random.pick([0, 1, 5, 40, 300, 300]),
      },
    };
  }
}

/** The world of `seed`. */
export function plotOf(seed: number): Plot {
  const random = new Random(seed);
  const setting: Setting = {
    inflightOutMax: random.pick([1, 3, 100]),
    queueQos0: random.chance(20),
    strategy: random.pick(
      ["round-robin", "least-inflight", "hash-client-id", "hash-topic"],
    ),
  };
  const plotter = new Plotter(random);
  const prologue = random.chance(plotter.percentOfWills > 50 ? 90 : 40)
    ? plotter.prologue()
    : [];
  const acts = random.list(8, 45, () => plotter.act());
  const epilogue = random.chance(30) ? plotter.epilogue() : [];
  return { seed, setting, acts: [...prologue, ...acts, ...epilogue] };
}

/** One act in a line. */
export function textOf(act: Act): string {
  const { afterMs, who, terms, seed, ...deed } = act;
  const { level, isClean, expirySeconds } = terms;
  const shown = deed.do === "publish"
    ? `publish ${deed.messages.map(publishText).join(", ")}`
    : JSON.stringify(deed).replace(/[{}"]/g, "");
  return `+${afterMs} ms ${who} (${level}${isClean ? " clean" : ""} ` +
    `${expirySeconds} s) ${shown} #${seed}`;
}

function publishText(publish: Publish): string {
  const { topic, payload, qos, retain, expirySeconds } = publish;
  const key = payload.slice(0, payload.lastIndexOf(":") + 1);
  return `${topic}=${key}${payload.length} QoS ${qos}` +
    `${retain ? " retained" : ""}` +
    `${expirySeconds === undefined ? "" : ` for ${expirySeconds} s`}`;
}
