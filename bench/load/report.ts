/**
 * From rows of runs to one result each: medians, the ratios to the reference
 * and to the same contender without what the row adds, and whether the load
 * generator may have been what was measured. Pure.
 */

import { isBusy, medianSample, type Result } from "../../src/load/report.ts";
import type { Sample } from "../../src/load/tally.ts";
import { doorName } from "./doors.ts";
import type { Row } from "./measure.ts";
import type { Variant } from "./variants.ts";

/** The contender that ratios are taken against. */
export function referenceOf(contenders: readonly string[]): string {
  const [first = ""] = contenders;
  return contenders.includes("mosquitto") ? "mosquitto" : first;
}

export function summarize(rows: readonly Row[], reference: string): Result[] {
  return rows.map(({ variant, contender, samples, fault }) => {
    const peers = rows.filter((row) => row.variant.name === variant.name);
    const other = peers.find((row) =>
      row.contender === reference && row.variant.dialect === variant.dialect &&
      doorName(row.variant.door) === doorName(variant.door) &&
      row.variant.setting === variant.setting
    );
    const own = peers.filter((row) => row.contender === contender);
    const median = medianSample(samples);
    return {
      scenario: variant.name,
      contender,
      dialect: variant.dialect.name,
      door: doorName(variant.door),
      setting: variant.setting.name,
      isPaced: variant.ratePerSecond > 0,
      median,
      samples,
      ratio: ratioOf(median, other),
      ownRatio: ratioOf(median, plainerRow(variant, own)),
      isGeneratorBusy: isBusy(median),
      fault,
    };
  });
}

/**
 * The one among a contender's rows that lacks only what this one adds: what
 * the setting has, or else the guard, or else the transport, or else what the
 * dialect has.
 */
function plainerRow(variant: Variant, own: readonly Row[]): Row | undefined {
  const [first] = own;
  const { transport, isGuarded } = variant.door;
  if (variant.setting !== first?.variant.setting) {
    return own.find(({ variant: { dialect, door, setting } }) =>
      dialect === variant.dialect && setting === first?.variant.setting &&
      doorName(door) === doorName(variant.door)
    );
  }
  const firstTransport = first?.variant.door.transport;
  if (!isGuarded && transport === firstTransport) return first;
  const wanted = isGuarded ? transport : firstTransport;
  return own.find(({ variant: { dialect, door } }) =>
    dialect === variant.dialect && door.transport === wanted && !door.isGuarded
  );
}

function ratioOf(median: Sample | undefined, other: Row | undefined): number {
  const base = medianSample(other?.samples ?? [])?.deliveredPerSecond ?? 0;
  return base > 0 ? (median?.deliveredPerSecond ?? 0) / base : 0;
}
