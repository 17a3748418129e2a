/**
 * The simulated world whose power goes at every kind of moment: clients of
 * all versions around the real core on the real durable store, on a
 * simulated network and disk. It plays a plot to its end; then everybody
 * comes back, and the books say whether every promise was kept.
 */

import { Random } from "../fuzz/random.ts";
import type { Store } from "../../src/session/store.ts";
import { Agenda } from "./agenda.ts";
import { Book, type Course } from "./book.ts";
import { checkLeaks, checkRetained } from "./last_look.ts";
import { onMachine } from "./machine.ts";
import { type Act, CLIENTS, type Moment, type Plot } from "./plot.ts";
import { type Database, SimDisk } from "./sim_disk.ts";
import { SimLink } from "./sim_link.ts";
import { SimProcess } from "./sim_process.ts";
import { FOREVER_SECONDS, type Terms } from "./tongue.ts";
import { type Around, Traveller } from "./traveller.ts";

/** A power cut: when, how long, and how often in a row. */
interface PowerCut {
  readonly at: Moment;
  count: number;
  readonly offMs: number;
  readonly times: number;
}

/** What is broken on purpose. */
export interface Mutant {
  readonly name: string;
  /** The seed from which on it is looked for, when it is a rare one. */
  readonly from?: number;
  /** Between the core and its store. */
  readonly store?: (store: Store) => Store;
  /** Between the store's thread and its file. */
  readonly database?: (database: Database) => Database;
}

export interface PlayOptions {
  readonly mutant?: Mutant;
  /** Takes lines on what happens. */
  readonly log?: (line: string) => void;
}

/** At the end: how everybody comes back. */
export const AT_LAST: Terms = {
  level: 5,
  isClean: false,
  expirySeconds: FOREVER_SECONDS,
  keepAliveS: 0,
  receiveMaximum: 65_535,
  will: undefined,
};

const CALM_MS_MAX = 600_000;

export class PowerWorld implements Around, Course {
  readonly agenda = new Agenda();
  readonly book: Book;
  readonly travellers = new Map<string, Traveller>();
  readonly disk: SimDisk;
  /** See `Course`. */
  startedMs = 0;
  process: SimProcess | undefined;
  readonly #plot: Plot;
  readonly #options: PlayOptions;
  /** When broker or disk were not well: from, to. */
  readonly #troubles: [number, number][] = [];
  /** When a broker ended, one way or the other. */
  readonly #ends: number[] = [];
  /** A power cut that waits for its moment. */
  #armed: PowerCut | undefined;
  #isEnding = false;
  #random: Random;
  #sequence = 0;

  constructor(plot: Plot, options: PlayOptions) {
    this.#plot = plot;
    this.#options = options;
    this.#random = new Random(plot.seed);
    const { agenda } = this;
    this.disk = new SimDisk({
      agenda,
      seed: plot.seed,
      at: (moment) => this.#moment(moment),
      spoil: options.mutant?.database,
    });
    this.book = new Book(agenda, this);
    for (const clientId of CLIENTS) {
      this.travellers.set(clientId, new Traveller(this, clientId));
    }
  }

  /** Plays all of it; throws when a promise was broken. */
  play(): void {
    this.start();
    for (const act of this.#plot.acts) {
      this.pass(act.afterMs);
      this.#random = new Random(act.seed);
      this.log(() => `--- ${act.do} ${act.who}`);
      this.#perform(act);
    }
    this.#calmDown();
    this.book.wills.settle();
    this.book.messages.settle();
    checkRetained(this);
    checkLeaks(this);
  }

  /** Time passes, and all happens that is due meanwhile. */
  pass(ms: number): void {
    const { agenda } = this;
    const untilMs = agenda.nowMs + ms;
    for (;;) {
      const tickMs = this.process?.nextMs ?? Infinity;
      const nextMs = Math.min(tickMs, agenda.nextMs);
      if (nextMs > untilMs) break;
      if (tickMs <= agenda.nextMs) {
        agenda.nowMs = tickMs;
        this.process!.tick();
      } else agenda.runNext();
    }
    agenda.nowMs = untilMs;
    this.process?.check();
  }

  /** See `Around`. */
  dial(traveller: Traveller): SimLink | undefined {
    const { agenda, process } = this;
    if (process === undefined || !process.isOpen) return undefined;
    const seed = this.#random.below(1e9);
    const link = new SimLink(agenda, process, traveller, seed);
    process.links.add(link);
    return link;
  }

  /** See `Around`: one that is to be kept. */
  hasSession(clientId: string): boolean {
    const session = this.process!.core.sessions.get(clientId);
    return session?.persistent === true;
  }

  /** See `Around`. */
  log(line: () => string): void {
    this.#options.log?.(`${this.agenda.nowMs} ms  ${line()}`);
  }

