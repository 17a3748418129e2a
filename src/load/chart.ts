/**
 * The results as one self-contained SVG: bars of deliveries a second on a
 * logarithmic scale, and the latency of paced scenarios below. Light or dark
 * as the reader's system is. Pure.
 *
 * @module
 */

import { areCompared, type Result, speechOf } from "./report.ts";
import { latency } from "./table.ts";

/** What the chart says besides the bars. */
export interface ChartWords {
  /** What it shows. */
  readonly title: string;
  /** Under which circumstances. */
  readonly subtitle: string;
  /** Contenders by name, in the order of bars, with legend texts. */
  readonly legend: ReadonlyMap<string, string>;
}

interface Panel {
  readonly heading: string;
  readonly results: readonly Result[];
  value(result: Result): number;
  label(result: Result): string;
  tick(value: number): string;
}

const WIDTH = 920;
const BARS_LEFT = 170;
const BARS_RIGHT = 680;
const BAR_HEIGHT = 13;
const BAR_STEP = 16;
const GROUP_GAP = 14;
const LEGEND_COLUMNS = 3;
const LEGEND_STEP = 20;

const BUSY_MARK = "*";
const BUSY_NOTE = "* The load generator used nearly a whole core here: the " +
  "broker may be faster.";

/** Bar colours, apart from each other for the colour-blind too. */
const COLOURS: Record<string, string> = {
  "deno": "#0072b2",
  "bun": "#e69f00",
  "mosquitto": "#8a8f98",
  "aedes": "#cc79a7",
  "relay-deno": "#7fb8d8",
  "relay-bun": "#f0d08a",
  "url": "#009e73",
};

const STYLE = `
.page { fill: #ffffff; } text { fill: #24292f; font: 12px system-ui,
-apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.title { font-size: 17px; font-weight: 600; }
.heading { font-weight: 600; } .quiet { fill: #57606a; }
.number { font-size: 11px; paint-order: stroke; stroke: #ffffff;
stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: #d0d7de; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } text { fill: #e6edf3; } .quiet { fill: #9198a1; }
.grid { stroke: #30363d; } .number { stroke: #0d1117; } }`;

/** The chart. */
export function chart(results: readonly Result[], words: ChartWords): string {
  // What idle clients cost has no bars.
  const shown = results.filter(({ median }) =>
    median !== undefined && median.bytesPerIdler === 0
  );
  const isCompared = areCompared(results);
  const parts = [...header(words)];
  let y = 64 + LEGEND_STEP * Math.ceil(words.legend.size / LEGEND_COLUMNS);
  for (const each of [speedPanel(shown), latencyPanel(shown)]) {
    if (each.results.length === 0) continue;
    y = drawPanel(isCompared ? withDialects(each) : each, y + 32, parts);
  }
  if (shown.some(({ isGeneratorBusy }) => isGeneratorBusy)) {
    y += 28;
    parts.push(text(20, y, "quiet", BUSY_NOTE));
  }
  const height = y + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${escaped(words.title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function speedPanel(results: readonly Result[]): Panel {
  return {
    heading: "Messages delivered a second (logarithmic, longer is better)",
    results: results.filter(({ isPaced }) => !isPaced),
    value: ({ median }) => median?.deliveredPerSecond ?? 0,
    label({ median, ratio, isGeneratorBusy }) {
      const speed = amount(median?.deliveredPerSecond ?? 0);
      const busy = isGeneratorBusy ? BUSY_MARK : "";
      const isReference = ratio === 0 || ratio === 1;
      const times = isReference
        ? ""
        : `  (× ${ratio < 1 ? ratio.toFixed(2) : digits(ratio)})`;
      const lost = median?.lost ?? 0;
      const loss = lost > 0 ? `, ${amount(lost)} lost` : "";
      return `${speed}${busy}${times}${loss}`;
    },
    tick: (value) => amount(value).replace(/\.0+/, ""),
  };
}

function latencyPanel(results: readonly Result[]): Panel {
  return {
    heading: "p99 latency at a steady rate, ms (logarithmic, " +
      "shorter is better)",
    results: results.filter(({ isPaced }) => isPaced),
    value: ({ median }) => median?.p99Ms ?? 0,
    label({ median }) {
      const p50 = latency(median?.p50Ms ?? 0);
      const p999 = latency(median?.p999Ms ?? 0);
      const p99 = latency(median?.p99Ms ?? 0);
      return `${p99} ms  (p50 ${p50}, p99.9 ${p999})`;
    },
    tick: (value) => `${value} ms`,
  };
}

// A contender's bars have one colour, so their labels tell them apart.
function withDialects(panel: Panel): Panel {
  return {
    ...panel,
    label: (result) => `@${speechOf(result)}  ${panel.label(result)}`,
  };
}

function header({ title, subtitle, legend }: ChartWords): string[] {
  const parts = [text(20, 30, "title", title), text(20, 50, "quiet", subtitle)];
  for (const [index, [name, words]] of [...legend].entries()) {
    const x = 20 + (index % LEGEND_COLUMNS) * 270;
    const y = 64 + LEGEND_STEP * Math.floor(index / LEGEND_COLUMNS);
    parts.push(rectangle(x, y, 13, name), text(x + 19, y + 11, "", words));
  }
  return parts;
}

function drawPanel(panel: Panel, top: number, parts: string[]): number {
  const { results } = panel;
  const values = results.map((it) => Math.max(panel.value(it), 1e-3));
  const low = Math.floor(Math.log10(Math.min(...values)) - 0.1);
  const high = Math.max(Math.log10(Math.max(...values)), low + 1);
  const at = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
    return BARS_LEFT + share * (BARS_RIGHT - BARS_LEFT);
  };
  const bars: string[] = [];
  let y = top + 32;
  let scenario = "";
  for (const result of results) {
    if (result.scenario !== scenario) {
      if (scenario !== "") y += GROUP_GAP;
      scenario = result.scenario;
      bars.push(text(20, y + 11, "", scenario));
    }
    const end = at(panel.value(result));
    const width = Math.max(2, end - BARS_LEFT);
    bars.push(
      rectangle(BARS_LEFT, y, width, result.contender),
      text(BARS_LEFT + width + 6, y + 10.5, "number", panel.label(result)),
    );
    y += BAR_STEP;
  }
  parts.push(text(20, top, "heading", panel.heading));
  for (let power = low; power <= high; power++) {
    parts.push(gridLine(at(10 ** power), top + 24, y, panel.tick(10 ** power)));
  }
  parts.push(...bars);
  return y;
}

function gridLine(x: number, top: number, end: number, label: string): string {
  return `<path class="grid" d="M${round(x)} ${top}V${end}"/>` +
    `<text class="quiet number" x="${round(x)}" y="${top - 4}" ` +
    `text-anchor="middle">${escaped(label)}</text>`;
}

function rectangle(
  x: number,
  y: number,
  width: number,
  contender: string,
): string {
  const colour = COLOURS[contender] ?? "#009e73";
  return `<rect x="${x}" y="${y}" width="${round(width)}" ` +
    `height="${BAR_HEIGHT}" rx="2" fill="${colour}"/>`;
}

function text(x: number, y: number, kind: string, words: string): string {
  const attribute = kind === "" ? "" : ` class="${kind}"`;
  return `<text${attribute} x="${round(x)}" y="${y}">${escaped(words)}</text>`;
}

/** A number in three digits and a unit: 1.23 M. */
function amount(value: number): string {
  if (value >= 1e6) return `${digits(value / 1e6)} M`;
  if (value >= 1e3) return `${digits(value / 1e3)} k`;
  return digits(value);
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
}
