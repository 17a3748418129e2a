/**
 * How fast the page is there, and whether ten thousand clients hold it up.
 * Times are told, not judged: a test machine has other things to do.
 */

import { assert, assertEquals } from "@std/assert";
import { dashboardPage } from "../../src/dashboard/page.ts";
import { Browser } from "../support/browser.ts";
import { isAbsent } from "../support/tools.ts";
import { Visitor } from "../support/visitor.ts";
import { FakeApi, SECRET } from "./fake_api.ts";

Deno.test({
  name: "the page is painted, and lists are pages of at most 100 rows",
  ignore: isAbsent("chromium"),
  async fn() {
    await using api = new FakeApi();
    await using browser = await Browser.start();
    const page = await browser.open(api.url);
    const visitor = new Visitor(page);
    await visitor.see("Secret");
    const paintMs = await page.evaluate(firstPaintMs, undefined);
    assert(paintMs > 0);
    await page.evaluate(watchLongTasks, undefined);
    await visitor.fill("Secret", SECRET);
    await visitor.press("Log in");
    await visitor.press("Clients");
    await visitor.see("1–100 of 10,000");
    for (let i = 2; i <= 10; i++) {
      await visitor.press("Next");
      await visitor.see(`${i - 1}01–${i === 10 ? "1,000" : `${i}00`} of`);
    }
    const { rows, longestMs } = await page.evaluate(rowsAndTasks, undefined);
    assertEquals(rows, 100);
    const kilobytes = (dashboardPage().body.length / 1000).toFixed(1);
    console.log(
      `page ${kilobytes} kB, first paint ${paintMs.toFixed(0)} ms, ` +
        `longest task over ten pages of clients ${longestMs.toFixed(0)} ms`,
    );
  },
});

/** In the page: from the request to the first text on the screen. */
function firstPaintMs(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const [entry] = list.getEntriesByName("first-contentful-paint");
      if (entry !== undefined) resolve(entry.startTime);
    }).observe({ type: "paint", buffered: true });
  });
}

interface Watched {
  longestMs: number;
  document: { querySelectorAll(selector: string): { length: number } };
}

/** In the page: the browser tells of what takes longer than 50 ms. */
function watchLongTasks(): void {
  const watched = globalThis as unknown as Watched;
  watched.longestMs = 0;
  new PerformanceObserver((list) => {
    const durations = list.getEntries().map(({ duration }) => duration);
    watched.longestMs = Math.max(watched.longestMs, ...durations);
  }).observe({ type: "longtask" });
}

function rowsAndTasks(): { rows: number; longestMs: number } {
  const { document, longestMs } = globalThis as unknown as Watched;
  const rows = document.querySelectorAll("tbody tr").length;
  return { rows, longestMs };
}