  start(): void {
    const { setting } = this.#plot;
    const { inflightOutMax, queueQos0, strategy: shareStrategy } = setting;
    this.startedMs = this.agenda.nowMs;
    this.log(() => "the broker starts");
    this.process = new SimProcess({
      agenda: this.agenda,
      disk: this.disk,
      limits: {
        inflightOutMax,
        routeCacheMax: 64,
        reconnectsMax: 1_000_000,
      },
      broker: { queueQos0, shareStrategy },
      spoil: this.#options.mutant?.store,
      sends: () => this.#moment("bytes leave"),
      log: (line) => this.log(() => line),
    }, this.#random);
  }

  [Symbol.dispose](): void {
    this.disk[Symbol.dispose]();
  }

  #perform(act: Act): void {
    const traveller = this.travellers.get(act.who)!;
    const { terms } = act;
    switch (act.do) {
      case "publish":
        return traveller.when(terms, () => this.#publish(traveller, act));
      case "subscribe":
        return traveller.when(
          terms,
          () => traveller.subscribe(act.filter, act.qos),
        );
      case "unsubscribe":
        return traveller.when(terms, () => traveller.unsubscribe(act.filter));
      case "connect":
        return traveller.connect(terms);
      case "leave":
        return traveller.leave(act.reason, act.expirySeconds);
      case "hang up":
        return traveller.hangUp();
      case "vanish":
        return traveller.vanish();
      case "break":
        return traveller.link?.sever();
      case "answer":
        return traveller.answer(act.most);
      case "be lazy":
        traveller.isLazy = true;
        return;
      case "be diligent":
        return this.#beDiligent(traveller);
      default:
        this.#performOnMachine(act);
    }
  }

  #performOnMachine(act: Act): void {
    const { disk, agenda } = this;
    switch (act.do) {
      case "slow disk":
        disk.slowMs = act.ms;
        return;
      case "failing disk":
        disk.isFailing = true;
        // It takes up to 5 s until the store tries again.
        this.#trouble(act.ms + 6_000);
        agenda.in(act.ms, () => disk.isFailing = false);
        return;
      case "stop":
        return this.#stop(act.offMs);
      case "power cut":
        this.#armed = { ...act };
        if (act.at === "now") this.#cut();
    }
  }

  #publish(traveller: Traveller, act: Act): void {
    if (act.do !== "publish") return;
    const { clientId } = traveller;
    for (const publish of act.messages) {
      const { payload } = publish;
      const whole = payload === "" ? "" : clientId + payload;
      const named = { ...publish, payload: whole };
      if (traveller.terms!.level < 5) named.expirySeconds = undefined;
      const sequence = ++this.#sequence;
      const { messages } = this.book;
      traveller.publish(named, messages.begin(clientId, sequence, named));
    }
  }

  #beDiligent(traveller: Traveller): void {
    traveller.isLazy = false;
    traveller.answer(Infinity);
  }

  /** Something happens at which the power may go. */
  #moment(moment: Moment): void {
    const armed = this.#armed;
    if (armed?.at !== moment || --armed.count > 0) return;
    this.#cut();
  }

  #cut(): void {
    const { offMs, times } = this.#armed!;
    this.#armed = undefined;
    const { process } = this;
    if (process === undefined || process.isDead) return;
    this.log(() => `the power goes, for ${offMs} ms`);
    process.cut(this.#random);
    process.check();
    this.#comeBack(offMs, times - 1);
  }

  #stop(offMs: number): void {
    const { process } = this;
    if (process === undefined || !process.isOpen) return;
    this.#trouble(0);
    process.stop(() => this.#comeBack(offMs));
  }

  /** It starts when it was off for so long, and may go again at once. */
  #comeBack(offMs: number, times = 0): void {
    const ms = this.#isEnding ? 0 : offMs;
    this.#ends.push(this.agenda.nowMs);
    this.#trouble(ms);
    this.process = undefined;
    this.agenda.in(ms, () => {
      this.start();
      if (times === 0 || this.#isEnding) return;
      this.#armed = { at: "now", count: 1, offMs, times };
      this.#cut();
    });
  }

  /** From now on for so long not all is well. */
  #trouble(ms: number): void {
    const { nowMs } = this.agenda;
    this.#troubles.push([nowMs, nowMs + ms]);
  }

  /** See `Course`. */
  wasWell(fromMs: number, toMs: number): boolean {
    return !this.#troubles.some(([from, to]) => from <= toMs && to >= fromMs);
  }

  /** See `Course`. */
  endedMs(fromMs: number): number {
    return this.#ends.find((endMs) => endMs >= fromMs) ?? Infinity;
  }

  /** Everybody comes back, and answers until nothing is left. */
  #calmDown(): void {
    const { disk } = this;
    this.#armed = undefined;
    this.#isEnding = true;
    disk.slowMs = 0;
    disk.isFailing = false;
    this.log(() => "--- calm");
    while (this.process === undefined) this.pass(100_000);
    this.pass(10_000);
    for (const traveller of this.travellers.values()) {
      this.#beDiligent(traveller);
      traveller.connect(AT_LAST);
    }
    const endMs = this.agenda.nowMs + CALM_MS_MAX;
    while (!this.#isCalm()) {
      this.pass(500);
      for (const traveller of this.travellers.values()) {
        if (traveller.phase === "off") traveller.connect(AT_LAST);
      }
      if (this.agenda.nowMs > endMs) {
        throw new Error("they never come to an end");
      }
    }
    this.pass(2_000);
  }

  #isCalm(): boolean {
    for (const traveller of this.travellers.values()) {
      if (!traveller.isSettled) return false;
    }
    const { sessions } = this.process!.core;
    for (const { hasWaiting, inflightSize } of sessions.values()) {
      if (hasWaiting || inflightSize > 0) return false;
    }
    return true;
  }
}

/** Plays a world; throws when a promise was broken. */
export function play(plot: Plot, options: PlayOptions = {}): void {
  using world = new PowerWorld(plot, options);
  onMachine(world.disk, () => world.play());
}
