/**
 * `broker bench`: puts a broker under load and tells what comes of it.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { chart } from "../load/chart.ts";
import { generate } from "../load/generator.ts";
import type { Target } from "../load/link.ts";
import {
  type Progress,
  silentProgress,
  toldProgress,
} from "../load/progress.ts";
import { isBusy, medianSample, type Result } from "../load/report.ts";
import { rate, table } from "../load/table.ts";
import type { OnProgress, Sample } from "../load/tally.ts";
import { addressText, DialError, dialFault } from "../net/dial_address.ts";
import { BENCH_CONNECT_FLAGS, benchFlags } from "./bench_flags.ts";
import { benchPage } from "./bench_help.ts";
import {
  type BenchLoad,
  type BenchSettings,
  defaultBenchSettings,
  loadsOf,
} from "./bench_settings.ts";
import { checkStdin } from "./client_arguments.ts";
import { connectPage } from "./client_help.ts";
import { planClient } from "./client_plan.ts";
import {
  EXIT_DONE,
  EXIT_FAILED,
  page,
  runToEnd,
  signalHandler,
  type Voice,
} from "./client_run.ts";
import { takeFlags } from "./flag_words.ts";
import type { HostProcess } from "./host_process.ts";
import { quoted, UsageError } from "./usage_error.ts";

const ID_PREFIX = "bench-";

/**
 * Runs the command, which ends the process.
 *
 * @param args The arguments behind `bench`.
 */
export async function benchCommand(
  host: HostProcess,
  args: readonly string[],
): Promise<void> {
  await runToEnd(host, "bench", async (voice) => {
    const settings = defaultBenchSettings();
    const kind = takeFlags("bench", benchFlags(), settings, args);
    if (kind === "help") return page(host, benchPage());
    if (kind === "help_connect") {
      return page(host, connectPage("bench", BENCH_CONNECT_FLAGS));
    }
    if (settings.isQuiet) voice.hush();
    return await new Bench(host, settings, voice).run();
  });
}

/** One run of the command. */
class Bench {
  readonly #host: HostProcess;
  readonly #settings: BenchSettings;
  readonly #say: Voice["say"];
  /** Whether to go on, load after load. */
  readonly #stop = new AbortController();

  constructor(host: HostProcess, settings: BenchSettings, { say }: Voice) {
    this.#host = host;
    this.#settings = settings;
    this.#say = say;
  }

