/**
 * Puts a run of the load bench into the README:
 *
 *     deno task bench:load --mqtt 4,5 --json /tmp/run.json
 *     deno run -A bench/write_measured.ts /tmp/run.json
 *
 * What it has of the scenarios that begin with `durable_` becomes a table of
 * its own. One of the two stays as it was where a run has only the other:
 *
 *     deno task bench:load --scenario ^durable_ \\
 *       --broker deno,bun,mosquitto --json /tmp/durable.json
 *
 * The figures are kept in `bench/measured.json`, from which a test makes the
 * tables again.
 */

import type { Result } from "../src/load/report.ts";
import { isDurable } from "./load/durable_table.ts";
import { machineText } from "./load/machine.ts";
import { type Measured, type Saved, withMeasured } from "./load/measured.ts";

interface Run {
  date: string;
  cores: number;
  versions: Record<string, string>;
  results: Result[];
}

const README = new URL("../README.md", import.meta.url);
const MEASURED = new URL("measured.json", import.meta.url);

if (import.meta.main) {
  const [file] = Deno.args;
  if (file === undefined) {
    console.error("usage: deno run -A bench/write_measured.ts RUN.json");
    Deno.exit(2);
  }
  const run: Run = JSON.parse(await Deno.readTextFile(file));
  const before: Saved = JSON.parse(await Deno.readTextFile(MEASURED));
  const saved = await savedOf(run, before);
  await Deno.writeTextFile(MEASURED, JSON.stringify(saved, null, 2) + "\n");
  const readme = await Deno.readTextFile(README);
  await Deno.writeTextFile(README, withMeasured(readme, saved));
}

/** A part of which the run has nothing stays as it was. */
async function savedOf(run: Run, before: Saved): Promise<Saved> {
  const { results } = run;
  const kept = results.filter(isDurable);
  const others = results.filter((result) => !isDurable(result));
  const { durable, written, ...rest } = before;
  const parts = {
    ...(others.length === 0
      ? rest
      : await measuredOf({ ...run, results: others })),
    ...(written && { written }),
  };
  if (kept.length > 0) {
    return { ...parts, durable: await measuredOf({ ...run, results: kept }) };
  }
  return durable === undefined ? parts : { ...parts, durable };
}

async function measuredOf(run: Run): Promise<Measured> {
  const rows = run.results.flatMap((result) => {
    const { scenario, contender, dialect, door, setting } = result;
    const { median, isGeneratorBusy } = result;
    if (median === undefined) return [];
    const { deliveredPerSecond, lost, cpuUsPerMessage } = median;
    return [{
      scenario,
      contender,
      dialect,
      door,
      deliveredPerSecond: Math.round(deliveredPerSecond),
      ratio: Number(result.ratio.toFixed(2)),
      ownRatio: Number(result.ownRatio.toFixed(2)),
      lost,
      p99Ms: Number(median.p99Ms.toPrecision(3)),
      p999Ms: Number(median.p999Ms.toPrecision(3)),
      cpuUsPerMessage: Number(cpuUsPerMessage.toPrecision(3)),
      isGeneratorBusy,
      ...(isDurable(result) && {
        setting,
        sentPerSecond: Math.round(median.sentPerSecond),
        p50Ms: Number(median.p50Ms.toPrecision(3)),
      }),
      ...(median.bytesPerIdler > 0
        ? { bytesPerIdler: Math.round(median.bytesPerIdler) }
        : {}),
    }];
  });
  return {
    date: run.date.slice(0, 10),
    machine: `${await machineText(run.cores)}, loopback`,
    versions: run.versions,
    rows,
  };
}
