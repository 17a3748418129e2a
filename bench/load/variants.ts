/**
 * The scenarios as they are measured side by side: each in its dialects,
 * behind several doors, and where it has to do with what is kept, with state
 * in memory and on disk. Only names.
 */

import type { Dialect } from "../../src/load/dialects.ts";
import type { Load, Scenario, Sessions } from "../../src/load/scenarios.ts";
import { type Door, OPEN_TCP } from "./doors.ts";

/** A protocol level that brokers are measured at: 3.1.1 is 4. */
export type Level = 4 | 5;

export const LEVELS: readonly Level[] = [4, 5];

/** Where the broker keeps its state, and what goes on beside. */
export interface Setting {
  /** Stands behind a door's name: `deno@4+disk`. */
  readonly name: string;
  readonly isDurable: boolean;
  /** Whether messages are queued on disk meanwhile, as fast as it goes. */
  readonly isFlooded: boolean;
}

/** A scenario as it is run: in a dialect, behind a door, with a setting. */
export interface Variant extends Load {
  readonly door: Door;
  readonly setting: Setting;
}

export const IN_MEMORY: Setting = {
  name: "",
  isDurable: false,
  isFlooded: false,
};

export const ON_DISK: Setting = {
  name: "+disk",
  isDurable: true,
  isFlooded: false,
};

export const FLOODED: Setting = {
  name: "+disk+flood",
  isDurable: true,
  isFlooded: true,
};

/** The one that is measured with a flood beside it, and without. */
const BESIDE_FLOOD = "durable_paced5k_qos0";

/** The scenario that floods. */
export const FLOOD = "durable_queue50";

/** Others are set against the first. */
const SETTINGS: Readonly<Record<Sessions, readonly Setting[]>> = {
  clean: [IN_MEMORY],
  kept: [IN_MEMORY, ON_DISK],
  away: [ON_DISK],
};

/** The scenario in each of its dialects of the levels, behind each door. */
export function variantsOf(
  scenario: Scenario,
  levels: readonly Level[],
  doors: readonly Door[] = [OPEN_TCP],
): Variant[] {
  const settings = settingsOf(scenario);
  return scenario.dialects
    .filter((dialect) => isAt(levels, dialect))
    .flatMap((dialect) =>
      doors.flatMap((door) =>
        settings.map((setting) => ({ ...scenario, dialect, door, setting }))
      )
    );
}

function settingsOf({ name, sessions }: Scenario): readonly Setting[] {
  return name === BESIDE_FLOOD ? [ON_DISK, FLOODED] : SETTINGS[sessions];
}

function isAt(levels: readonly Level[], { level }: Dialect): boolean {
  return levels.some((each) => each === level);
}

/** Whether bytes sent by publisher n go to subscriber n and no one else. */
export function isPairwise(scenario: Scenario): boolean {
  return scenario.publishers === scenario.subscribers &&
    scenario.publishers > 0 && scenario.sessions === "clean" &&
    scenario.fanout === 1 && scenario.topics === 0;
}
