/**
 * Each screen in Chromium, in light and dark, on a desktop and a phone: what
 * is on it, whether axe finds its contrasts, names and roles right, whether
 * it fits, and that names which would do harm are text.
 *
 * `DASHBOARD_PICTURES=FOLDER deno task test tests/dashboard` keeps a picture
 * of each.
 */

import axe from "axe-core";
import { assert, assertEquals } from "@std/assert";
import { Browser, type Page, type Screen } from "../support/browser.ts";
import { isAbsent } from "../support/tools.ts";
import { Visitor } from "../support/visitor.ts";
import { FakeApi, SECRET } from "./fake_api.ts";
import { HOSTILE } from "./fake_broker.ts";

const PICTURES = Deno.env.get("DASHBOARD_PICTURES");

const DESKTOP = { width: 1440, height: 900, isPhone: false };
const PHONE = { width: 390, height: 844, isPhone: true };
const SCREENS: Readonly<Record<string, Screen>> = {
  "desktop light": { ...DESKTOP, isDark: false },
  "desktop dark": { ...DESKTOP, isDark: true },
  "phone light": { ...PHONE, isDark: false },
  "phone dark": { ...PHONE, isDark: true },
};

/** Where to go, and words that are there when it is all there. */
const VIEWS: Readonly<Record<string, readonly [hash: string, words: string]>> =
  {
    "overview": ["#/overview", "queue full"],
    "clients": ["#/clients", "1–100 of 10,000"],
    "client": ["#/clients/gateway-00007", "1,204"],
    "client that is not there": ["#/clients/nobody", "There is no session"],
    "client that is away": ["#/clients/away", "not connected"],
    "client with a name": [`#/clients/${encodeURIComponent(HOSTILE[0]!)}`, "–"],
    "topics": ["#/topics", "1–100 of 708"],
    "topic": ["#/topics/=status", "Retained message"],
    "topic that is not there": [
      "#/topics/=a",
      "No message is retained",
    ],
    "new topic": ["#/topics/+", "New message"],
    "live": ["#/live", "Press Start to see"],
    "store": ["#/store", "1–100 of 250"],
    "listeners": ["#/listeners", "expired"],
    "logs": ["#/logs", "client_id=gateway-119"],
  };

interface Found {
  readonly violations: readonly string[];
  /** By how much the page is wider than its window. */
  readonly excess: number;
  /** What a name has become, if it was more than text. */
  readonly strangers: number;
}

Deno.test({
  name: "each screen is readable, fits, and takes names for text",
  ignore: isAbsent("chromium"),
  async fn(test) {
    await using api = new FakeApi();
    await using browser = await Browser.start();
    const page = await browser.open("about:blank");
    const faults = await page.watchFaults();
    await page.navigate(api.url);
    const visitor = new Visitor(page);
    await visitor.see("Secret");
    await test.step("login", () => check(page, "login"));
    await visitor.fill("Secret", SECRET);
    await visitor.press("Log in");
    await visitor.see("Connected");
    for (const [name, [hash, words]] of Object.entries(VIEWS)) {
      await test.step(name, async () => {
        await page.setScreen(SCREENS["desktop light"]!);
        await visitor.go(hash);
        await visitor.see(words);
        await check(page, name);
      });
    }
    assertEquals(faults.filter((fault) => !isAsked(fault)), []);
  },
});

async function check(page: Page, name: string): Promise<void> {
  for (const [screen, size] of Object.entries(SCREENS)) {
    await page.setScreen(size);
    const found = await page.evaluate(look, axe.source);
    const none = { violations: [], excess: 0, strangers: 0 };
    assertEquals(found, none, `${name}, ${screen}`);
    if (PICTURES === undefined) continue;
    const file = `${name} ${screen}`.replaceAll(" ", "_");
    const picture = await page.screenshot();
    await Deno.writeFile(`${PICTURES}/${file}.png`, picture);
    assert(picture.length > 0);
  }
}

/** In the page: asks axe, and looks at its width and its elements. */
async function look(source: string): Promise<Found> {
  interface Axe {
    run(options: unknown): Promise<{
      violations: {
        id: string;
        nodes: { html: string; failureSummary: string }[];
      }[];
    }>;
  }
  const { document, axe, eval: run } = globalThis as unknown as {
    document: {
      documentElement: { scrollWidth: number; clientWidth: number };
      querySelectorAll(selector: string): { length: number };
    };
    axe?: Axe;
    eval(source: string): void;
  };
  if (axe === undefined) run(source);
  const levels = ["wcag2", "wcag21", "wcag22"];
  const runOnly = [
    ...levels.flatMap((level) => [`${level}a`, `${level}aa`]),
    "best-practice",
  ];
  const { violations } = await (globalThis as unknown as { axe: Axe }).axe
    .run({ resultTypes: ["violations"], runOnly });
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) =>
        `${id}: ${html} ${failureSummary}`
      )
    ),
    excess: scrollWidth - clientWidth,
    strangers:
      document.querySelectorAll("img, b b, script ~ script, body svg svg, td b")
        .length,
  };
}

/** The browser's own word for the one thing that is asked for and not there. */
function isAsked(fault: string): boolean {
  return /status of 404.*\/sessions\/nobody\)$/.test(fault);
}
