/**
 * A broker's process in the simulated world: the pure core on the real
 * store, from its start to a power cut or an orderly end.
 */

import type { Logger } from "../../src/base/logger.ts";
import { Core } from "../../src/broker/core.ts";
import { closeAllConnections } from "../../src/broker/disconnect.ts";
import { type Door, plainDoor } from "../../src/broker/door.ts";
import { checkInvariants } from "../../src/broker/invariants.ts";
import type { Limits } from "../../src/broker/limits.ts";
import { type BrokerOptions, optionsWith } from "../../src/broker/options.ts";
import type { Store } from "../../src/session/store.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import type { Random } from "../fuzz/random.ts";
import type { Agenda } from "./agenda.ts";
import type { SimDisk } from "./sim_disk.ts";
import type { Host, SimLink } from "./sim_link.ts";

export interface ProcessOptions {
  readonly agenda: Agenda;
  readonly disk: SimDisk;
  readonly limits: Partial<Limits>;
  readonly broker: Partial<Omit<BrokerOptions, "limits" | "features">>;
  /** For mutants: what is between the core and its store. */
  readonly spoil?: ((store: Store) => Store) | undefined;
  /** Told before bytes leave. */
  readonly sends: () => void;
  /** Takes log lines. */
  readonly log: (line: string) => void;
}

export class SimProcess implements Host {
  readonly core: Core;
  readonly door: Door = plainDoor("sim");
  isDead = false;
  /** Whether it listens. */
  isOpen = true;
  readonly links = new Set<SimLink>();
  readonly #options: ProcessOptions;
  readonly #store: SqliteStore;
  /** The clocks of two processes have nothing to do with each other. */
  readonly #aheadMs: number;
  #fault = "";

  constructor(options: ProcessOptions, random: Random) {
    this.#options = options;
    const { agenda, disk, spoil } = options;
    this.#aheadMs = random.below(1_000_000) - agenda.nowMs;
    const logger: Logger = {
      enabled: () => true,
      log: (level, event, message, fields) => {
        const stack = fields["stack"];
        if (stack !== undefined) this.#fault = String(stack);
        if (level !== "info") options.log(`broker: ${event}: ${message}`);
      },
    };
    this.#store = disk.open(() => this.nowMs, logger);
    this.core = new Core(
      optionsWith({
        ...options.broker,
        hooks: {
          onDisconnect: ({ address }) => {
            for (const link of this.links) {
              if (link.address === address) link.ended();
            }
          },
        },
        limits: options.limits,
        store: spoil?.(this.#store) ?? this.#store,
        logger,
        hashSeed: 7,
        newClientId: () => "nobody",
      }),
      this.nowMs,
    );
  }

  get nowMs(): number {
    return this.#options.agenda.nowMs + this.#aheadMs;
  }

  /** When it has something to do, by the world's clock. */
  get nextMs(): number {
    if (this.isDead) return Infinity;
    const { agenda } = this.#options;
    const dueMs = this.core.nextDeadlineMs - this.#aheadMs;
    return Math.max(dueMs, agenda.nowMs);
  }

  tick(): void {
    this.core.tick(this.nowMs);
  }

  sends(): void {
    this.#options.sends();
  }

  /** The power goes. */
  cut(random: Random): void {
    if (this.isDead) return;
    this.#die();
    this.#options.disk.cut(this.#store, random);
  }

  /** It ends in good order; calls `done` when it has. */
  stop(done: () => void): void {
    this.isOpen = false;
    this.core.nowMs = this.nowMs;
    closeAllConnections(this.core, "the broker stops");
    this.core.endTurn();
    this.#store.close(() => {
      if (this.isDead) return;
      this.#die();
      done();
    });
  }

  /** Fails when something went wrong inside. */
  check(): void {
    if (this.#fault !== "") throw new Error(`inside: ${this.#fault}`);
    const { protocolErrors } = this.core.counters;
    if (protocolErrors > 0) throw new Error("a protocol error");
    if (!this.isDead) checkInvariants(this.core);
  }

  #die(): void {
    this.isDead = true;
    this.isOpen = false;
    for (const link of this.links) link.hostGone();
  }
}
