/** The page without a mouse: what has the focus, and where it goes. */

import { assertEquals } from "@std/assert";
import { Browser, type Page } from "../support/browser.ts";
import { isAbsent } from "../support/tools.ts";
import { Visitor } from "../support/visitor.ts";
import { FakeApi, SECRET } from "./fake_api.ts";

const DESKTOP = { width: 1440, height: 900, isDark: false, isPhone: false };

const MENU = [
  "Overview",
  "Clients",
  "Topics",
  "Live",
  "Store",
  "Listeners",
  "Logs",
];

Deno.test({
  name: "all is done with the keyboard alone",
  ignore: isAbsent("chromium"),
  async fn() {
    await using api = new FakeApi();
    await using browser = await Browser.start();
    const page = await browser.open("about:blank");
    await page.setScreen(DESKTOP);
    await page.navigate(`${api.url}#/store`);
    const visitor = new Visitor(page);
    await visitor.fill("Secret", SECRET);
    await page.press("Enter", "\r");
    await visitor.see("1–100 of 250");
    assertEquals(await focused(page), "Store");

    await page.navigate(`${api.url}?#/store`);
    await visitor.see("1–100 of 250");
    assertEquals(await tabbed(page, 1), ["Skip to the content"]);
    assertEquals(await tabbed(page, 7), MENU);
    const rest = ["Theme", "Log out", "Search by client", "Sessions"];
    assertEquals(await tabbed(page, 4), rest);
    const link = "<img src=x onerror=alert(1)>";
    const button = `Delete… the session of ${link}`;
    assertEquals(await tabbed(page, 2), [link, button]);

    // A question takes the focus, keeps it, and gives it back.
    await page.press("Enter", "\r");
    assertEquals(await focused(page), "Cancel");
    assertEquals(new Set(await tabbed(page, 6)), new Set(["Delete", "Cancel"]));
    await page.press("Escape");
    await visitor.miss("Delete this session?");
    assertEquals(await focused(page), button);
    assertEquals(api.changes, []);
  },
});

Deno.test({
  name: "what has the focus can be seen, and outlives an answer",
  ignore: isAbsent("chromium"),
  async fn() {
    await using api = new FakeApi();
    await using browser = await Browser.start();
    const page = await browser.open("about:blank");
    await page.setScreen(DESKTOP);
    await page.navigate(`${api.url}#/clients`);
    const visitor = new Visitor(page);
    await visitor.fill("Secret", SECRET);
    await visitor.press("Log in");
    await visitor.see("1–100 of 10,000");
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): { focus(): void } };
      };
      document.querySelector("td a[href$='00006']").focus();
    }, undefined);
    await page.press("Tab");
    assertEquals(await focused(page), "gateway-00007");
    assertEquals(await outlineOf(page), "2px solid");
    const before = api.questions.get("listClients")!;
    await api.asked("listClients", before + 1);
    await visitor.see("1–100 of 10,000");
    assertEquals(await focused(page), "gateway-00007");
  },
});

/** The names of what has the focus after each of so many tabs. */
async function tabbed(page: Page, times: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < times; i++) {
    await page.press("Tab");
    const name = await focused(page);
    // After the last one comes the browser's own frame.
    if (name !== "") names.push(name);
  }
  return names;
}

interface Focused {
  document: {
    activeElement: {
      tagName: string;
      textContent: string;
      labels?: { textContent: string }[];
      getAttribute(name: string): string | null;
    };
  };
  getComputedStyle(
    element: unknown,
  ): { outlineWidth: string; outlineStyle: string };
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = (globalThis as unknown as Focused).document;
    if (activeElement.tagName === "BODY") return "";
    return activeElement.getAttribute("aria-label") ??
      activeElement.labels?.[0]?.textContent ?? activeElement.textContent;
  }, undefined);
}

function outlineOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { document, getComputedStyle } = globalThis as unknown as Focused;
    const style = getComputedStyle(document.activeElement);
    return `${style.outlineWidth} ${style.outlineStyle}`;
  }, undefined);
}