  /** Returns the exit code. */
  async run(): Promise<number> {
    const settings = this.#settings;
    const loads = loadsOf(settings);
    if (settings.topics.length > 0) {
      throw new UsageError("a load has topics of its own: no topic in --url");
    }
    checkStdin(settings);
    const target = await this.#target();
    const onSignal = signalHandler(this.#host);
    onSignal(() => this.#stop.abort());
    const outlet = {
      isTerminal: this.#host.isStderrTerminal(),
      say: (text: string) => this.#host.print(text, "stderr"),
    };
    const progress = settings.isQuiet
      ? silentProgress()
      : toldProgress(outlet, loads.length * settings.runs);
    const results: Result[] = [];
    for (const load of loads) {
      if (this.#stop.signal.aborted) break;
      results.push(await this.#result(target, load, progress));
    }
    progress.done();
    return await this.#tell(results, addressText(target.address));
  }

  async #target(): Promise<Target> {
    const settings = this.#settings;
    const { address, connect } = await planClient(
      "bench",
      settings,
      this.#host,
    );
    const { userName, password } = connect;
    const { clientIdPrefix: idPrefix = ID_PREFIX } = settings;
    const login = { userName, password };
    return { address, protocol: "mqtt", login, idPrefix };
  }

  async #result(
    target: Target,
    load: BenchLoad,
    progress: Progress,
  ): Promise<Result> {
    const contender = addressText(target.address);
    const samples: Sample[] = [];
    let fault: string | undefined;
    const { runs } = this.#settings;
    for (let run = 1; run <= runs && !this.#stop.signal.aborted; run++) {
      const phase = runs === 1 ? "" : `run ${run} of ${runs}`;
      progress.step(load.name, contender, phase);
      try {
        const sample = await this.#sample(target, load, progress);
        samples.push(sample);
        progress.result(sample);
      } catch (error) {
        if (error instanceof DialError) throw error;
        fault = dialFault(error);
        break;
      }
    }
    const median = medianSample(samples);
    return {
      scenario: load.name,
      contender,
      dialect: load.dialect.name,
      door: "",
      setting: "",
      isPaced: load.ratePerSecond > 0,
      median,
      samples,
      ratio: 0,
      ownRatio: 1,
      isGeneratorBusy: isBusy(median),
      fault,
    };
  }

  async #sample(
    target: Target,
    load: BenchLoad,
    progress: Progress,
  ): Promise<Sample> {
    const { sendMs } = load;
    const stop = new AbortController();
    const end = () => stop.abort();
    this.#stop.signal.addEventListener("abort", end);
    if (this.#stop.signal.aborted) end();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const told = this.#teller(load, progress);
    const onProgress: OnProgress = (done, expected) => {
      if (sendMs !== undefined) timer ??= setTimeout(end, sendMs);
      told(done, expected);
    };
    const subject = { target, stop: stop.signal, runMsMax: Infinity };
    try {
      return await generate(load, subject, onProgress);
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", end);
    }
  }

  /** Tells how far it is, in messages a second and against the end. */
  #teller(load: BenchLoad, progress: Progress): OnProgress {
    const { sendMs } = load;
    const { isQuiet } = this.#settings;
    let beganMs: number | undefined;
    return (done, expected) => {
      const nowMs = performance.now();
      if (beganMs === undefined) {
        beganMs = nowMs;
        const isLine = !isQuiet && !this.#host.isStderrTerminal();
        if (isLine) this.#say(`${load.name}: all clients are connected`);
      }
      const ms = Math.max(1, nowMs - beganMs);
      const share = sendMs === undefined ? done / expected : ms / sendMs;
      progress.tick(Math.min(1, share), `${rate(done * 1000 / ms)}/s`);
    };
  }

  async #tell(results: readonly Result[], broker: string): Promise<number> {
    const { wantsJson, svgFile } = this.#settings;
    const { runtime } = this.#host;
    const date = new Date().toISOString();
    const text = wantsJson
      ? JSON.stringify({ date, broker, generator: runtime, results }, null, 2)
      : table(results, "");
    this.#host.print(`${text}\n`, "stdout");
    if (svgFile !== undefined) await write(svgFile, results, broker, runtime);
    return this.#codeOf(results);
  }

  /** What was lost at QoS 0 was allowed to be. */
  #codeOf(results: readonly Result[]): number {
    let code = EXIT_DONE;
    const loads = new Map(loadsOf(this.#settings).map((it) => [it.name, it]));
    for (const { scenario, fault, median } of results) {
      if (fault !== undefined) {
        this.#say(`${scenario}: ${fault}`);
        code = EXIT_FAILED;
      }
      const { lost = 0 } = median ?? {};
      if (lost <= 0 || loads.get(scenario)!.qos === 0) continue;
      this.#say(`${scenario}: ${rate(lost)} messages were lost`);
      code = EXIT_FAILED;
    }
    return code;
  }
}

async function write(
  file: string,
  results: readonly Result[],
  broker: string,
  runtime: string,
): Promise<void> {
  const image = chart(results, {
    title: `Load on ${broker}`,
    subtitle: `made by broker bench on ${runtime}`,
    legend: new Map([[broker, broker]]),
  });
  try {
    await writeFile(file, image);
  } catch (cause) {
    const message = `--svg ${quoted(file)} can't be written`;
    throw new UsageError(message, { cause });
  }
}
