/**
 * Lines over the last minutes, with the value of now beside its name; the
 * pointer shows that of another moment.
 *
 * @module
 */

import type { El } from "./browser_types.ts";
import type { Dom } from "./dom.ts";
import type { Kit } from "./kit.ts";
import type { Sample } from "./samples.ts";

/** A line. */
export interface Series {
  readonly name: string;
  of(sample: Sample): number;
}

/** What a chart shows. */
export interface ChartPlan {
  readonly title: string;
  /** At most two of them. */
  readonly series: readonly Series[];
  /** Whether the scale has steps of 1024. */
  readonly isBinary?: boolean;
  format(value: number): string;
}

/** Its text is part of the page: see `page.ts`. */
export class Chart {
  /** To be put into the page. */
  readonly element: El;
  readonly #dom: Dom;
  readonly #kit: Kit;
  readonly #plan: ChartPlan;
  readonly #values: readonly El[];
  readonly #lines: readonly El[];
  readonly #area: El;
  readonly #drawing: El;
  readonly #top: El;
  readonly #middle: El;
  readonly #when: El;
  readonly #cursor: El;
  /** In the drawing's own units: it is stretched. */
  readonly #width = 300;
  readonly #height = 100;
  #samples: readonly Sample[] = [];
  #nowMs = 0;
  /** Where the pointer is, from 0 to 1. */
  #pointed: number | undefined;

  /** @param plan What it shows. */
  constructor(kit: Kit, plan: ChartPlan) {
    const { dom } = kit;
    this.#kit = kit;
    this.#dom = dom;
    this.#plan = plan;
    this.#values = plan.series.map(() => dom.make("b", {}, "–"));
    this.#lines = plan.series.map((_, i) =>
      dom.draw("path", { class: `line series-${i}` })
    );
    this.#area = dom.draw("path", { class: "area series-0" });
    this.#cursor = dom.draw("path", { class: "cursor" });
    this.#top = dom.make("span", { class: "top" });
    this.#middle = dom.make("span", { class: "middle" });
    this.#when = dom.make("span", {}, "now");
    this.#drawing = this.#makeDrawing();
    this.element = this.#makeElement();
  }

  /** Draws the samples up to a time. */
  show(samples: readonly Sample[], nowMs: number): void {
    this.#samples = samples;
    this.#nowMs = nowMs;
    const { series, format } = this.#plan;
    const highest = Math.max(
      ...series.flatMap(({ of }) => samples.map((sample) => of(sample))),
      0,
    );
    const top = this.#roundTop(highest);
    const lines = series.map(({ of }) => this.#path(of, top));
    lines.forEach((d, i) => this.#lines[i]!.setAttribute("d", d));
    this.#area.setAttribute("d", this.#filled(lines[0]!));
    this.#dom.write(this.#top, format(top));
    this.#dom.write(this.#middle, format(top / 2));
    this.#tell();
  }

  #makeElement(): El {
    const { series, title } = this.#plan;
    const legend = series.map(({ name }, i) =>
      this.#dom.make(
        "span",
        { class: `key series-${i}` },
        name === "" ? undefined : `${name} `,
        this.#values[i]!,
      )
    );
    const ends = this.#dom.make(
      "div",
      { class: "ends", "aria-hidden": "true" },
      this.#dom.make("span", {}, "5 min ago"),
      this.#when,
    );
    return this.#dom.make(
      "section",
      { class: "chart" },
      this.#dom.make("h2", {}, title),
      this.#dom.make("div", { class: "legend" }, ...legend),
      this.#drawing,
      ends,
    );
  }

  #makeDrawing(): El {
    const grid = `M0 0.5H${this.#width}M0 ${this.#height / 2}H${this.#width}` +
      `M0 ${this.#height - 0.5}H${this.#width}`;
    const drawing = this.#dom.draw(
      "svg",
      {
        viewBox: `0 0 ${this.#width} ${this.#height}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      this.#dom.draw("path", { class: "grid", d: grid }),
      this.#area,
      ...this.#lines,
      this.#cursor,
    );
    return this.#dom.make(
      "div",
      {
        class: "plot",
        role: "img",
        onpointermove: ({ clientX }) => this.#point(clientX ?? 0),
        onpointerleave: () => this.#unpoint(),
      },
      drawing,
      this.#top,
      this.#middle,
    );
  }

  #point(clientX: number): void {
    const { left, width } = this.#drawing.getBoundingClientRect();
    this.#pointed = Math.min(1, Math.max(0, (clientX - left) / width));
    this.#tell();
  }

  #unpoint(): void {
    this.#pointed = undefined;
    this.#tell();
  }

  /** Writes the values of now, or of the moment that is pointed at. */
  #tell(): void {
    const sample = this.#pointed === undefined
      ? this.#samples.at(-1)
      : this.#nearest(this.#pointed);
    if (sample === undefined) return;
    const { series, format, title } = this.#plan;
    const texts = series.map(({ of }) => format(of(sample)));
    texts.forEach((text, i) => this.#dom.write(this.#values[i]!, text));
    const isNow = this.#pointed === undefined;
    const time = this.#kit.format.time(sample.atMs);
    this.#dom.write(this.#when, isNow ? "now" : `at ${time}`);
    const x = this.#x(sample).toFixed(1);
    this.#cursor.setAttribute("d", isNow ? "" : `M${x} 0V${this.#height}`);
    const names = series.map(({ name }, i) => `${name} ${texts[i]}`.trim());
    const label = `${title}: ${names.join(", ")}`;
    this.#drawing.setAttribute("aria-label", label);
  }

  #nearest(pointed: number): Sample | undefined {
    const { windowMs } = this.#kit.samples;
    const atMs = this.#nowMs - (1 - pointed) * windowMs;
    let nearest = this.#samples[0];
    for (const sample of this.#samples) {
      const isNearer = Math.abs(sample.atMs - atMs) <
        Math.abs(nearest!.atMs - atMs);
      if (isNearer) nearest = sample;
    }
    return nearest;
  }

  #x(sample: Sample): number {
    const ago = (this.#nowMs - sample.atMs) / this.#kit.samples.windowMs;
    return this.#width * (1 - ago);
  }

  #path(of: Series["of"], top: number): string {
    const points = this.#samples.map((sample) => {
      const y = this.#height * (1 - of(sample) / top);
      return `${this.#x(sample).toFixed(1)} ${y.toFixed(1)}`;
    });
    // A single point has no line: a short one is drawn.
    if (points.length === 1) return `M${points[0]}h-1`;
    return points.length === 0 ? "" : `M${points.join("L")}`;
  }

  #filled(line: string): string {
    if (this.#samples.length < 2) return "";
    const from = this.#x(this.#samples[0]!).toFixed(1);
    const to = this.#x(this.#samples.at(-1)!).toFixed(1);
    return `${line}L${to} ${this.#height}L${from} ${this.#height}Z`;
  }

  /** A round number with some room below it, so that it seldom changes. */
  #roundTop(highest: number): number {
    if (highest <= 0) return 1;
    const step = this.#plan.isBinary === true ? 1024 : 1000;
    let unit = 1;
    while (highest >= unit * step) unit *= step;
    if (highest < 1) unit = 10 ** Math.floor(Math.log10(highest));
    const tens = [1, 10, 100, 1000];
    const steps = tens.flatMap((
      ten,
    ) => [ten, 1.5 * ten, 2 * ten, 3 * ten, 5 * ten]);
    const found = steps.find((one) => one * unit >= highest * 1.05);
    return (found ?? 2 * step) * unit;
  }
}
