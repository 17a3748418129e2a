/**
 * Puts a run of the load bench into the README:
 *
 *     deno task bench:load --mqtt 4,5 --json /tmp/run.json
 *     deno run -A bench/write_measured.ts /tmp/run.json
 *
 * The figures are kept in `bench/measured.json`, from which a test makes the
 * table again.
 */

import type { Result } from "../src/load/report.ts";
import { type Measured, withMeasured } from "./load/measured.ts";

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
  const measured = await measuredOf(JSON.parse(await Deno.readTextFile(file)));
  const text = JSON.stringify(measured, null, 2) + "\n";
  await Deno.writeTextFile(MEASURED, text);
  const readme = await Deno.readTextFile(README);
  await Deno.writeTextFile(README, withMeasured(readme, measured));
}

async function measuredOf(run: Run): Promise<Measured> {
  const rows = run.results.flatMap((result) => {
    const { scenario, contender, dialect, door } = result;
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
      ...(median.bytesPerIdler > 0
        ? { bytesPerIdler: Math.round(median.bytesPerIdler) }
        : {}),
    }];
  });
  return {
    date: run.date.slice(0, 10),
    machine: `${run.cores} cores of an ${await processor()}, Linux, loopback`,
    versions: run.versions,
    rows,
  };
}

async function processor(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo");
  return /model name\s*: (.*)/.exec(text)?.[1] ?? Deno.build.arch;
}
